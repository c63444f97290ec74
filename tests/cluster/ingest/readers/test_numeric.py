"""Blocks of plain numbers are read fast, as Python reads them; any other is left to the general reader."""

from __future__ import annotations

import math

import numpy as np
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.ingest.readers.numeric import parse_numbers, reads_numbers
from aquifer_cluster.ingest.setup import Header, ParseSetup
from hypothesis import given, settings
from hypothesis import strategies as some


def setup(columns: int, separator: str = ",", **more: object) -> ParseSetup:
    types = (ColumnType.NUMERIC,) * columns
    return ParseSetup((), "frame", separator, Header.NONE, types, **more)  # type: ignore[arg-type]


def read(text: str, columns: int, separator: str = ",") -> list[list[float]] | None:
    data = np.frombuffer(text.encode(), np.uint8)
    found = parse_numbers(data, setup(columns, separator))
    return None if found is None else [values.tolist() for values in found.values]


NUMBERS = some.one_of(
    some.integers(-(2**53) + 1, 2**53 - 1).map(str),
    some.decimals(-(10**6), 10**6, places=5, allow_nan=False).map(lambda d: f"{d:f}"),
    some.tuples(some.integers(-999999, 999999), some.integers(-16, 16)).map(lambda p: f"{p[0]}e{p[1]}"),
    some.sampled_from(["0", "-0", "+5", "1.", ".5", "007", "-.25E+3", "1e-9"]),
)


@settings(deadline=None, derandomize=True)
@given(some.lists(some.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20), some.sampled_from(["\n", "\r\n"]))
def test_numbers_are_python_s_to_the_last_bit(rows: list[tuple[str, str]], end: str) -> None:
    text = end.join(",".join(row) for row in rows)
    found = read(text, 2)
    assert found == [[float(row[i]) for row in rows] for i in range(2)]
    signs = [math.copysign(1, value) for column in found for value in column]
    assert signs == [math.copysign(1, float(row[i])) for i in range(2) for row in rows]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("1,\n,2\n", [[1, None], [None, 2]]),
        ("NA,1\n2,NA\n", [[None, 2], [1, None]]),
        ("\n1,2\n\n3,4\n\n", [[1, 3], [2, 4]]),
        ("1,2\r\n\r\n3,4\r\n", [[1, 3], [2, 4]]),
        ("", [[], []]),
    ],
)
def test_nothing_is_missing_and_blank_lines_are_none(text: str, want: list[list[float | None]]) -> None:
    found = read(text, 2)
    assert found is not None
    assert [[None if math.isnan(v) else v for v in column] for column in found] == want


def test_other_separators() -> None:
    assert read("1;2\n3;4\n", 2, ";") == [[1, 3], [2, 4]]
    assert read("1\t2\n", 2, "\t") == [[1], [2]]
    assert read("1;2,5\n", 2, ";") is None


@pytest.mark.parametrize(
    "text",
    [
        "1,x\n", "1,2,3\n", "1\n", "1,2\n3\n", "1,--2\n", "1,2e\n", "1,.\n", "1,-\n", "1,1.2.3\n", "1, 2\n",
        "9007199254740993,1\n", "0.12345678901234567890,1\n", "1e23,1\n", "1e-400,1\n", "inf,1\n", "nan,1\n",
        "$5,1\n", "5%,1\n", "NAN,1\n", "1,2\rx\n", "\0,1\n",
    ],
)  # fmt: skip
def test_what_is_no_plain_number_is_left_to_others(text: str) -> None:
    assert read(text, 2) is None


def test_skipped_columns_are_left_out() -> None:
    data = np.frombuffer(b"1,2,3\n4,5,6\n", np.uint8)
    found = parse_numbers(data, setup(3, skipped_columns=(1,)))
    assert found is not None
    assert [values.tolist() for values in found.values] == [[1, 4], [3, 6]]


def test_only_numeric_columns_without_words_for_missing_qualify() -> None:
    assert reads_numbers(setup(2))
    assert reads_numbers(setup(2, na_strings=((), ())))
    assert not reads_numbers(setup(2, na_strings=(("-1",), ())))
    words = ParseSetup((), "f", ",", Header.NONE, (ColumnType.NUMERIC, ColumnType.ENUM))
    assert not reads_numbers(words)
