"""What was put into a chunk is what comes out of it, bit for bit, whatever the encoding and the window."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import (
    ENCODINGS,
    ColumnType,
    NumberChunk,
    SparseChunk,
    Values,
    concatenate,
    encode,
    encode_all,
    is_missing,
    take,
)
from aquifer_cluster.chunk.base import MISSING_TIME, OBJECT_BYTES, converted
from hypothesis import given, settings
from hypothesis import strategies as st

NUMERIC, ENUM, TIME, STRING, UUID = (
    ColumnType.NUMERIC,
    ColumnType.ENUM,
    ColumnType.TIME,
    ColumnType.STRING,
    ColumnType.UUID,
)
ROWS = 3000
BIG = 2**60
RANDOM = np.random.default_rng(5)


def whole(low: int, high: int) -> Any:
    return RANDOM.integers(low, high, ROWS)


def mostly(common: float, others: Any, share: float = 0.8) -> Any:
    return np.where(RANDOM.random(ROWS) < share, np.array(common, others.dtype), others)


def identifiers() -> list[str]:
    return [str(uuid.UUID(bytes=RANDOM.bytes(16))) for _ in range(ROWS)]


@dataclass(frozen=True)
class Case:
    """Values without a missing one, and the encoding that is to be chosen for them."""

    encoding: str
    type: ColumnType
    values: Any


CASES = [
    Case("constant", NUMERIC, np.full(ROWS, 3.5)),
    Case("constant", NUMERIC, np.full(ROWS, -0.0)),
    Case("constant", NUMERIC, np.full(ROWS, BIG + 1)),
    Case("constant", ENUM, np.full(ROWS, 2, np.int32)),
    Case("constant", TIME, np.full(ROWS, 10**12)),
    *(Case("packed", NUMERIC, whole(-7, 2**bits - 9).astype(float)) for bits in (4, 7, 8, 9, 17, 31, 33)),
    Case("packed", NUMERIC, whole(-(10**6), 10**6) / 100),
    Case("packed", NUMERIC, whole(0, 10**5) / 10**7),
    Case("packed", NUMERIC, whole(0, 10**5) * 1000.0),
    Case("packed", NUMERIC, whole(BIG, BIG + 10**6)),
    Case("packed", NUMERIC, whole(-(2**54), 2**54)),
    Case("packed", ENUM, whole(0, 5).astype(np.int32)),
    Case("packed", ENUM, whole(0, 70_000).astype(np.int32)),
    Case("packed", TIME, whole(0, 10**4) * 86_400_000),
    Case("packed", TIME, whole(10**12, 10**12 + 10**10)),
    Case("sparse", NUMERIC, mostly(0.0, whole(1, 256).astype(float))),
    Case("sparse", NUMERIC, mostly(7.5, RANDOM.normal(size=ROWS))),
    Case("sparse", NUMERIC, mostly(BIG, whole(BIG, BIG + 1000))),
    Case("sparse", ENUM, mostly(3, whole(0, 300).astype(np.int32))),
    Case("sparse", TIME, mostly(10**12, whole(0, 10**12))),
    Case("scattered", NUMERIC, mostly(0.0, whole(1, 256).astype(float), 0.98)),
    Case("scattered", NUMERIC, mostly(7.5, RANDOM.normal(size=ROWS), 0.98)),
    Case("scattered", NUMERIC, mostly(BIG + 1, whole(0, 9), 0.98)),
    Case("scattered", ENUM, mostly(3, whole(0, 300).astype(np.int32), 0.98)),
    Case("scattered", TIME, mostly(10**12, whole(0, 10**12), 0.98)),
    Case("dictionary", NUMERIC, RANDOM.choice(RANDOM.normal(size=20), ROWS)),
    Case("dictionary", NUMERIC, RANDOM.choice([-0.0, 0.0, np.inf, -np.inf, 5e-324, 1e308], ROWS)),
    Case("dictionary", NUMERIC, RANDOM.choice(RANDOM.integers(-(2**62), 2**62, 30), ROWS)),
    Case("dictionary", TIME, RANDOM.choice(RANDOM.integers(-(2**62), 2**62, 30), ROWS)),
    Case("float32", NUMERIC, RANDOM.normal(size=ROWS).astype(np.float32).astype(float)),
    Case("float64", NUMERIC, RANDOM.normal(size=ROWS)),
    Case("float64", NUMERIC, RANDOM.integers(1, 2**63, ROWS).astype(np.uint64).view(np.float64)),  # to 1e308
    Case("int64", NUMERIC, RANDOM.integers(-(2**63) + 1, 2**63 - 1, ROWS)),
    Case("int64", TIME, RANDOM.integers(-(2**63) + 1, 2**63 - 1, ROWS)),
    Case("text", STRING, pa.array([f"text {i} é" * (i % 3 + 1) for i in range(ROWS)])),
    Case("words", STRING, pa.array([f"word {i % 17}" for i in range(ROWS)])),
    Case("uuid", UUID, pa.array(identifiers())),
    Case("uuid", UUID, pa.array([text.upper() for text in identifiers()])),
    Case("text", UUID, pa.array([f"{{{text}}}" for text in identifiers()])),
]
WINDOWS = [(0, None), (0, 0), (1, 2), (63, 65), (1000, 2100), (1023, 1025), (2990, 4000), (ROWS, None)]


def with_missing(values: Values) -> Values:
    """The values with a hundredth of them made missing."""
    lost = RANDOM.random(len(values)) < 0.01
    if isinstance(values, pa.Array):
        return pa.array(values.to_pylist(), mask=lost)
    found = values.copy()
    found[lost] = {"f": np.nan, "i": -1 if values.dtype == np.int32 else MISSING_TIME}[values.dtype.kind]
    return found


def assert_same(actual: Values, expected: Values) -> None:
    """Bit for bit; all NaN are one."""
    if isinstance(expected, pa.Array):
        assert actual.type == pa.string()
        assert actual.to_pylist() == expected.to_pylist()
        return
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    if expected.dtype.kind == "f":
        np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
        known, bits = ~np.isnan(expected), np.dtype(f"i{expected.dtype.itemsize}")
        np.testing.assert_array_equal(actual[known].view(bits), expected[known].view(bits))
    else:
        np.testing.assert_array_equal(actual, expected)


def as_floats(values: Any, dtype: Any) -> Any:
    """Whole numbers as floats the slow way: through Python's own."""
    if values.dtype.kind == "f":
        with np.errstate(all="ignore"):
            return values.astype(dtype)
    absent = -1 if values.dtype == np.int32 else MISSING_TIME
    with np.errstate(all="ignore"):
        return np.array([np.nan if v == absent else float(v) for v in values.tolist()]).astype(dtype)


@pytest.mark.parametrize("missing", [False, True], ids=["known", "missing"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.encoding}-{case.type}")
def test_every_encoding_gives_back_what_it_was_given(case: Case, missing: bool) -> None:
    values = with_missing(case.values) if missing else case.values
    chunk = encode(values, case.type)
    assert missing or chunk.name == case.encoding
    assert len(chunk) == chunk.rows == ROWS
    for start, stop in WINDOWS:
        assert_same(chunk.exact(start, stop), values[start:stop])
    np.testing.assert_array_equal(is_missing(chunk.exact(), case.type), is_missing(values, case.type))
    for rows in (np.arange(0), np.arange(5, 2000, 3), np.array([2999, 0, 64, 64, 1])):
        taken = chunk.take(rows)
        assert taken.name == chunk.name
        assert_same(taken.exact(), take(values, rows, case.type))
    if isinstance(chunk, NumberChunk):
        assert_fills(chunk, values, case.type)


def assert_fills(chunk: NumberChunk, values: Any, type: ColumnType) -> None:
    """Numbers are written as float32 and float64 too, and the decoded form is one of them."""
    for dtype in (np.float32, np.float64):
        expected = as_floats(values, dtype)
        for start, stop in WINDOWS:
            out = np.full(len(values[start:stop]), 77, dtype)
            chunk.fill(out, min(start, ROWS))
            assert_same(out, expected[start:stop])
    assert_same(chunk.numbers(), as_floats(values, np.float64))
    decoded = chunk.decode()
    assert_same(decoded, values if values.dtype == type.dtype else as_floats(values, np.float64))
    tally = chunk.tally()
    if tally is not None:
        known = as_floats(values, np.float64)
        found, counts = np.unique(known[~np.isnan(known)], return_counts=True)
        numbers, times = tally
        assert (np.diff(numbers) >= 0).all()
        np.testing.assert_array_equal(np.unique(numbers), found)
        assert [int(times[numbers == number].sum()) for number in found] == counts.tolist()


def test_every_encoding_has_a_case() -> None:
    names = {encoding.name for encoding in ENCODINGS}
    assert {case.encoding for case in CASES} == names
    assert {encode(with_missing(case.values), case.type).name for case in CASES} == names - {"constant"}
    assert all(encoding.title for encoding in ENCODINGS)


WHOLE = st.integers(-(2**53) + 1, 2**53 - 1).map(float)
NARROW = st.integers(-300, 300).map(float)
POINTS = st.integers(0, 16)
DECIMAL = st.builds(lambda digits, point: digits / 10.0**point, st.integers(-(10**9), 10**9), POINTS)
REAL = st.floats(width=64)
SINGLE = st.floats(width=32)
MISSING = st.just(float("nan"))


def lists_of(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Short lists, long ones in which few values repeat, and ones of mostly a single value."""
    few = st.lists(values, min_size=1, max_size=6)
    return st.one_of(
        st.lists(values, max_size=40),
        st.tuples(few, st.randoms(use_true_random=False)).map(lambda pair: pair[1].choices(pair[0], k=300)),
        few.map(lambda some: [*some, *[some[0]] * 300]),
    )


def arrow_text(words: list[str | None]) -> Any:
    return pa.array(words, pa.string())


NUMBERS = st.one_of(
    *(lists_of(st.one_of(kind, MISSING)) for kind in (WHOLE, NARROW, DECIMAL, REAL, SINGLE)),
).map(lambda numbers: np.array(numbers, np.float64))
LONGS = lists_of(st.one_of(st.just(MISSING_TIME), st.integers(-(2**63), 2**63 - 1), st.integers(-9, 9)))
CODES = lists_of(st.integers(-1, 2**31 - 1))
WORDS = lists_of(st.one_of(st.none(), st.text(max_size=8)))
ANYTHING: list[tuple[ColumnType, st.SearchStrategy[Any]]] = [
    (NUMERIC, NUMBERS),
    (NUMERIC, LONGS.map(lambda longs: np.array([*longs, 2**62 + 1], np.int64))),
    (ENUM, CODES.map(lambda codes: np.array(codes, np.int32))),
    (TIME, LONGS.map(lambda longs: np.array(longs, np.int64))),
    (STRING, WORDS.map(arrow_text)),
    (UUID, WORDS.map(arrow_text)),
    (UUID, lists_of(st.one_of(st.none(), st.uuids().map(str))).map(arrow_text)),
]


@pytest.mark.parametrize(("type", "values"), ANYTHING, ids=[str(type) for type, _ in ANYTHING])
@given(data=st.data())
@settings(max_examples=120, deadline=None, derandomize=True)
def test_anything_survives(type: ColumnType, values: st.SearchStrategy[Any], data: Any) -> None:
    given = data.draw(values)
    start, stop = data.draw(st.integers(0, 400)), data.draw(st.integers(0, 400))
    chunk = encode(given, type)
    assert_same(chunk.exact(), given)
    assert_same(chunk.exact(start, stop), given[start : max(start, stop)])


def test_whole_numbers_that_float64_holds_become_ordinary_numbers() -> None:
    few = np.array([1, MISSING_TIME, -(2**53), 2**53])
    chunk = encode(few, NUMERIC)
    assert chunk.exact().dtype == np.float64
    np.testing.assert_array_equal(chunk.exact(), [1, np.nan, -(2.0**53), 2.0**53])
    assert encode(few + np.array([0, 0, 0, 1]), NUMERIC).exact().dtype == np.int64


@pytest.mark.parametrize(
    ("values", "encoding", "bits"),
    [
        (np.arange(4096.0) % 16, "packed", 4),
        (np.arange(4096.0) % 17, "packed", 5),
        (np.where(np.arange(4096) % 9, np.arange(4096.0) % 16, np.nan), "packed", 5),  # a code for missing
        (1e6 + np.arange(4096.0) % 100, "packed", 7),
        (np.arange(4096.0) % 100 / 100, "packed", 7),
        (np.arange(4096) % 64 * 86_400_000.0, "packed", 6),
        (np.where(np.arange(4096) % 9, np.arange(4096.0) % 250 + 1, 0), "packed", 8),
        (np.where(np.arange(4096) % 64, 0.0, 1), "scattered", 10 / 64 + 1 / 16),
        (np.where(np.arange(4096) % 4, 0.0, np.arange(4096.0) % 250 + 1), "sparse", 1 + 7 / 4),  # steps of 2
        (np.where(np.arange(4096) % 8, np.nan, np.arange(4096) * np.pi), "sparse", 1 + 64 / 8),
        (np.sqrt(np.arange(4096) % 8), "dictionary", 3 + 64 * 8 / 4096),
        (
            np.where(np.arange(4096) % 8, 0.0, np.sqrt(np.arange(4096) % 11)),
            "sparse",
            1 + 4 / 8 + 64 * 11 / 4096,
        ),
        (np.float32(0.1) * np.arange(4096.0), "float64", 64),
        (np.arange(4096.0) * 0.5, "packed", 12),
    ],
)
def test_the_smallest_encoding_is_chosen(values: Any, encoding: str, bits: float) -> None:
    chunk = encode(np.asarray(values, np.float64), NUMERIC)
    assert chunk.name == encoding
    overhead = 2 * OBJECT_BYTES if isinstance(chunk, SparseChunk) else OBJECT_BYTES
    assert 8 * (chunk.nbytes - overhead) == pytest.approx(bits * 4096, rel=0.03, abs=64)


def test_a_chunk_does_not_change_with_the_array_it_was_made_of() -> None:
    for values in (np.array([0.1, 0.2]), np.sqrt(np.arange(50.0)), np.full(9, 1.5)):
        expected = values.copy()
        chunk = encode(values, NUMERIC)
        values[:] = 9
        assert_same(chunk.decode(), expected)
        chunk.decode()[:] = 7
        assert_same(chunk.decode(), expected)


def test_a_strided_array_is_held_as_well() -> None:
    table = RANDOM.normal(size=(50, 3))
    assert_same(encode(table[:, 1], NUMERIC).decode(), table[:, 1].copy())


@pytest.mark.parametrize(
    ("pieces", "joined"),
    [
        ([np.array([1.0, 2.0]), np.array([3.0])], np.array([1.0, 2.0, 3.0])),
        ([np.array([BIG + 1]), np.array([3.0, np.nan])], np.array([BIG + 1, 3, MISSING_TIME])),
        ([np.array([BIG + 1, MISSING_TIME]), np.array([0.5])], np.array([float(BIG), np.nan, 0.5])),
    ],
    ids=["numbers", "exact and whole", "exact and not whole"],
)
def test_pieces_are_joined(pieces: list[Any], joined: Any) -> None:
    assert_same(concatenate(pieces, NUMERIC), joined)


def test_pieces_of_text_are_joined_and_rows_taken() -> None:
    text = [pa.array(["a", None]), pa.array(["b"])]
    assert concatenate(text, STRING).to_pylist() == ["a", None, "b"]
    assert take(text[0], np.array([1, 0]), STRING).to_pylist() == [None, "a"]
    assert take(np.array([1.0, 2.0]), np.array([1, 1]), NUMERIC).tolist() == [2, 2]
    assert len(concatenate([], ENUM)) == 0
    assert converted(np.array([1, MISSING_TIME]), np.dtype(np.float64)).tolist()[0] == 1


def test_columns_that_are_encoded_together_are_as_if_each_was_alone() -> None:
    assert len({len(case.values) for case in CASES}) == 1
    values, types = [case.values for case in CASES], [case.type for case in CASES]
    together = encode_all(values, types)
    for case, chunk in zip(CASES, together, strict=True):
        assert (chunk.name, chunk.nbytes) == (case.encoding, encode(case.values, case.type).nbytes)
        assert_same(chunk.exact(), encode(case.values, case.type).exact())
    assert encode_all(together, types) == together


def test_a_column_is_sparse_within_sparse_only_so_often() -> None:
    """Each value is much commoner than all after it: every level marks the rows of one."""
    values = np.concatenate([np.full(2**k, 0.1 * k + RANDOM.random()) for k in range(16)])
    chunk = encode(RANDOM.permutation(values), NUMERIC)
    levels = 0
    while isinstance(chunk, SparseChunk):
        levels, chunk = levels + 1, chunk.others
    assert levels < 8
