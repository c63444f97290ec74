"""Excel's workbooks, of both kinds: the first sheet."""

from __future__ import annotations

import base64
import lzma
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import ParseFailure
from aquifer_cluster.ingest import Header, Source, Wishes, guess

OLD = (
    "{Wp48S^xk9=GL@E0stWa8~^|S5YJf5;1&M@U|j%cGrk;#Fn3_|q=YI!3><bRg7T4u+=$92y5XR=#sm{*o6VTHX*Crpnc)M|#puk@"
    "^h-"
    "b4s3P%T*|5j%FV#XmrK5@>cY#$Aa2quG5BsCaW&p=w%`2#&kvK33jLRL19^cVN7!7pe@YpAhl_+DTtxO8)TRNPt)$jvGwZ=DKT9_"
    "0{g2$JZU%zO6<~VSw4G;M{w;st9r-w<b@Tc+k&|CN&3`S&;8D$H(R&1aqNjQmI@-"
    "42P{P%Ep1#_Jhez|mhmNk05fxUyT<Aa^KHc{Jf2CWFOTK0K!iTP`pUo&aY7%^q(R%a4y1tD!w7i(WFs%y%*SrEIEr4W(h=K%7;1Q"
    "HlZ)FQ(W>SU#LKS{Cc<<8Y7m9A^)X}YjYz!z>s_Zo4~Yr*42<03_p%X<A5)=scnbn}d*F0gi#ZlI?KOE@hoV<k+;dh@|%3}a9*Ok"
    "BYnr`nBT%O?X}_-y*qFQr;*uR`HC-*aAJEK^hqSNjsEFG%65Vx^z_&GBTUqszCRJRH*KgnY~fx*-"
    "UjO)u@MU+~#yMN*?~dT6++pu;Oxg|3fRmM=j1^N?ood?m*u1kxjA`9c2|o8oPG7Jri{D|Ll~fifFbn{O}<=NJgU)YBi0VI+>wC^("
    "L&8R>du3nkDmWD#hCwhujpiG=;^&7Do`wX1fWthPp_U1XO%1o>(ztl_k(&#5p$ji^EM0SIs*qFRra-"
    "<biQC1Yx_Ft5;i!VNT>wAuJp^+wX6J70gw7HT#p_=J&qfc$4@+@SS&ollJU>)2HcU|GElC}Fh^Z)acttUR6vZALz$00I02fGhw2z"
    "@m$YvBYQl0ssI200dcD"
)
"""A workbook of three columns and four rows as Excel 97 writes it, compressed."""

HEADER = ["n", "word", "flag", "day", "mixed"]
ROWS = [
    [1.5, "red", True, ("day", 43831), 7],
    [None, "blue", False, ("day", 43832.5), "x"],
    [-2, "red", None, None, None],
]


def test_cells_of_each_type(cloud: Cloud, parse_bytes: Any, xlsx: Any) -> None:
    frame, _ = parse_bytes(cloud, xlsx([HEADER, *ROWS * 50]))
    assert frame.names == tuple(HEADER)
    assert [column.wire_type for column in frame.columns] == ["real", "enum", "enum", "time", "enum"]
    domains = [column.domain for column in frame.columns]
    assert domains == [None, ("blue", "red"), ("False", "True"), None, ("7", "x")]
    n, word, flag, day, mixed = (values.tolist() for values in cloud.read(frame))
    assert [x if x == x else None for x in n[:3]] == [1.5, None, -2]
    assert (word[:3], flag[:3], mixed[:3]) == ([1, 0, 1], [1, 0, -1], [0, 1, -1])
    assert day[:3] == [1577836800000, 1577966400000, MISSING_TIME]


def test_without_a_header(embedded: Cloud, parse_bytes: Any, xlsx: Any) -> None:
    frame, _ = parse_bytes(embedded, xlsx(ROWS))
    assert (frame.names, frame.rows) == (("C1", "C2", "C3", "C4", "C5"), 3)


def test_a_header_can_be_denied(embedded: Cloud, parse_bytes: Any, xlsx: Any) -> None:
    frame, _ = parse_bytes(embedded, xlsx([HEADER, *ROWS]), header=Header.NONE)
    assert frame.rows == 4
    assert frame.columns[0].type is not ColumnType.NUMERIC


def test_several_workbooks(embedded: Cloud, parse_bytes: Any, xlsx: Any) -> None:
    frame, _ = parse_bytes(embedded, xlsx([HEADER, *ROWS]), xlsx([HEADER, *ROWS]))
    assert (frame.rows, frame.names) == (6, tuple(HEADER))


def test_the_old_kind(embedded: Cloud, parse_bytes: Any) -> None:
    frame, _ = parse_bytes(embedded, lzma.decompress(base64.b85decode(OLD)))
    assert frame.names == ("num", "word", "day")
    assert [column.wire_type for column in frame.columns] == ["real", "enum", "time"]
    num, word, day = (values.tolist() for values in embedded.read(frame))
    assert (num, word) == ([0, 0.5, 1, 1.5], [2, 1, 0, 2])
    assert day[:2] == [1577836800000, 1577923200000]


def test_both_are_told_by_content(embedded: Cloud, source_of: Callable[..., Source], xlsx: Any) -> None:
    contents = {"XLSX": xlsx(ROWS), "XLS": lzma.decompress(base64.b85decode(OLD))}
    for parse_type, content in contents.items():
        assert guess([source_of(content, "x.csv")], Wishes(), embedded).parse_type == parse_type


def test_what_unpacks_to_too_much_is_refused(embedded: Cloud, parse_bytes: Any, xlsx: Any) -> None:
    content = bytearray(xlsx(ROWS))
    for last in (content.rindex(b"PK\x01\x02"), content.index(b"PK\x01\x02")):
        content[last + 24 : last + 28] = (0xFFFF_FFFE).to_bytes(4, "little")  # what a member unpacks to
    with pytest.raises(ParseFailure, match="unpacks to"):
        parse_bytes(embedded, bytes(content))


def test_a_reader_that_dies_is_a_damaged_file(
    embedded: Cloud, parse_bytes: Any, monkeypatch: pytest.MonkeyPatch, xlsx: Any
) -> None:
    died = subprocess.CompletedProcess([], -6, b"", b"memory allocation of 8589934592 bytes failed\n")
    monkeypatch.setattr(subprocess, "run", lambda *_arguments, **_options: died)
    with pytest.raises(ParseFailure, match="memory allocation of 8589934592 bytes failed"):
        parse_bytes(embedded, xlsx(ROWS))
