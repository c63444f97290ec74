"""Whatever a file holds: a frame, or an error that names the file; and nothing is left behind."""

from __future__ import annotations

import bz2
import gc
import gzip
import io
import json
import lzma
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from aquifer_cluster import errors
from aquifer_cluster.ingest.compression import COMPRESSIONS
from aquifer_cluster.ingest.readers import READERS
from hypothesis import given
from hypothesis import strategies as some
from pyarrow import feather, orc, parquet

DESTINATION = "made"
ECHOED = (
    *("parse_type", "separator", "check_header", "number_columns", "chunk_size", "column_types"),
    *("column_names", "na_strings", "skipped_columns", "single_quotes", "escapechar"),
)
TABLE = pa.table({"n": [1.5, None, -2.0], "i": [1, 2, 3], "s": ["a", "b", None], "d": ["x", "x", "y"]})
CSV = b'id,when,"na,me",n\n1,2020-01-31,"x ""y""\nz",1.5\n2,2020-02-29,b,NA\n3,,c,-2e3\n' * 3
SHEET = """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row><c t="inlineStr"><is><t>n</t></is></c></row><row><c><v>1.5</v></c></row></sheetData></worksheet>"""
WORKBOOK = """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="one" sheetId="1" r:id="r1"/></sheets></workbook>"""
RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
Target="worksheets/sheet1.xml"/></Relationships>"""


def by_sink(write: Callable[[io.BytesIO], Any]) -> bytes:
    sink = io.BytesIO()
    write(sink)
    return sink.getvalue()


def stream_of(sink: io.BytesIO) -> None:
    with pa.ipc.new_stream(sink, TABLE.schema) as writer:
        writer.write_table(TABLE)


def avro_of(sink: io.BytesIO) -> None:
    fields = [{"name": "n", "type": ["null", "double"]}, {"name": "s", "type": ["null", "string"]}]
    rows = [{"n": 1.5, "s": "a"}, {"n": None, "s": None}] * 5
    fastavro.writer(sink, fastavro.parse_schema({"type": "record", "name": "Row", "fields": fields}), rows)


def zipped(members: dict[str, bytes | str]) -> bytes:
    def write(sink: io.BytesIO) -> None:
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    return by_sink(write)


def by_arrow(codec: str) -> Callable[[bytes], bytes]:
    def pack(content: bytes) -> bytes:
        written = pa.BufferOutputStream()
        with pa.CompressedOutputStream(written, codec) as out:
            out.write(content)
        return bytes(written.getvalue())

    return pack


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zip": lambda content: zipped({"data.csv": content}),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": by_arrow("zstd"),
    "lz4": by_arrow("lz4"),
}
WHOLE: dict[str, bytes] = {
    "CSV": CSV,
    "PARQUET": by_sink(lambda sink: parquet.write_table(TABLE, sink)),
    "ARROW": by_sink(lambda sink: feather.write_feather(TABLE, sink)),
    "ARROW stream": by_sink(stream_of),
    "ORC": by_sink(lambda sink: orc.write_table(TABLE, sink)),
    "AVRO": by_sink(avro_of),
    "XLSX": zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": RELATIONS.replace("worksheets/sheet1", "xl/workbook").replace(
                "/worksheet", "/officeDocument"
            ),
            "xl/workbook.xml": WORKBOOK,
            "xl/_rels/workbook.xml.rels": RELATIONS,
            "xl/worksheets/sheet1.xml": SHEET,
        }
    ),
    "XLS": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1016),  # the beginning of one: a whole one is too large
    "ARFF": b"@relation r\n@attribute a numeric\n@attribute c {x,y}\n@attribute 's t' string\n@data\n"
    + b"1.5,x,'a b'\n?,y,?\n" * 4,
    "SVMLight": b"1 1:2 3:4\n-1 qid:3 2:1.5 # note\n" * 6,
} | {name: pack(CSV) for name, pack in PACK.items()}
"""A good file of each format, and one packed in each way."""

SLOW = ("ORC", "XLSX", "XLS")
"""Formats that have a process of their own look at every file."""

ODD = (b"\0", b'"', b"'", b"\n", b"\r", b"\r\n", b",", b"\t", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"#")
NAMES = ("f.csv", "f.parquet", "f.xlsx", "f.arff", "f.csv.gz", "f.zip", "f", "f.svm", "f.txt", "ä b.csv")


@some.composite
def mangled(draw: some.DrawFn, whole: bytes) -> bytes:
    """A file with bytes changed, put in, repeated or lost."""
    content = bytearray(whole)
    for _ in range(draw(some.integers(0, 4))):
        place = draw(some.integers(0, len(content)))
        match draw(some.sampled_from(("change", "insert", "repeat", "lose", "cut"))):
            case "change":
                content[place : place + 1] = bytes([draw(some.integers(0, 255))])
            case "insert":
                content[place:place] = draw(some.sampled_from(ODD)) * draw(
                    some.sampled_from((1, 2, 50, 5000))
                )
            case "repeat":
                content[place:place] = content[place : place + 40] * draw(some.sampled_from((1, 3, 200)))
            case "lose":
                del content[place : place + draw(some.integers(1, 40))]
            case "cut":
                del content[place:]
    return bytes(content)


@some.composite
def wishes(draw: some.DrawFn) -> dict[str, str]:
    """What a request says of the file, right or wrong; mostly nothing."""
    if draw(some.booleans()):
        return {}
    said = {
        "parse_type": some.sampled_from(["GUESS", *(reader.parse_type for reader in READERS)]),
        "separator": some.sampled_from(["44", "59", "9", "34", "10", "92", "-1", "0", "256", "1114112"]),
        "check_header": some.sampled_from(["-1", "0", "1"]),
        "single_quotes": some.sampled_from(["true", "false"]),
        "escapechar": some.sampled_from(["92", "34", "0", "44", "-5", "99999999"]),
        "column_types": some.sampled_from(['["Numeric"]', '["Time","Enum","UUID","String"]', '["x"]', "[]"]),
        "column_names": some.sampled_from(['["a","a"]', '["a","b","c","d"]', '["",""]']),
        "na_strings": some.sampled_from(["[[],[]]", '[["1"],["x"],[],[""]]', '["x"]']),
        "skipped_columns": some.sampled_from(["[0]", "[-1]", "[0,1,2,3]", "[99]"]),
        "custom_non_data_line_markers": some.sampled_from(["", "#", '"', "1", "\n"]),
        "partition_by": some.sampled_from(['["x"]']),
    }
    names = draw(some.lists(some.sampled_from(sorted(said)), max_size=3, unique=True))
    return {name: draw(said[name]) for name in names}


class Imports:
    """Files on their way into a server."""

    def __init__(self, rest: Any, coordinator: Any) -> None:
        self.rest = rest
        self._coordinator = coordinator

    def check(self, content: bytes, name: str, wishes: dict[str, str]) -> str:
        """Import a file, which becomes a frame or is refused by name: what happened. Nothing is left."""
        self.rest.request("POST", "/3/PostFile", params={"destination_frame": name}, content=content)
        said = self._import(json.dumps([name], ensure_ascii=False), wishes)
        assert said == "DONE" or name in said or any(f"{wish}:" in said for wish in wishes), said
        self.rest.delete("/3/DKV")
        assert self._coordinator.store.keys() == []
        assert list(self._coordinator.spool.iterdir()) == []
        assert not any(status.workspaces for status in self._coordinator.cloud.statuses())
        return said

    def _import(self, sources: str, wishes: dict[str, str]) -> str:
        response = self._post("/3/ParseSetup", source_frames=sources, **wishes)
        if "msg" in response:
            return str(response["msg"])
        form = {name: response[name] for name in ECHOED if response[name] is not None} | wishes
        texts = {
            name: json.dumps(value) if isinstance(value, list) else value for name, value in form.items()
        }
        response = self._post(
            "/3/Parse", source_frames=sources, destination_frame=DESTINATION, blocking="true", **texts
        )
        if "msg" in response:
            return str(response["msg"])
        (job,) = self.rest.get(f"/3/Jobs/{response['job']['key']['name']}")["jobs"]
        if job["status"] == "DONE":
            self._look()
            return "DONE"
        assert job["status"] == "FAILED"
        kind = str(job["stacktrace"]).strip().splitlines()[-1].partition(":")[0]
        assert issubclass(getattr(errors, kind.rpartition(".")[2], Exception), errors.AquiferError), job
        assert self._coordinator.store.keys() == [], "a failed parse left something"
        return str(job["exception"])

    def _post(self, path: str, **form: Any) -> Any:
        response = self.rest.request("POST", path, data=form)
        assert response.status_code == 200 or 400 <= response.status_code < 500, response.text
        return response.json()

    def _look(self) -> None:
        (frame,) = self.rest.get(f"/3/Frames/{DESTINATION}", row_count=10)["frames"]
        assert len(frame["columns"]) == frame["num_columns"]
        assert self.rest.request("GET", f"/3/DownloadDataset?frame_id={DESTINATION}").status_code == 200


@pytest.fixture
def imports(rest: Any, coordinator: Any) -> Iterator[Imports]:
    """Imports after which the nodes hold, soon, no more than before: other tests may have left columns."""
    before = held(coordinator.cloud)
    yield Imports(rest, coordinator)
    gc.collect()
    until = time.monotonic() + 10
    while held(coordinator.cloud) > before and time.monotonic() < until:
        time.sleep(0.02)
    assert held(coordinator.cloud) <= before


def held(cloud: Any) -> int:
    """The bytes of columns on the nodes."""
    return sum(status.chunk_bytes for status in cloud.statuses())


def test_every_format_and_compression_is_mangled() -> None:
    assert {name.split()[0] for name in WHOLE} == {
        *(reader.parse_type for reader in READERS),
        *(compression.name for compression in COMPRESSIONS),
    }


@pytest.mark.fuzz
@pytest.mark.parametrize("format", WHOLE)
def test_a_mangled_file_becomes_a_frame_or_is_refused_by_name(
    imports: Imports, format: str, fuzzed: Callable[[int], Any]
) -> None:
    assert format == "XLS" or imports.check(WHOLE[format], "whole.dat", {}) == "DONE"

    @fuzzed(2 if format in SLOW else 8)
    @given(mangled(WHOLE[format]), some.sampled_from(NAMES), wishes())
    def any_file(content: bytes, name: str, wishes: dict[str, str]) -> None:
        imports.check(content, name, wishes)

    any_file()


FOUND: dict[str, tuple[bytes, dict[str, str]]] = {
    "no character": (b"a,b\n1,2\n", {"escapechar": "99999999"}),
    "no separator": (b"a,b\n1,2\n", {"separator": "1114112"}),
    "names twice, ARFF": (b"@relation r\n@attribute a numeric\n@attribute a numeric\n@data\n1,2\n", {}),
    "empty": (b"", {}),
    "line ends only": (b"\r\n\r\n", {}),
    "a byte order mark only": (b"\xef\xbb\xbf", {}),
    "a header only": (b"a,b,c\n", {"check_header": "1"}),
    "quotes only": (b'"' * 1001, {}),
    "deep quotes": (b'a,b\n"' + b'""' * 50_000 + b'x",1\n', {}),
    "no text": (bytes(1000), {}),
    "no UTF-8": (b"a,b\n" + bytes(range(128, 256)) * 40 + b",1\n", {}),
    "ten million columns": (b"x," * 10_000_000 + b"\n", {}),
    "a packed line without an end": (gzip.compress(b"1" * (40 << 20), 1), {}),
    "packed twice": (gzip.compress(gzip.compress(CSV)), {}),
    "packed, and cut off": (gzip.compress(CSV)[:-9], {}),
    "zeros, packed": (gzip.compress(bytes(40 << 20), 1), {}),
}
"""What is odd or has been answered wrongly: the bytes, and what the request says of them."""


@pytest.mark.parametrize("name", FOUND)
def test_odd_files(imports: Imports, name: str) -> None:
    content, wishes = FOUND[name]
    imports.check(content, "odd.dat", wishes)
