"""Damaged files of every format: a frame or a plain error that names the file, and nothing left behind."""

from __future__ import annotations

import gc
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.ingest import ParseSetup, Source, Wishes, guess
from aquifer_cluster.ingest.readers import READERS, orc, reader_of, recognise
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FORMATS = ("PARQUET", "ARROW", "ARROW stream", "ORC", "AVRO", "ARFF", "SVMLight", "XLSX")
SLOW = ("ORC", "XLSX")
"""Formats that have a process of their own look at every file."""

TABLE = pa.table(
    {
        "n": pa.array([None if i % 5 == 0 else i for i in range(60)]),
        "s": pa.array([f"text {i % 9}" for i in range(60)]),
        "d": pa.array([f"text {i % 9}" for i in range(60)]),
        "b": [b"x"] * 60,
    }
)
ARFF = "@relation r\n@attribute a numeric\n@attribute c {x,y}\n@data\n" + "1.5,x\n2,y\n" * 30
SVMLIGHT = "1 1:2 3:4\n-1 2:1.5\n" * 30


@pytest.fixture
def contents(written: Any, xlsx: Any) -> dict[str, bytes]:
    """A good file of each format."""
    table = {format: write(TABLE) for format, write in written.items()}
    return table | {
        "ARFF": ARFF.encode(),
        "SVMLight": SVMLIGHT.encode(),
        "XLSX": xlsx([["n", "w"], [1.5, "x"]]),
    }


def read(source: Source, parse_type: str) -> None:
    """Read a source as an import does, without a cloud."""
    setup = guess([source], Wishes(parse_type=parse_type))
    reader = reader_of(setup.parse_type)
    reader.volume(source)
    for block, _ in reader.blocks(source, setup, 1 << 10):
        reader.parse(block, setup)


def assert_plain(source: Source, parse_type: str) -> None:
    """Whatever is wrong with a source is said with its name."""
    try:
        read(source, parse_type)
        said = source.name
    except ParseFailure as failure:
        said = str(failure)
    assert source.name in said


def test_every_format_is_damaged_here() -> None:
    kinds = {format.split()[0] for format in FORMATS}
    assert kinds == {reader.parse_type for reader in READERS} - {"CSV", "XLS"}  # which have their own tests


@pytest.mark.parametrize("format", FORMATS)
def test_bytes_that_are_lost_or_changed(
    format: str, contents: dict[str, bytes], source_of: Callable[..., Source]
) -> None:
    whole = contents[format]

    @settings(
        max_examples=4 if format in SLOW else 25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        damaged = bytearray(whole)
        for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
            damaged[place] = data.draw(st.integers(0, 255))
        end = data.draw(st.integers(0, len(whole)) | st.just(len(whole)))
        source = source_of(bytes(damaged[:end]), "damaged.dat")
        with suppress(InvalidArgument):  # what the bytes say now may be nested
            assert_plain(source, format.split()[0])

    check()


@pytest.mark.parametrize("format", [format for format in FORMATS if format not in ("ARFF", "SVMLight")])
def test_a_file_that_was_cut_off_is_named(
    embedded: Cloud, parse_bytes: Any, contents: dict[str, bytes], format: str
) -> None:
    content = contents[format]
    with pytest.raises(ParseFailure, match="file-0"):
        parse_bytes(embedded, content[: len(content) * 2 // 3])


def test_nothing_is_left_of_a_frame_whose_last_file_is_damaged(
    cloud: Cloud,
    written: Any,
    source_of: Callable[..., Source],
    parse_with: Callable[[Cloud, ParseSetup], Any],
) -> None:
    gc.collect()
    before = cloud.used_bytes
    content = written["PARQUET"](TABLE)
    good, bad = source_of(content, "good.parquet"), source_of(content[:-9], "bad.parquet")
    setup = guess([good, bad], Wishes(), cloud)
    with pytest.raises(ParseFailure, match=r"bad\.parquet"):
        parse_with(cloud, setup)
    gc.collect()
    assert cloud.used_bytes <= before


def test_another_format_than_was_said_is_a_plain_error(
    source_of: Callable[..., Source], written: Any
) -> None:
    source = source_of(b"a,b\n1,2\n", "x.csv")
    for reader in READERS:
        if reader.parse_type not in ("CSV", "SVMLight"):
            with pytest.raises(ParseFailure, match=r"x\.csv"):
                reader.guess([source], Wishes())
    assert recognise(source).parse_type == "CSV"


def test_a_schema_that_ends_arrow_is_a_plain_error(
    monkeypatch: pytest.MonkeyPatch, source_of: Callable[..., Source], written: Any
) -> None:
    died = subprocess.CompletedProcess([], -6, b"", b"Bad status: Decimal precision out of range\n")
    monkeypatch.setattr(subprocess, "run", lambda *_arguments, **_options: died)
    orc._check_schema.cache_clear()
    with pytest.raises(ParseFailure, match="precision out of range"):
        read(source_of(written["ORC"](TABLE)), "ORC")


def test_indices_beyond_a_dictionary_are_refused(source_of: Callable[..., Source]) -> None:
    indices = pa.array([0, 7], pa.int8())
    values = pa.DictionaryArray.from_arrays(indices, pa.array(["a"]), safe=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema([("x", values.type)])) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays([values], names=["x"]))
    with pytest.raises(ParseFailure, match="out of bounds"):
        read(source_of(sink.getvalue().to_pybytes()), "ARROW")
