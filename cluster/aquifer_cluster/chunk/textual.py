"""The choice of an encoding for text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from aquifer_cluster.chunk.base import MISSING_CODE, Chunk, ColumnType
from aquifer_cluster.chunk.identifiers import IdentifierChunk
from aquifer_cluster.chunk.numeric import encode_numbers
from aquifer_cluster.chunk.strings import TextChunk, WordsChunk, text_bytes

_FEWEST_FOR_WORDS = 16
_WORD_SAMPLE = 256


def encode_text(text: pa.Array, type: ColumnType) -> Chunk:
    """Identifiers as their bits, words that repeat as numbers of a list, and other text as it is."""
    if type is ColumnType.UUID and (chunk := IdentifierChunk.fit(text, type)):
        return chunk
    if len(text) >= _FEWEST_FOR_WORDS and _repeats(text):
        encoded = text.dictionary_encode()
        codes = encoded.indices.fill_null(MISSING_CODE).to_numpy(zero_copy_only=False)
        words = WordsChunk(encoded.dictionary, encode_numbers(codes, ColumnType.ENUM), type)
        if words.payload < text_bytes(text):
            return words
    return TextChunk(text, type)


def _repeats(text: pa.Array) -> bool:
    """Whether words repeat in a sample, so that numbering all is worth the while."""
    step = max(1, len(text) // _WORD_SAMPLE)
    sample = text.take(pa.array(np.arange(0, len(text), step))).drop_null()
    return bool(len(sample.unique()) <= 0.75 * len(sample)) if len(sample) else False
