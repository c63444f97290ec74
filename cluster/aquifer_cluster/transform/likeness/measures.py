"""How alike two texts are, as H2O's string distances measure it: 1 for equal texts, 0 at the least.

`lv` is Levenshtein's; the others are the comparators of Lars Marius Garshol's Duke 1.2, which H2O took over
and which differ from their namesakes elsewhere, so that libraries would give other numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.compilation import Kernels
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.alignment import side_by_side
from aquifer_cluster.transform.code_points import CodePoints
from aquifer_cluster.transform.numbers import Floats
from aquifer_cluster.transform.strings import numbered_names, require_text
from aquifer_cluster.transform.text_form import block_texts

KERNELS = Kernels("aquifer_cluster.transform.likeness.kernels")
Measure = Callable[[pa.Array, pa.Array], Floats]
_SOUNDEX = {
    letter: digit
    for digit, letters in {"1": "BPFV", "2": "CSKGJQXZ", "3": "DT", "4": "L", "5": "MN", "6": "R"}.items()
    for letter in letters
}


def string_distances(cloud: Cloud, left: Frame, right: Frame, measure: str, compare_empty: bool) -> Frame:
    """The measure of each pair of texts, column by column; missing where one is missing.

    Without `compare_empty` also where one is empty. Raises InvalidArgument for an unknown measure, frames of
    different shapes, and columns that are neither text nor categories.
    """
    measure = LONG_NAMES.get(measure, measure)
    if measure not in MEASURES:
        raise InvalidArgument("measure", f"it is one of {', '.join(MEASURES)}, found {measure}")
    if len(left.columns) != len(right.columns):
        raise InvalidArgument(
            "right", f"frames must have as many columns, found {len(left.columns)} and {len(right.columns)}"
        )
    require_text("strDistance", left)
    require_text("strDistance", right)
    joined = side_by_side(cloud, [left, right])
    domains = [column.domain for column in joined.columns]
    types = [ColumnType.NUMERIC] * len(left.columns)
    columns = cloud.map_columns(joined, _distance_block, domains, measure, compare_empty, types=types)
    return Frame(numbered_names(len(types)), tuple(columns), joined.layout)


def levenshtein(left: pa.Array, right: pa.Array) -> Floats:
    """1 − (insertions, deletions and substitutions) / (length of the longer text)."""
    texts = left.to_pylist(), right.to_pylist()
    scorer = Levenshtein.normalized_similarity
    return np.asarray(process.cpdist(*texts, scorer=scorer, dtype=np.float64), np.float64)


def jaro_winkler(left: pa.Array, right: pa.Array) -> Floats:
    """Jaro's share of common characters, raised for a common start (Yancey, RRS 2005-05, steps 1 and 2).

    Common characters are looked for within half of the longer text; every step back is a transposition.
    """
    return _by_characters(KERNELS.load().jaro_winkler, left, right)


def longest_common_substrings(left: pa.Array, right: pa.Array) -> Floats:
    """The share of the shorter text that common substrings (two or more, the longest first) make up."""
    return _by_characters(KERNELS.load().longest_common_substrings, left, right)


def _by_characters(kernel: Any, left: pa.Array, right: pa.Array) -> Floats:
    sides, found = [CodePoints.of(texts) for texts in (left, right)], np.empty(len(left))
    kernel(*(array for side in sides for array in (side.points, side.starts)), found)
    return found


def qgrams(left: str, right: str) -> float:
    """Common pairs of neighbouring characters, as a share of those of the text that has fewer."""
    first, second = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (left, right))
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def jaccard(left: str, right: str) -> float:
    """Common words (between blanks), as a share of all words of both."""
    fewer, more = sorted((left.split(" "), right.split(" ")), key=lambda words: len([w for w in words if w]))
    fewer, more = [word for word in fewer if word], [word for word in more if word]
    common = sum(word in more for word in fewer)
    words = len(fewer) + len(more) - common
    return common / words if words else np.nan


def soundex(left: str, right: str) -> float:
    """0.9 for texts that sound alike: the same first character and the same three digits of Soundex."""
    return 0.9 if soundex_key(left) == soundex_key(right) else 0.0


def soundex_key(text: str) -> str:
    """The first character as it is and the digits of the consonants behind it, padded to four."""
    key, previous = text[:1], ""
    for character in text[1:].upper():
        if not "A" <= character <= "Z":
            continue
        digit = _SOUNDEX.get(character, "")
        if digit and digit != previous:
            key += digit
        previous = digit
    return key[:4].ljust(4, "0") if text else ""


def _each(measure: Callable[[str, str], float]) -> Measure:
    def of_pairs(left: pa.Array, right: pa.Array) -> Floats:
        pairs = list(zip(left.to_pylist(), right.to_pylist(), strict=True))
        found = {pair: 1.0 if pair[0] == pair[1] else measure(*pair) for pair in set(pairs)}
        return np.array([found[pair] for pair in pairs], np.float64)

    return of_pairs


MEASURES: dict[str, Measure] = {
    "lv": levenshtein,
    "lcs": longest_common_substrings,
    "qgram": _each(qgrams),
    "jaccard": _each(jaccard),
    "jw": jaro_winkler,
    "soundex": _each(soundex),
}
"""The measures by their names in the protocol."""

LONG_NAMES = {
    "Levenshtein": "lv",
    "LongestCommonSubstring": "lcs",
    "QGram": "qgram",
    "JaccardIndex": "jaccard",
    "JaroWinkler": "jw",
    "Soundex": "soundex",
}


def _distance_block(
    block: Block, domains: list[tuple[str, ...] | None], measure: str, compare_empty: bool
) -> list[Values]:
    texts = [block_texts(block, i, domain) for i, domain in enumerate(domains)]
    half = len(texts) // 2
    return [_of_column(texts[i], texts[half + i], measure, compare_empty) for i in range(half)]


def _of_column(left: pa.Array, right: pa.Array, measure: str, compare_empty: bool) -> Floats:
    known = pc.and_(left.is_valid(), right.is_valid())
    if not compare_empty:
        known = pc.and_kleene(known, pc.and_(pc.not_equal(left, ""), pc.not_equal(right, "")))
    found = np.full(len(left), np.nan)
    found[known.to_numpy(zero_copy_only=False)] = MEASURES[measure](left.filter(known), right.filter(known))
    return found
