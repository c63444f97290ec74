"""What one does with columns of text and of categories (whose levels are changed then)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from h2o._operation import Operable, unary
from h2o.exceptions import H2OTypeError, H2OValueError

if TYPE_CHECKING:
    from h2o.frame import H2OFrame

__all__ = ["Texts"]


class Texts(Operable):
    """Operations on text. Patterns are regular expressions, as Java has them."""

    toupper = unary("toupper", "The texts in capitals.")
    tolower = unary("tolower", "The texts in small letters.")
    trim = unary("trim", "The texts without blanks at both ends.")
    nchar = unary("strlen", "The number of characters of each text.")
    entropy = unary("entropy", "Shannon's entropy of the characters of each text, in bits.")

    def lstrip(self, set: str | None = " ") -> H2OFrame:
        """The texts without any of the characters ``set`` at the start."""
        return self._derived("lstrip", self, " " if set is None else set)

    def rstrip(self, set: str | None = " ") -> H2OFrame:
        """The texts without any of the characters ``set`` at the end."""
        return self._derived("rstrip", self, " " if set is None else set)

    def substring(self, start_index: int, end_index: int | None = None) -> H2OFrame:
        """The characters from ``start_index`` (from 0) to before ``end_index``, or to the end."""
        return self._derived("substring", self, start_index, end_index)

    def sub(self, pattern: str, replacement: str, ignore_case: bool = False) -> H2OFrame:
        """The texts with the first match replaced; ``$1`` in ``replacement`` is the first group."""
        return self._derived("replacefirst", self, pattern, replacement, ignore_case)

    def gsub(self, pattern: str, replacement: str, ignore_case: bool = False) -> H2OFrame:
        """The texts with all matches replaced; ``$1`` in ``replacement`` is the first group."""
        return self._derived("replaceall", self, pattern, replacement, ignore_case)

    def strsplit(self, pattern: str) -> H2OFrame:
        """A column for each piece of the texts between matches of ``pattern``."""
        return self._derived("strsplit", self, pattern)

    def tokenize(self, split: str) -> H2OFrame:
        """One column of all pieces between matches of ``split``; a missing value ends each row."""
        return self._derived("tokenize", self, split)

    def countmatches(self, pattern: str | Sequence[str]) -> H2OFrame:
        """How often a word (no regular expression), or any of several, occurs in each text."""
        words = [pattern] if isinstance(pattern, str) else list(pattern)
        if not all(isinstance(word, str) for word in words):
            raise H2OTypeError(f"countmatches takes a text or a list of texts, not {pattern!r}")
        return self._derived("countmatches", self, words)

    def grep(
        self, pattern: str, ignore_case: bool = False, invert: bool = False, output_logical: bool = False
    ) -> H2OFrame:
        """The rows with a match (``invert``: without), by number, or ``output_logical`` as 1 and 0."""
        return self._derived("grep", self, pattern, ignore_case, invert, output_logical)

    def strdistance(self, y: H2OFrame, measure: str | None = None, compare_empty: bool = True) -> H2OFrame:
        """How alike the texts are to those of ``y``: 1 for equal ones, down to 0.

        ``measure``: lv (Levenshtein), lcs (longest common substrings), qgram, jaccard (of words), jw
        (Jaro-Winkler) or soundex. Without ``compare_empty`` what is compared with an empty text is missing.
        """
        if measure is None:
            raise H2OValueError("strdistance takes a measure: lv, lcs, qgram, jaccard, jw or soundex")
        return self._derived("strDistance", self, y, measure, compare_empty)

    def num_valid_substrings(self, path_to_words: str) -> H2OFrame:
        """How many substrings of two or more characters are lines of a file that the server can read."""
        return self._derived("num_valid_substrings", self, path_to_words)
