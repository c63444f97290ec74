"""ARFF: names, types and missing values as the header says."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import AquiferError, ParseFailure

HEADER = """% a comment

@RELATION plants
@attribute 'petal len'\tREAL
@ATTRIBUTE n   integer
@ATTRIBUTE kind {zeta, 'alpha one', never}
@ATTRIBUTE seen DATE "yyyy-MM-dd"
@ATTRIBUTE id uuid
@ATTRIBUTE note string
@DATA
"""
ROWS = """1.4,1,zeta,2020-01-02,00000000-0000-0001-56a9-5319d63e15a4,'hello, you'
% another
?,2,'alpha one',?,?,there

1.5,?,?,2020-01-03,?,?
"""


def parsed(cloud: Cloud, parse_bytes: Any, *texts: str, **wishes: Any) -> tuple[Any, Any, list[list[Any]]]:
    frame, job = parse_bytes(cloud, *(text.encode() for text in texts), **wishes)
    return frame, job, [values.tolist() for values in cloud.read(frame)]


def test_header_and_rows(cloud: Cloud, parse_bytes: Any) -> None:
    frame, job, values = parsed(cloud, parse_bytes, HEADER + ROWS)
    assert frame.names == ("petal len", "n", "kind", "seen", "id", "note")
    numeric, enum = ColumnType.NUMERIC, ColumnType.ENUM
    types = [numeric, numeric, enum, ColumnType.TIME, ColumnType.UUID, ColumnType.STRING]
    assert [column.type for column in frame.columns] == types
    assert frame.columns[2].domain == ("alpha one", "zeta")
    assert [x if x == x else None for x in values[0]] == [1.4, None, 1.5]
    assert values[2] == [1, 0, -1]
    assert values[3] == [1577923200000, MISSING_TIME, 1578009600000]
    assert values[4] == ["00000000-0000-0001-56A9-5319D63E15A4", None, None]
    assert values[5] == ["hello, you", "there", None]
    assert not job.warnings


def test_compressed_with_windows_line_ends(embedded: Cloud, parse_bytes: Any) -> None:
    content = gzip.compress((HEADER + ROWS).replace("\n", "\r\n").encode())
    frame, _ = parse_bytes(embedded, content)
    assert (frame.rows, len(frame.names)) == (3, 6)


def test_a_broken_row_is_named_by_its_line(embedded: Cloud, parse_bytes: Any) -> None:
    text = "@relation r\n@attribute a numeric\n@attribute b string\n@data\n1,x\n% two\nword,y\n"
    _, job, _ = parsed(embedded, parse_bytes, text)
    assert "line 7, column a: 'word' is not" in job.warnings[0]


def test_types_can_be_wished(embedded: Cloud, parse_bytes: Any) -> None:
    text = "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@data\n1,x\n2,y\n"
    frame, _, values = parsed(
        embedded,
        parse_bytes,
        text,
        column_types=(ColumnType.ENUM, ColumnType.STRING),
        column_names=("p", "q"),
    )
    assert (frame.names, frame.columns[0].domain) == (("p", "q"), ("1", "2"))
    assert values[1] == ["x", "y"]


def test_several_files(embedded: Cloud, parse_bytes: Any) -> None:
    _, _, values = parsed(embedded, parse_bytes, HEADER + ROWS, HEADER + ROWS)
    assert len(values[0]) == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@relation r\n@attribute a numeric\n1\n", "header.*no line @DATA"),
        ("@relation r\n@data\n1\n", "header.*no @ATTRIBUTE"),
        ("@relation r\n@attribute a\n@data\n1\n", "line 2.*a name and a type"),
        ("@relation r\n@attribute a relational\n@data\n1\n", "line 2.*'relational' is not"),
        ("@relation r\n@attribute a numeric\n@data\n{0 1}\n", "line 4.*sparse"),
        (HEADER.replace("note", "other") + ROWS, None),
    ],
)
def test_what_cannot_be_read_is_named(embedded: Cloud, parse_bytes: Any, text: str, said: str | None) -> None:
    if said is None:
        with pytest.raises(ParseFailure, match=r"file-1\.dat.*'other' is 'note' in"):
            parsed(embedded, parse_bytes, HEADER + ROWS, text)
        return
    with pytest.raises(AquiferError, match=said):
        parsed(embedded, parse_bytes, text)
