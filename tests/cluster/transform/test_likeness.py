"""How alike texts are: Levenshtein against the textbook, the others against what they are made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.likeness import LONG_NAMES, MEASURES, soundex_key, string_distances
from hypothesis import given, settings
from hypothesis import strategies as some

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

_texts = some.text("abcd é", max_size=9)


def likeness(measure: str, *pairs: tuple[str, str]) -> list[float]:
    left, right = (pa.array(texts, pa.string()) for texts in zip(*pairs, strict=True))
    return [float(value) for value in MEASURES[measure](left, right)]


def edits(left: str, right: str) -> int:
    """The textbook's recursion, row by row (Wagner and Fischer, 1974)."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row = row, [i]
        for j, b in enumerate(right, 1):
            row.append(min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a != b)))
    return row[-1]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_texts, _texts)
def test_levenshtein_counts_edits(left: str, right: str) -> None:
    want = 1 - edits(left, right) / max(len(left), len(right), 1)
    assert likeness("lv", (left, right)) == [pytest.approx(want)]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_texts, _texts)
def test_every_measure_is_a_likeness(left: str, right: str) -> None:
    for name in MEASURES:
        here, there, same = likeness(name, (left, right), (right, left), (left, left))
        assert same == 1, name
        assert np.isnan(here) or 0 <= here <= 1, name
        if name != "jw":  # steps back depend on the direction
            assert here == pytest.approx(there, nan_ok=True), name


@pytest.mark.parametrize(
    ("measure", "left", "right", "want"),
    [
        ("jw", "Martha", "Marhta", 0.9611111),
        ("jw", "Dwayne", "Duane", 0.84),
        ("jw", "ab", "cd", 0.0),
        ("lcs", "abcdef", "xabcyef", 5 / 6),
        ("lcs", "ab", "", 0.0),
        ("qgram", "night", "nacht", 0.25),
        ("jaccard", "a b c", "b c d", 0.5),
        ("jaccard", "  a ", "a", 1.0),
        ("soundex", "Robert", "Rupert", 0.9),
        ("soundex", "Robert", "Tymczak", 0.0),
    ],
)
def test_measures_of_known_texts(measure: str, left: str, right: str, want: float) -> None:
    assert likeness(measure, (left, right)) == [pytest.approx(want)]


@pytest.mark.parametrize(
    ("text", "key"),
    [("Robert", "R163"), ("Rupert", "R163"), ("Honeyman", "H555"), ("a", "a000"), ("", ""), ("É-b", "É100")],
)
def test_soundex_keys(text: str, key: str) -> None:
    assert soundex_key(text) == key


def test_columns_of_text_and_categories_are_compared(cloud: Cloud, make: Make, read: Read) -> None:
    texts, others = ["abc", "", None, "x", "abd"], ["abd", "y", "z", None, "abd"]
    left = make(text=texts, kind=pd.Categorical(texts))
    right = make(kind=pd.Categorical(others), text=others)
    for compare_empty, second in ((True, 0.0), (False, np.nan)):
        found = read(string_distances(cloud, left, right, "lv", compare_empty))
        for name in ("C1", "C2"):
            np.testing.assert_allclose(found[name], [2 / 3, second, np.nan, np.nan, 1])


def test_what_cannot_be_compared_is_refused(cloud: Cloud, make: Make) -> None:
    frame, wide = make(s=["a"]), make(s=["a"], t=["b"])
    assert set(LONG_NAMES.values()) == set(MEASURES)
    with pytest.raises(InvalidArgument, match=r"measure: it is one of lv, .*, found cosine"):
        string_distances(cloud, frame, frame, "cosine", True)
    with pytest.raises(InvalidArgument, match="found 1 and 2"):
        string_distances(cloud, frame, wide, "lv", True)
    with pytest.raises(InvalidArgument, match="same number of rows"):
        string_distances(cloud, frame, make(s=["a", "b"]), "lv", True)
    with pytest.raises(InvalidArgument, match="column 'n' is int"):
        string_distances(cloud, frame, make(n=[1.0]), "lv", True)
