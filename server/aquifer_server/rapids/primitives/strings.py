"""Text, row by row; of categories, level by level."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aquifer_cluster.errors import SourceNotFound
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import splitting, strings
from aquifer_cluster.transform.likeness import string_distances
from aquifer_cluster.transform.patterns import Pattern

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.errors import WrongArgument
from aquifer_server.rapids.values import FLAG, FRAME, INTEGER, OPTIONAL_INTEGER, STRING, STRINGS

_LARGEST_WORD_LIST = 256 << 20


def _change(name: str, function: strings.TextFunction, context: Context, frame: Frame) -> Frame:
    return strings.change_texts(context.cloud, name, frame, function)


def _measure(name: str, function: strings.TextFunction, context: Context, frame: Frame) -> Frame:
    return strings.measure_texts(context.cloud, name, frame, function)


def _strip(name: str, function: strings.TextFunction, context: Context, frame: Frame, set: str) -> Frame:
    return strings.change_texts(context.cloud, name, frame, function, set)


def _substring(context: Context, frame: Frame, start: int, end: int | None) -> Frame:
    return strings.change_texts(context.cloud, "substring", frame, strings.substring, start, end)


def _count_matches(context: Context, frame: Frame, words: Sequence[str]) -> Frame:
    return strings.measure_texts(context.cloud, "countmatches", frame, strings.count_matches, words)


def _replace_first(
    context: Context, frame: Frame, pattern: str, replacement: str, ignore_case: bool
) -> Frame:
    return _replace("replacefirst", context, frame, pattern, replacement, ignore_case).rename(frame.names)


def _replace_all(context: Context, frame: Frame, pattern: str, replacement: str, ignore_case: bool) -> Frame:
    return _replace("replaceall", context, frame, pattern, replacement, ignore_case)


def _replace(
    name: str, context: Context, frame: Frame, pattern: str, replacement: str, ignore_case: bool
) -> Frame:
    wanted = Pattern.of(pattern, ignore_case)
    arguments = wanted, wanted.template(replacement), name == "replacefirst"
    return strings.change_texts(context.cloud, name, frame, strings.replace, *arguments)


def _split(context: Context, frame: Frame, pattern: str) -> Frame:
    return splitting.split_columns(context.cloud, frame, Pattern.of(pattern))


def _tokenize(context: Context, frame: Frame, pattern: str) -> Frame:
    return splitting.tokenize(context.cloud, frame, Pattern.of(pattern))


def _grep(
    context: Context, frame: Frame, pattern: str, ignore_case: bool, invert: bool, as_mask: bool
) -> Frame:
    wanted = Pattern.of(pattern, ignore_case)
    return splitting.matching_rows(context.cloud, frame, wanted, invert, as_mask)


def _distances(context: Context, left: Frame, right: Frame, measure: str, compare_empty: bool) -> Frame:
    return string_distances(context.cloud, left, right, measure, compare_empty)


def _count_valid_substrings(context: Context, frame: Frame, path: str) -> Frame:
    words = _words(context, path)
    return strings.measure_texts(
        context.cloud, "num_valid_substrings", frame, strings.count_valid_substrings, words
    )


def _words(context: Context, path: str) -> frozenset[str]:
    """The lines of a file below the folders that the server may read."""
    try:
        file = context.roots.resolve(path)
        if file.stat().st_size > _LARGEST_WORD_LIST:
            raise WrongArgument(f"{path} is larger than {_LARGEST_WORD_LIST} bytes")
        return frozenset(file.read_text(errors="replace").splitlines())
    except SourceNotFound as failure:
        raise WrongArgument(str(failure)) from failure
    except OSError as failure:
        raise WrongArgument(f"cannot read {path}: {failure.strerror}") from failure


_FRAME = (Argument("frame", FRAME),)
_SET = (*_FRAME, Argument("set", STRING, " "))
_PATTERN = (*_FRAME, Argument("pattern", STRING))
_REPLACING = (*_PATTERN, Argument("replacement", STRING), Argument("ignore_case", FLAG, False))

PRIMITIVES = (
    Primitive("toupper", _FRAME, "frame", "In capitals.", partial(_change, "toupper", strings.upper)),
    Primitive("tolower", _FRAME, "frame", "In small letters.", partial(_change, "tolower", strings.lower)),
    Primitive(
        "trim", _FRAME, "frame", "Without blanks at both ends.", partial(_change, "trim", strings.trim)
    ),
    Primitive(
        "lstrip",
        _SET,
        "frame",
        "Without any of a set of characters at the start.",
        partial(_strip, "lstrip", strings.strip_left),
    ),
    Primitive(
        "rstrip",
        _SET,
        "frame",
        "Without any of a set of characters at the end.",
        partial(_strip, "rstrip", strings.strip_right),
    ),
    Primitive(
        "substring",
        (*_FRAME, Argument("start", INTEGER), Argument("end", OPTIONAL_INTEGER, None)),
        "frame",
        "The characters from `start` (from 0) to before `end`.",
        _substring,
    ),
    Primitive("replacefirst", _REPLACING, "frame", "The first match of a pattern replaced.", _replace_first),
    Primitive("replaceall", _REPLACING, "frame", "All matches of a pattern replaced.", _replace_all),
    Primitive(
        "strlen", _FRAME, "frame", "The number of characters.", partial(_measure, "strlen", strings.length)
    ),
    Primitive(
        "entropy",
        _FRAME,
        "frame",
        "Shannon's entropy of the characters, in bits.",
        partial(_measure, "entropy", strings.entropy),
    ),
    Primitive(
        "countmatches",
        (*_FRAME, Argument("words", STRINGS)),
        "frame",
        "How often some words (no patterns) occur, all together.",
        _count_matches,
    ),
    Primitive(
        "num_valid_substrings",
        (*_FRAME, Argument("path", STRING)),
        "frame",
        "How many substrings of two characters or more are lines of a file that the server can read.",
        _count_valid_substrings,
    ),
    Primitive("strsplit", _PATTERN, "frame", "A column for each piece between matches.", _split),
    Primitive(
        "tokenize",
        _PATTERN,
        "frame",
        "All pieces between matches in one column, a missing value after each row.",
        _tokenize,
    ),
    Primitive(
        "grep",
        (
            *_PATTERN,
            Argument("ignore_case", FLAG, False),
            Argument("invert", FLAG, False),
            Argument("output_logical", FLAG, False),
        ),
        "frame",
        "The rows in which a pattern is found, by number or (output_logical) as 1 and 0.",
        _grep,
    ),
    Primitive(
        "strDistance",
        (
            Argument("left", FRAME),
            Argument("right", FRAME),
            Argument("measure", STRING),
            Argument("compare_empty", FLAG, True),
        ),
        "frame",
        "How alike the texts of two frames are, 1 for equal: lv, lcs, qgram, jaccard, jw or soundex.",
        _distances,
    ),
)
