"""How alike two texts are, as H2O measures it: similarities in spite of the name, 1 for equal texts.

`lv` is Levenshtein's; the others are the comparators of Lars Marius Garshol's Duke 1.2, which H2O took over
and which differ from their namesakes elsewhere, so that libraries would give other numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.alignment import side_by_side
from aquifer_cluster.transform.numbers import Floats
from aquifer_cluster.transform.strings import numbered_names, require_text
from aquifer_cluster.transform.text_form import block_texts

_SHORTEST_COMMON = 2
_LONGEST_PREFIX = 4
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


def levenshtein(pairs: list[tuple[str, str]]) -> Floats:
    """1 − (insertions, deletions and substitutions) / (length of the longer text)."""
    left, right = zip(*pairs, strict=True)
    return np.asarray(
        process.cpdist(left, right, scorer=Levenshtein.normalized_similarity, dtype=np.float64), np.float64
    )


def jaro_winkler(left: str, right: str) -> float:
    """Jaro's share of common characters, raised for a common start (Yancey, RRS 2005-05, steps 1 and 2).

    Common characters are looked for within half of the longer text; every step back is a transposition.
    """
    short, long = sorted((left, right), key=len)
    common, steps_back = _common_characters(short, long)
    if not common:
        return 0.0
    score = (common / len(short) + common / len(long) + (common - steps_back) / common) / 3
    prefix = 0
    while prefix < min(_LONGEST_PREFIX, len(short)) and short[prefix] == long[prefix]:
        prefix += 1
    return score + prefix * (1 - score) / 10


def longest_common_substrings(left: str, right: str) -> float:
    """The share of the shorter text that common substrings (two or more, the longest first) make up."""
    if not left or not right:
        return 0.0
    shorter = min(len(left), len(right))
    return (_removable(left, right) / shorter + _removable(right, left) / shorter) / 2


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


def _each(measure: Callable[[str, str], float]) -> Callable[[list[tuple[str, str]]], Floats]:
    def of_pairs(pairs: list[tuple[str, str]]) -> Floats:
        found = {pair: 1.0 if pair[0] == pair[1] else measure(*pair) for pair in set(pairs)}
        return np.array([found[pair] for pair in pairs], np.float64)

    return of_pairs


MEASURES: dict[str, Callable[[list[tuple[str, str]]], Floats]] = {
    "lv": levenshtein,
    "lcs": _each(longest_common_substrings),
    "qgram": _each(qgrams),
    "jaccard": _each(jaccard),
    "jw": _each(jaro_winkler),
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
    texts = [block_texts(block, i, domain).to_pylist() for i, domain in enumerate(domains)]
    half = len(texts) // 2
    return [_of_column(texts[i], texts[half + i], measure, compare_empty) for i in range(half)]


def _of_column(
    left: Iterable[str | None], right: Iterable[str | None], measure: str, compare_empty: bool
) -> Floats:
    pairs = list(zip(left, right, strict=True))
    known = [
        (i, (a, b))
        for i, (a, b) in enumerate(pairs)
        if a is not None and b is not None and (compare_empty or (a and b))
    ]
    found = np.full(len(pairs), np.nan)
    if known:
        found[[i for i, _ in known]] = MEASURES[measure]([pair for _, pair in known])
    return found


def _common_characters(short: str, long: str) -> tuple[int, int]:
    """How many characters both have, and how often the next common one stands before the last."""
    reach, used, last = len(long) // 2, [False] * len(long), -1
    common = steps_back = 0
    for i, character in enumerate(short):
        for j in range(max(0, i - reach), min(len(long), i + reach)):
            if character == long[j] and not used[j]:
                used[j] = True
                common += 1
                steps_back += j < last
                last = j
                break
    return common, steps_back


def _removable(left: str, right: str) -> int:
    """The length of all common substrings, taken away one after the other, the longest first."""
    removed = 0
    while True:
        length, i, j = _longest_common(left, right)
        if length < _SHORTEST_COMMON:
            return removed
        left, right = left[: i - length] + left[i:], right[: j - length] + right[j:]
        removed += length


def _longest_common(left: str, right: str) -> tuple[int, int, int]:
    """The length of the first longest common substring, and where it ends in both."""
    best = (0, 0, 0)
    previous = [0] * (len(right) + 1)
    for i, character in enumerate(left, 1):
        current = [0] * (len(right) + 1)
        for j, other in enumerate(right, 1):
            if character == other:
                current[j] = previous[j - 1] + 1
                if current[j] > best[0]:
                    best = (current[j], i, j)
        previous = current
    return best
