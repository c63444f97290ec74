"""Text functions give what Python's own give, on text and on categories, wherever the rows are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform import strings
from aquifer_cluster.transform.creation import NewColumn, constant_column, make_frame
from aquifer_cluster.transform.patterns import Pattern
from aquifer_cluster.transform.splitting import MAX_PIECES, matching_rows, split_columns, tokenize

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

TEXTS = ["", " a b ", "\tTab\n", "Ünï", "aXbXc", "x", None, "aa-aa", "a-b", "Ab", "ab", None, "😀 z", "--a--"]


def entropy(text: str) -> float:
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)


CHANGES = [
    pytest.param(strings.upper, (), str.upper, id="upper"),
    pytest.param(strings.lower, (), str.lower, id="lower"),
    pytest.param(strings.trim, (), str.strip, id="trim"),
    pytest.param(strings.strip_left, ("a-",), lambda text: text.lstrip("a-"), id="lstrip"),
    pytest.param(strings.strip_right, ("cz ",), lambda text: text.rstrip("cz "), id="rstrip"),
    pytest.param(strings.strip_left, ("",), lambda text: text, id="lstrip nothing"),
    pytest.param(strings.substring, (1, 3), lambda text: text[1:3], id="substring"),
    pytest.param(strings.substring, (-3, 2), lambda text: text[0:2], id="substring from before"),
    pytest.param(strings.substring, (2, None), lambda text: text[2:], id="substring to the end"),
    pytest.param(strings.substring, (3, 1), lambda text: "", id="substring of nothing"),
]

MEASURES = [
    pytest.param(strings.length, (), len, id="length"),
    pytest.param(
        strings.count_matches,
        (("a", "b-", ""),),
        lambda text: text.count("a") + text.count("b-"),
        id="count",
    ),
    pytest.param(strings.count_matches, ((),), lambda text: 0, id="count nothing"),
    pytest.param(strings.entropy, (), entropy, id="entropy"),
    pytest.param(
        strings.count_valid_substrings,
        (frozenset(["aa", "-a", "Xb", "a", "bXc"]),),
        lambda text: sum(
            text[i:j] in ("aa", "-a", "Xb", "bXc")
            for i in range(len(text))
            for j in range(i + 2, len(text) + 1)
        ),
        id="valid substrings",
    ),
]


def both_kinds(make: Make, texts: list[str | None] = TEXTS) -> Frame:
    """The texts as text and as categories."""
    return make(text=pd.Series(texts, dtype=object), kind=pd.Categorical(texts))


@pytest.mark.parametrize(("function", "arguments", "expected"), CHANGES)
def test_text_is_changed_as_python_changes_it(
    cloud: Cloud, make: Make, read: Read, function: Any, arguments: Any, expected: Callable[[str], str]
) -> None:
    found = strings.change_texts(cloud, "change", both_kinds(make), function, *arguments)
    want = [None if text is None else expected(text) for text in TEXTS]
    assert found.names == ("C1", "C2")
    assert [column.type for column in found.columns] == [ColumnType.STRING, ColumnType.ENUM]
    for name in found.names:
        assert list(read(found)[name]) == want
    domain = found.columns[1].domain or ()
    assert len(set(domain)) == len(domain)


@pytest.mark.parametrize(("function", "arguments", "expected"), MEASURES)
def test_text_is_measured_as_python_measures_it(
    cloud: Cloud, make: Make, read: Read, function: Any, arguments: Any, expected: Callable[[str], float]
) -> None:
    found = strings.measure_texts(cloud, "measure", both_kinds(make), function, *arguments)
    want = [np.nan if text is None else expected(text) for text in TEXTS]
    for name in ("C1", "C2"):
        np.testing.assert_allclose(read(found)[name], want, rtol=1e-12, atol=1e-12)


def test_levels_keep_their_order_unless_some_become_one(embedded: Cloud) -> None:
    codes = np.array([0, 1, 2], np.int32)
    frame = make_frame(embedded, [NewColumn("k", ColumnType.ENUM, codes, ("b", "B", "a"))])
    assert strings.change_texts(embedded, "x", frame, strings.upper).columns[0].domain == ("A", "B")
    assert strings.change_texts(embedded, "x", frame, strings.trim).columns[0].domain == ("b", "B", "a")


@pytest.mark.parametrize("rows", [0, 3])
def test_empty_frames_and_columns_of_nothing_stay(cloud: Cloud, make: Make, read: Read, rows: int) -> None:
    frame = both_kinds(make, [None] * rows)
    assert read(strings.change_texts(cloud, "x", frame, strings.upper)).isna().all(axis=None)
    assert read(strings.measure_texts(cloud, "x", frame, strings.length)).isna().all(axis=None)
    assert tokenize(cloud, frame.select(["text"]), Pattern.of(" ")).rows == rows
    assert matching_rows(cloud, frame.select(["kind"]), Pattern.of(" "), False, False).rows == 0


def test_other_columns_are_refused_by_name(cloud: Cloud, make: Make) -> None:
    frame = make(s=["a"], n=[1.0])
    with pytest.raises(InvalidArgument, match="toupper: works on text and categories, but column 'n' is int"):
        strings.change_texts(cloud, "toupper", frame, strings.upper)
    with pytest.raises(InvalidArgument, match="single column, found 2"):
        matching_rows(cloud, frame, Pattern.of("a"), False, False)
    with pytest.raises(InvalidArgument, match="works on text, but column 'kind' is enum"):
        tokenize(cloud, both_kinds(make), Pattern.of("a"))


def test_pieces_become_columns(cloud: Cloud, make: Make, read: Read) -> None:
    found = split_columns(cloud, both_kinds(make), Pattern.of("-"))
    assert found.names == ("C1", "C2", "C3", "C4", "C5", "C6")
    want = pd.Series(TEXTS, dtype=object).str.split("-", expand=True)
    for i, row in want.iterrows():
        pieces = [piece for piece in row if piece is not None and not pd.isna(piece)]
        while len(pieces) > 1 and pieces[-1] == "":
            pieces.pop()
        want.loc[i] = [*pieces, *[None] * (want.shape[1] - len(pieces))]
    for kind in (0, 3):
        for number in range(3):
            assert list(read(found)[f"C{kind + number + 1}"]) == [
                None if piece is None or pd.isna(piece) else piece for piece in want[number]
            ]
    assert [column.type for column in found.columns] == [ColumnType.STRING] * 3 + [ColumnType.ENUM] * 3


def test_pieces_become_rows(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(a=["x y", None, "", " z"], b=["1", "2 3", None, "4  5"])
    tokens = ["x", "y", "1", None, "2", "3", None, "", None, "", "z", "4", "", "5", None]
    assert list(read(tokenize(cloud, frame, Pattern.of(" ")))["C1"]) == tokens


@pytest.mark.parametrize("invert", [False, True])
def test_rows_that_match_are_found(cloud: Cloud, make: Make, read: Read, invert: bool) -> None:
    want = np.array([(text is not None and "a" in text) != invert for text in TEXTS])
    for kind in ("text", "kind"):
        column = both_kinds(make).select([kind])
        mask = matching_rows(cloud, column, Pattern.of("a"), invert, True)
        rows = matching_rows(cloud, column, Pattern.of("a"), invert, False)
        np.testing.assert_array_equal(read(mask)["C1"], want)
        np.testing.assert_array_equal(read(rows)["C1"], np.flatnonzero(want))


def test_a_text_of_too_many_pieces_is_refused(embedded: Cloud) -> None:
    column = constant_column(embedded, Layout((1,), (0,)), "-" * (MAX_PIECES + 1) + "x")
    with pytest.raises(InvalidArgument, match=f"at most {MAX_PIECES} become columns"):
        split_columns(embedded, Frame(("s",), (column,), column.layout), Pattern.of("-"))
