"""Formats of typed columns: every format with every type, on one node and on three."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import READERS, Access, Source, Wishes, find_sources, guess
from aquifer_cluster.ingest.readers.arrow_types import KINDS, kind_of
from aquifer_cluster.ingest.writing import read_ahead

ROWS = 200
FORMATS = ("PARQUET", "ARROW", "ARROW stream", "ORC", "AVRO")
TEXT_IS_STRING = ("AVRO",)
"""Formats whose text is never an enum, as H2O has it."""

NUMBER, ENUM, TIME = ColumnType.NUMERIC, ColumnType.ENUM, ColumnType.TIME
STRING, UUID = ColumnType.STRING, ColumnType.UUID
NOON = dt.datetime(2020, 2, 29, 12, 30, 15, 123_456)


class Case(NamedTuple):
    """A column: its value in row i, its Arrow type, what it is read as, the formats without that type."""

    value: Callable[[int], Any]
    arrow: pa.DataType
    type: ColumnType
    without: tuple[str, ...] = ()
    shown: Callable[[Any], Any] = float


def milliseconds(moment: dt.datetime | dt.date) -> int:
    stamp = pd.Timestamp(moment)
    return int((stamp.tz_convert(None) if stamp.tz else stamp).as_unit("ns").value // 1_000_000)


def clock(time: dt.time) -> float:
    return (time.hour * 3600 + time.minute * 60 + time.second) * 1000 + time.microsecond / 1000


CASES: dict[str, Case] = {
    "int8": Case(lambda i: i % 50 - 25, pa.int8(), NUMBER, ("AVRO",)),
    "int16": Case(lambda i: 300 * (i % 50), pa.int16(), NUMBER, ("AVRO",)),
    "int32": Case(lambda i: 100_000 * i, pa.int32(), NUMBER),
    "int64": Case(lambda i: 10**12 * i, pa.int64(), NUMBER),
    "int64 beyond float64": Case(lambda i: 2**60 + i, pa.int64(), NUMBER, shown=int),
    "uint8": Case(lambda i: i, pa.uint8(), NUMBER, ("ORC", "AVRO")),
    "uint32": Case(lambda i: 2**32 - 1 - i, pa.uint32(), NUMBER, ("ORC", "AVRO")),
    "uint64": Case(lambda i: 2**64 - 1 - i, pa.uint64(), NUMBER, ("ORC", "AVRO")),
    "float16": Case(lambda i: i / 8, pa.float16(), NUMBER, ("ORC", "AVRO")),
    "float32": Case(lambda i: i / 8, pa.float32(), NUMBER),
    "float64": Case(lambda i: i / 7, pa.float64(), NUMBER),
    "decimal": Case(lambda i: Decimal(f"{i}.25"), pa.decimal128(12, 2), NUMBER),
    "decimal without fraction": Case(lambda i: Decimal(2**60 + i), pa.decimal128(30, 0), NUMBER, shown=int),
    "boolean": Case(lambda i: i % 3 == 0, pa.bool_(), ENUM, ("AVRO",), str),
    "category": Case(lambda i: ("red", "green", "blue")[i % 3], pa.string(), ENUM, shown=str),
    "digits": Case(lambda i: str(i % 5), pa.string(), ENUM, shown=str),
    "text": Case(lambda i: f"text {i} ü", pa.string(), STRING, shown=str),
    "large text": Case(lambda i: f"text {i}", pa.large_string(), STRING, ("ORC", "AVRO"), str),
    "dictionary": Case(
        lambda i: f"level {i}", pa.dictionary(pa.int16(), pa.string()), ENUM, ("ORC", "AVRO"), str
    ),
    "dictionary of numbers": Case(
        lambda i: i % 4, pa.dictionary(pa.int8(), pa.int64()), NUMBER, ("PARQUET", "ORC", "AVRO")
    ),
    "bytes": Case(lambda i: b"ab%d" % (i % 4), pa.binary(), ENUM, shown=bytes.decode),
    "Latin-1": Case(
        lambda i: "größe".encode("latin-1"), pa.binary(), ENUM, shown=lambda raw: raw.decode("latin-1")
    ),
    "text of dates": Case(lambda i: f"2020-01-{i % 28 + 1:02}", pa.string(), TIME, shown=milliseconds),
    "text of uuids": Case(lambda i: str(uuid.UUID(int=i << 60)), pa.string(), UUID, shown=str.upper),
    "uuid": Case(
        lambda i: uuid.UUID(int=i << 60).bytes,
        pa.uuid(),
        UUID,
        ("ORC", "AVRO"),
        lambda raw: str(uuid.UUID(bytes=raw)).upper(),
    ),
    "seconds": Case(lambda i: NOON.replace(second=i % 60), pa.timestamp("s"), TIME, ("AVRO",), None),
    "microseconds": Case(
        lambda i: NOON - dt.timedelta(days=400 * i), pa.timestamp("us"), TIME, shown=milliseconds
    ),
    "nanoseconds": Case(
        lambda i: NOON - dt.timedelta(days=i), pa.timestamp("ns"), TIME, ("AVRO",), milliseconds
    ),
    "with a zone": Case(
        lambda i: (NOON + dt.timedelta(seconds=i)).replace(tzinfo=dt.UTC),
        pa.timestamp("ms", "America/New_York"),
        TIME,
        ("AVRO",),
        milliseconds,
    ),
    "in UTC": Case(
        lambda i: (NOON + dt.timedelta(seconds=i)).replace(tzinfo=dt.UTC),
        pa.timestamp("ms", "UTC"),
        TIME,
        shown=milliseconds,
    ),
    "date": Case(lambda i: dt.date(1950 + i % 100, 1, 2), pa.date32(), TIME, shown=milliseconds),
    "time of day": Case(lambda i: dt.time(1, 2, i % 60, 500_000), pa.time32("ms"), NUMBER, ("ORC",), clock),
    "fine time of day": Case(
        lambda i: dt.time(1, 2, i % 60, 500_250), pa.time64("us"), NUMBER, ("ORC", "AVRO"), clock
    ),
    "duration": Case(
        lambda i: dt.timedelta(seconds=i),
        pa.duration("us"),
        NUMBER,
        ("ORC", "AVRO"),
        lambda span: span.total_seconds() * 1000,
    ),
    "nothing": Case(lambda i: None, pa.null(), STRING, ("ORC", "AVRO")),
    "no text": Case(lambda i: None, pa.string(), STRING),
}
CASES["seconds"] = CASES["seconds"]._replace(shown=lambda moment: milliseconds(moment.replace(microsecond=0)))


def table_of(format: str) -> tuple[pa.Table, dict[str, list[Any]]]:
    """All columns that a format has; and what is to be read of them. Every seventh value is missing."""
    columns, expected = {}, {}
    for name, case in CASES.items():
        if format not in case.without:
            values = [None if i % 7 == 3 else case.value(i) for i in range(ROWS)]
            columns[name] = _array(values, case.arrow)
            expected[name] = [None if value is None else case.shown(value) for value in values]
    return pa.table(columns), expected


def _array(values: list[Any], type: pa.DataType) -> pa.Array:
    if type == pa.uuid():
        return pa.ExtensionArray.from_storage(type, pa.array(values, pa.binary(16)))
    if type == pa.float16():
        values = [None if value is None else np.float16(value) for value in values]
    if type == pa.timestamp("s"):
        values = [value and value.replace(microsecond=0) for value in values]
    return pa.array(values, type)


def cells(cloud: Cloud, frame: Frame) -> dict[str, list[Any]]:
    """What is in each column: levels instead of codes, None for missing."""
    found = {}
    for name, column, values in zip(frame.names, frame.columns, cloud.read(frame), strict=True):
        domain = column.domain
        if domain is not None:
            found[name] = [domain[code] if code >= 0 else None for code in values.tolist()]
        else:
            found[name] = [None if x != x or x == MISSING_TIME else x for x in values.tolist()]
    return found


@pytest.mark.parametrize("format", FORMATS)
def test_every_type_is_read_as_it_is(cloud: Cloud, parse_bytes: Any, written: Any, format: str) -> None:
    table, expected = table_of(format)
    frame, job = parse_bytes(cloud, written[format](table))
    assert frame.names == tuple(table.column_names)
    types = {name: CASES[name].type for name in expected}
    if format in TEXT_IS_STRING:
        texts = {name for name in types if CASES[name].arrow in (pa.string(), pa.binary())}
        types |= dict.fromkeys(texts, STRING)
        expected["text of dates"] = table["text of dates"].to_pylist()
        expected["text of uuids"] = table["text of uuids"].to_pylist()
    assert {name: column.type for name, column in zip(frame.names, frame.columns, strict=True)} == types
    found = cells(cloud, frame)
    for name in expected:
        assert found[name] == expected[name], name
    assert not job.warnings
    assert frame.layout.blocks > 3 or cloud.size == 1


def test_the_table_of_cases_has_every_kind_of_column() -> None:
    assert {id(kind_of(case.arrow)) for case in CASES.values()} >= {id(kind) for kind in KINDS}


def test_domains_are_sorted_and_hold_what_occurs(embedded: Cloud, parse_bytes: Any, written: Any) -> None:
    category = pd.Categorical(["b", "a", "b"], categories=["z", "b", "a"])
    frame, _ = parse_bytes(embedded, written["PARQUET"](pa.table({"x": pa.array(category)})))
    assert frame.columns[0].domain == ("a", "b")


@pytest.mark.parametrize("format", FORMATS)
def test_no_rows(embedded: Cloud, parse_bytes: Any, written: Any, format: str) -> None:
    empty = pa.table({"n": pa.array([], pa.int64()), "s": pa.array([], pa.string())})
    frame, _ = parse_bytes(embedded, written[format](empty))
    assert (frame.rows, frame.names) == (0, ("n", "s"))
    assert [column.type for column in frame.columns] == [NUMBER, STRING]


def test_wishes_are_granted(embedded: Cloud, parse_bytes: Any, written: Any) -> None:
    table = pa.table({"a": [1, 2], "b": ["3", "x"], "c": [dt.date(2020, 1, 1)] * 2, "d": [True, False]})
    frame, job = parse_bytes(
        embedded,
        written["PARQUET"](table),
        column_names=("one", "two", "three", "four"),
        column_types=(ENUM, NUMBER, STRING, NUMBER),
        skipped_columns=(2,),
        na_strings=((), ("3",), (), ()),
    )
    assert cells(embedded, frame) == {"one": ["1", "2"], "two": [None, None], "four": [1.0, 0.0]}
    assert "row 2, column two: 'x' is not numeric" in job.warnings[0]


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (
            {"column_types": (TIME, STRING)},
            "'n' is int64: it can be read as numeric, enum, string, not as time",
        ),
        ({"column_types": (NUMBER,)}, "1 entries, but the file has 2 columns"),
        ({"column_names": ("a", "b", "c")}, "3 entries, but the file has 2 columns"),
        ({"skipped_columns": (1, 2)}, "2 is none of the 2 columns"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(
    embedded: Cloud, parse_bytes: Any, written: Any, wishes: dict[str, Any], said: str
) -> None:
    table = pa.table({"n": [1, 2], "l": [[1], [2]]})
    with pytest.raises(InvalidArgument, match=said):
        parse_bytes(embedded, written["PARQUET"](table), **wishes)


def test_nested_columns_are_left_out_with_a_warning(
    embedded: Cloud, source_of: Callable[..., Source], parse_with: Any, written: Any
) -> None:
    table = pa.table({"l": [[1], [2]], "n": [1, 2], "s": [{"a": 1}, {"a": 2}], "m": [[1], [2]]})
    source = source_of(written["PARQUET"](table))
    setup = guess([source], Wishes(skipped_columns=(3,)), embedded)
    assert setup.skipped_columns == (0, 2, 3)
    assert [warning.split()[1] for warning in setup.warnings] == ["'l'", "'s'"]
    assert cells(embedded, parse_with(embedded, setup)[0]) == {"n": [1, 2]}
    with pytest.raises(InvalidArgument, match=r"'l' is list<.*skipped_columns=\[0, 2, 3\]"):
        parse_with(embedded, replace(setup, skipped_columns=()))


def test_nested_columns_only_are_refused(embedded: Cloud, parse_bytes: Any, written: Any) -> None:
    with pytest.raises(ParseFailure, match="no column has single values"):
        parse_bytes(embedded, written["PARQUET"](pa.table({"l": [[1], [2]]})))


def test_columns_of_several_files_are_matched_by_name(cloud: Cloud, parse_bytes: Any, written: Any) -> None:
    first = pa.table({"a": pa.array([1, 2], pa.int32()), "b": ["x", "y"]})
    second = pa.table({"b": ["z"], "a": [0.5]})
    frame, _ = parse_bytes(
        cloud, written["PARQUET"](first), written["PARQUET"](second), column_types=(NUMBER, ENUM)
    )
    assert cells(cloud, frame) == {"a": [1, 2, 0.5], "b": ["x", "y", "z"]}


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"a": [1]}, "column 'b' of .* is missing"),
        ({"a": [1], "b": ["x"], "c": [1]}, "column 'c' is not in"),
        ({"a": [[1]], "b": ["x"]}, "column 'a' is list<.*cannot be read as numeric; in .* it is int64"),
        ({"a": [dt.time(1)], "b": [1]}, None),
    ],
)
def test_files_of_other_columns_are_named(
    embedded: Cloud, parse_bytes: Any, written: Any, second: dict[str, Any], said: str | None
) -> None:
    contents = [written["PARQUET"](pa.table(columns)) for columns in ({"a": [1], "b": ["x"]}, second)]
    if said is None:
        assert parse_bytes(embedded, *contents)[0].rows == 2
        return
    with pytest.raises(ParseFailure, match=f"file-1.dat.*{said}"):
        parse_bytes(embedded, *contents)


def test_large_batches_become_blocks_that_are_dealt_out(cloud: Cloud, parse_bytes: Any, written: Any) -> None:
    numbers = np.arange(150_000) / 4
    table = pa.table({"x": numbers, "e": np.array(["a", "b", "c"])[np.arange(150_000) % 3]})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)  # one batch
    for content in (sink.getvalue().to_pybytes(), written["PARQUET"](table)):
        frame, _ = parse_bytes(cloud, content)
        x, e = cloud.read(frame)
        np.testing.assert_array_equal(x, numbers)
        np.testing.assert_array_equal(e, np.arange(150_000) % 3)
        shares = [frame.layout.rows_of(node) for node in range(cloud.size)]
        assert max(shares) - min(shares) <= 0.2 * frame.rows / cloud.size
        assert max(frame.layout.block_rows) <= 65_536


def test_every_node_reads_its_share_of_the_row_groups_of_a_file(
    cloud: Cloud, parse_bytes: Any, written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups_read: dict[int, set[int]] = {}
    call = cloud.call

    def noted(node: int, job: str, function: Any, *arguments: Any) -> Any:
        for argument in arguments if function is read_ahead else ():
            if isinstance(argument, Source):
                groups_read.setdefault(node, set()).update(argument.groups or ())
        return call(node, job, function, *arguments)

    monkeypatch.setattr(cloud, "call", noted)
    rows, group = 630, 70  # as the fixture writes them
    when = pa.array([*["2020-01-01"] * (rows - 2), "soon", "2020-01-02"])
    table = pa.table({"x": np.arange(rows) / 4, "when": when})
    frame, job = parse_bytes(cloud, written["PARQUET"](table), column_types=(None, ColumnType.TIME))
    np.testing.assert_array_equal(cloud.read(frame)[0], np.arange(rows) / 4)
    assert [warning.partition(", ")[2][:7] for warning in job.warnings] == [f"row {rows - 1}"]
    third = [set(range(start, start + 3)) for start in (0, 3, 6)]
    assert groups_read == ({0: set()} if cloud.size == 1 else dict(enumerate(third)))
    owned = [frame.layout.rows_of(node) for node in range(cloud.size)]
    assert max(owned) - min(owned) <= group


def test_the_preview_shows_the_first_rows(
    embedded: Cloud, source_of: Callable[..., Source], written: Any
) -> None:
    table = pa.table({"n": [1, None], "d": [dt.date(2020, 1, 1)] * 2, "l": [[1], [2]]})
    setup = guess([source_of(written["PARQUET"](table))], Wishes(skipped_columns=(2,)), embedded)
    assert setup.preview == (("1", "2020-01-01 00:00:00.000", ""), ("", "2020-01-01 00:00:00.000", ""))


def test_formats_are_told_by_content(embedded: Cloud, source_of: Callable[..., Source], written: Any) -> None:
    for format, write in written.items():
        content = write(pa.table({"a": [1]}))
        setup = guess([source_of(content, "misleading.csv")], Wishes(), embedded)
        assert setup.parse_type == format.split()[0]
    assert {reader.parse_type for reader in READERS} > {setup.parse_type}


def test_folders_become_columns(cloud: Cloud, parse_with: Any, written: Any, tmp_path: Path) -> None:
    for year in (2020, 2021):
        folder = tmp_path / f"year={year}"
        folder.mkdir()
        (folder / "part.parquet").write_bytes(written["PARQUET"](pa.table({"a": [year, year]})))
    sources = find_sources([str(tmp_path)], Access())
    frame, _ = parse_with(cloud, guess(sources, Wishes(partition_by=("year",)), cloud))
    assert cells(cloud, frame) == {"a": [2020, 2020, 2021, 2021], "year": ["2020"] * 2 + ["2021"] * 2}
