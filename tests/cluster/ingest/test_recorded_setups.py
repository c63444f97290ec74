"""Files are guessed and parsed as H2O does: its answers were recorded for the same bytes.

Where Aquifer departs on purpose, the case is named below with the reason; a departure that is none fails.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import AquiferError
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.ingest import Header, ParseSetup, Source, Wishes, column_type, guess
from aquifer_cluster.ingest.times import are_times, read_times
from aquifer_cluster.ingest.values import from_text
from aquifer_cluster.jobs import Job

RECORDED = json.loads((Path(__file__).parent / "recorded_setups.json").read_text())
FILES = {case["name"]: case for case in RECORDED["files"]}

NEVER_LOSE_ALL = "H2O makes the column numeric and loses all of it; here it is text"
MISSING_WORDS = "NaN among numbers, and a lone sign, mean missing; H2O has a category, and 0"
SURE_HEADER = "a header is never taken for a row of data"
ENCODING = "a byte order mark is no part of a name, and Latin-1 is read"
ESCAPES = "an escape character keeps its promise when the set-up is guessed too"
NA_NUMBERS = "na_strings apply to numbers too"
DEPARTURES = {
    "times with missing": NEVER_LOSE_ALL,
    "uuids missing": NEVER_LOSE_ALL,
    "uuids half words": NEVER_LOSE_ALL,
    "files: time then words": NEVER_LOSE_ALL,
    "mix: nan among": MISSING_WORDS,
    "lone: nan among": MISSING_WORDS,
    "mix: dash": MISSING_WORDS,
    "lone: dash": MISSING_WORDS,
    "text: percent lone": SURE_HEADER,
    "text: quoted newline in header": SURE_HEADER,
    "wish: names": SURE_HEADER,
    "text: lone spaced words": "a line of words is one field, of which nothing is lost",
    "text: backslash": "quotes are closed by the next quote",
    "forced time numbers": "times are whole milliseconds",
    "text: nul": "a NUL character does not end the text",
    "text: bom": ENCODING,
    "text: latin1": ENCODING,
    "text: latin1 header": ENCODING,
    "wish: escape": ESCAPES,
    "wish: escape 2": ESCAPES,
    "wish: na numeric": NA_NUMBERS,
    "wish: na number forms": NA_NUMBERS,
    "wish: force types int": "force_col_types is for the types of Parquet",
    "files: names other case": "names that differ in the case of letters only are the same",
    "parts: clash": "two columns of one name are refused",
}
TIMES_APART = {
    "2020-01-31 10:11:12.3": 1580465472300,
    "2020-01-31 10:11:12.34": 1580465472340,
    "2020-01-31 12:11:12 AM": 1580429472000,
    "2020-01-31 12:11:12 PM": 1580472672000,
    "12:11:12 AM": 672000,
}
"""A fraction of a second is a decimal fraction here, and 12 AM is midnight."""

NUMBERS_APART = {
    **dict.fromkeys(("-", "+", "."), math.nan),
    **dict.fromkeys(("Inf", "inf", "Infinity"), math.inf),
    "-Inf": -math.inf,
    "-$5": -5.0,
    "-9223372036854775808": -(2.0**63),
    "4.9e-324": 5e-324,
}
"""What H2O reads as 0, as missing, or not right."""

WIRE_TYPES = {
    "Numeric": ColumnType.NUMERIC,
    "Enum": ColumnType.ENUM,
    "Time": ColumnType.TIME,
    "String": ColumnType.STRING,
    "UUID": ColumnType.UUID,
}


def wishes_of(case: dict[str, Any]) -> Wishes:
    asked = case.get("wishes", {})
    return Wishes(
        separator=chr(asked["separator"]) if "separator" in asked else None,
        header=Header(asked.get("check_header", 0)),
        quote="'" if asked.get("single_quotes") else '"',
        escape=chr(asked["escapechar"]) if "escapechar" in asked else None,
        comments=asked.get("custom_non_data_line_markers", "#"),
        skipped_columns=tuple(asked.get("skipped_columns", ())),
        partition_by=tuple(asked.get("partition_by", ())),
        time_zone=asked.get("_tz", "UTC"),
    )


def changed(setup: ParseSetup, case: dict[str, Any]) -> ParseSetup:
    changes = case.get("changes", {})
    if "column_types" in changes:
        setup = replace(setup, column_types=tuple(column_type(name) for name in changes["column_types"]))
    if "column_names" in changes:
        setup = replace(setup, column_names=tuple(changes["column_names"]))
    if "na_strings" in changes:
        setup = replace(setup, na_strings=tuple(tuple(words) for words in changes["na_strings"]))
    return setup


def guessed(setup: ParseSetup, expected: dict[str, Any]) -> dict[str, Any]:
    """The set-up as it was recorded; what H2O left open is left out."""
    names = {type: name for name, type in WIRE_TYPES.items()}
    na_strings = [list(words) or None for words in setup.na_strings] if setup.na_strings else None
    return {
        "separator": setup.separator if expected["separator"] else None,
        "header": int(setup.header) if expected["header"] else 0,
        "names": list(setup.column_names) if setup.column_names else None,
        "types": [names[type] for type in setup.column_types],
        "na_strings": na_strings,
    }


def described(cloud: Cloud, frame: Frame) -> dict[str, Any]:
    columns = [
        {
            "name": name,
            "type": wire_type(column),
            "domain": list(column.domain) if column.domain is not None else None,
            "missing": column.rollups.missing,
            "mean": mean_of(column, frame.rows),
            "values": shown(values, column.type)[:30],
        }
        for name, column, values in zip(frame.names, frame.columns, cloud.read(frame), strict=True)
    ]
    return {"rows": frame.rows, "columns": columns}


def wire_type(column: Column) -> str:
    if column.type is not ColumnType.NUMERIC:
        return str(column.type)
    return "int" if column.rollups.whole else "real"


def mean_of(column: Column, rows: int) -> float | None:
    numbers = column.type in (ColumnType.NUMERIC, ColumnType.TIME)
    return pytest.approx(column.rollups.mean, rel=1e-9) if numbers and column.rollups.missing < rows else None


def shown(values: Any, type: ColumnType) -> list[Any]:
    if type.dtype is None:
        return list(values.to_pylist())
    missing = is_missing(values, type)
    return [None if absent else float(value) for value, absent in zip(values, missing, strict=True)]


@pytest.mark.parametrize("name", FILES)
def test_a_file_becomes_what_it_becomes_in_h2o(
    name: str,
    embedded: Cloud,
    source_of: Callable[..., Source],
    parse_with: Callable[[Cloud, ParseSetup], tuple[Frame, Job]],
    tmp_path: Path,
) -> None:
    case, found, error = FILES[name], {}, None
    sources = []
    for file, content in case["files"].items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        sources.append(source_of(content.encode("latin-1"), file))
    try:
        setup = guess(sources, wishes_of(case))
        if "setup" in case:
            found["setup"] = guessed(setup, case["setup"])
        found["frame"] = described(embedded, parse_with(embedded, changed(setup, case))[0])
    except AquiferError as refused:
        error = refused
    as_h2o = error is not None if "error" in case else found == {k: case[k] for k in ("setup", "frame")}
    assert as_h2o is (name not in DEPARTURES), (DEPARTURES.get(name), found, error)


def test_times_are_those_that_h2o_knows() -> None:
    texts = pa.array([text for text, _, _ in RECORDED["times"]])
    assert are_times(texts).tolist() == [guessed for _, guessed, _ in RECORDED["times"]]
    for text, guessed, milliseconds in RECORDED["times"]:
        (read,) = read_times(pa.array([text])).tolist()
        if guessed:
            assert read == TIMES_APART.get(text, milliseconds), text
            assert (text in TIMES_APART) is (read != milliseconds), text


def test_numbers_are_read_as_h2o_reads_them() -> None:
    for text, expected in RECORDED["numbers"]:
        (read,) = from_text(pa.array([text]), ColumnType.NUMERIC, ()).values.tolist()
        wanted = math.nan if expected is None else float(expected)
        assert read == pytest.approx(NUMBERS_APART.get(text, wanted), rel=1e-15, nan_ok=True), text
