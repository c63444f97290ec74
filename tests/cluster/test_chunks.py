"""What was put into a chunk is what comes out of it, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ENCODINGS, ColumnType, concatenate, encode, is_missing, take
from aquifer_cluster.chunk.base import MISSING_TIME
from hypothesis import given, settings
from hypothesis import strategies as st

WHOLE = st.integers(-(2**53) + 1, 2**53 - 1).map(float)
NARROW = st.integers(-300, 300).map(float)
REAL = st.floats(width=64)
SINGLE = st.floats(width=32)
MISSING = st.just(float("nan"))
NUMBERS = st.one_of(
    *(st.lists(st.one_of(kind, MISSING), max_size=60) for kind in (WHOLE, NARROW, REAL, SINGLE)),
    st.tuples(REAL, st.integers(1, 50)).map(lambda pair: [pair[0]] * pair[1]),
)
STRINGS = st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=40)


def bits(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return values.view(np.int64)


@given(NUMBERS)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_numbers_survive_bit_for_bit(numbers: list[float]) -> None:
    values = np.array(numbers, np.float64)
    decoded = encode(values, ColumnType.NUMERIC).decode()
    assert decoded.dtype == np.float64
    missing = np.isnan(values)
    np.testing.assert_array_equal(np.isnan(decoded), missing)
    np.testing.assert_array_equal(bits(decoded[~missing]), bits(values[~missing]))


@given(st.lists(st.integers(-1, 70_000), max_size=60))
@settings(deadline=None, derandomize=True)
def test_enum_codes_survive(codes: list[int]) -> None:
    values = np.array(codes, np.int32)
    decoded = encode(values, ColumnType.ENUM).decode()
    assert decoded.dtype == np.int32
    np.testing.assert_array_equal(decoded, values)


@given(st.lists(st.one_of(st.just(MISSING_TIME), st.integers(-(2**62), 2**62)), max_size=60))
@settings(deadline=None, derandomize=True)
def test_times_survive(times: list[int]) -> None:
    values = np.array(times, np.int64)
    decoded = encode(values, ColumnType.TIME).decode()
    assert decoded.dtype == np.int64
    np.testing.assert_array_equal(decoded, values)


@given(STRINGS)
@settings(deadline=None, derandomize=True)
def test_strings_survive_and_empty_is_not_missing(strings: list[str | None]) -> None:
    chunk = encode(pa.array(strings, pa.string()), ColumnType.STRING)
    assert chunk.decode().to_pylist() == strings
    assert is_missing(chunk.decode(), ColumnType.STRING).tolist() == [text is None for text in strings]


@given(NUMBERS, st.integers(0, 60), st.integers(0, 60))
@settings(deadline=None, derandomize=True)
def test_a_window_of_rows_is_the_same_as_a_slice(numbers: list[float], start: int, stop: int) -> None:
    values = np.array(numbers, np.float64)
    window = encode(values, ColumnType.NUMERIC).decode(start, stop)
    np.testing.assert_array_equal(window, values[start:stop])


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda encoding: encoding.name)
@given(numbers=NUMBERS)
@settings(deadline=None, derandomize=True)
def test_an_encoding_refuses_what_it_cannot_hold(encoding: Any, numbers: list[float]) -> None:
    values = np.array(numbers, np.float64)
    chunk = encoding.fit(values, ColumnType.NUMERIC)
    if chunk is not None:
        decoded = chunk.decode()
        np.testing.assert_array_equal(decoded, values)
        np.testing.assert_array_equal(np.signbit(decoded[values == 0]), np.signbit(values[values == 0]))


@pytest.mark.parametrize(
    ("values", "encoding", "nbytes"),
    [
        (np.full(1000, 3.5), "constant", 8),
        (np.full(1000, np.nan), "constant", 8),
        (np.arange(255.0), "integers", 255),
        (np.arange(256.0), "integers", 256),
        (np.append(np.arange(256.0), np.nan), "integers", 514),  # 256 codes and the missing one: two bytes
        (np.arange(1e6, 1e6 + 100), "integers", 100),
        (np.array([0.5, 1.5, 2.25]), "floats", 12),
        (np.array([0.1, 0.2, 0.3]), "floats", 24),
        (np.array([-0.0, 1.0]), "floats", 8),  # a negative zero is no integer
    ],
)
def test_the_narrowest_encoding_is_chosen(values: Any, encoding: str, nbytes: int) -> None:
    chunk = encode(values, ColumnType.NUMERIC)
    assert (chunk.name, chunk.nbytes) == (encoding, nbytes)


def test_a_chunk_does_not_change_with_the_array_it_was_made_of() -> None:
    values = np.array([0.1, 0.2])
    chunk = encode(values, ColumnType.NUMERIC)
    values[0] = 9
    assert chunk.decode()[0] == 0.1
    chunk.decode()[0] = 7
    assert chunk.decode()[0] == 0.1


def test_pieces_are_joined_and_rows_taken_in_any_type() -> None:
    text = [pa.array(["a", None]), pa.array(["b"])]
    assert concatenate(text, ColumnType.STRING).to_pylist() == ["a", None, "b"]
    assert take(text[0], np.array([1, 0]), ColumnType.STRING).to_pylist() == [None, "a"]
    numbers = [np.array([1.0, 2.0]), np.array([3.0])]
    assert concatenate(numbers, ColumnType.NUMERIC).tolist() == [1, 2, 3]
    assert take(np.array([1.0, 2.0]), np.array([1, 1]), ColumnType.NUMERIC).tolist() == [2, 2]
    assert len(concatenate([], ColumnType.ENUM)) == 0
