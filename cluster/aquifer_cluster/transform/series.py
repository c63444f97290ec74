"""Rows as time series, each in a few symbols: symbolic aggregate approximation (SAX).

Shieh and Keogh, iSAX: indexing and mining terabyte sized time series (2008). A series is brought to mean 0
and standard deviation 1 and cut into words of equal length; the mean of each word becomes a symbol, and all
symbols are equally likely if the values are normal.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.numbers import Floats, numbers

_INDEX = "iSax_index"
_MOST_SYMBOLS = 1 << 16


def symbolic_aggregates(cloud: Cloud, frame: Frame, words: int, symbols: int, fewest: bool) -> Frame:
    """The symbols 0 … symbols − 1 of each row's words, in the columns c0, c1 …, after `iSax_index`.

    That is text such as `2^5_0^5`: symbol 2 of 5, then 0 of 5. With `fewest` each word counts only the
    symbols that occur in it. Missing values are left out; a word without values makes the index missing. A
    series that never changes is all zeros before it is cut. Raises InvalidArgument for columns that are not
    numeric, and unless there are 1 word to one for each column, and 2 to 65,536 symbols.
    """
    _check(frame, words, symbols)
    breaks = np.array([NormalDist().inv_cdf(i / symbols) for i in range(1, symbols)])
    names = tuple(f"c{i}" for i in range(words))
    columns = cloud.map_columns(frame, _symbols_block, words, breaks, types=[ColumnType.NUMERIC] * words)
    made = Frame(names, tuple(columns), frame.layout)
    if fewest:
        occurring = cloud.map_reduce(made, _occurring_block, symbols, combine=np.logical_or)
        columns = cloud.map_columns(made, _renumbered_block, occurring, types=[ColumnType.NUMERIC] * words)
        made, sizes = Frame(names, tuple(columns), frame.layout), occurring.sum(1).tolist()
    else:
        sizes = [symbols] * words
    index = cloud.map_columns(made, _index_block, sizes, types=[ColumnType.STRING])
    return Frame((_INDEX, *names), (*index, *made.columns), frame.layout)


def _check(frame: Frame, words: int, symbols: int) -> None:
    for name, column in zip(frame.names, frame.columns, strict=True):
        if column.type is not ColumnType.NUMERIC:
            raise InvalidArgument("isax", f"column '{name}' is {column.type}; a series is of numbers")
    if not 1 <= words <= len(frame.columns):
        raise InvalidArgument(
            "words", f"there are 1 to {len(frame.columns)}, as many as columns; found {words}"
        )
    if not 2 <= symbols <= _MOST_SYMBOLS:
        raise InvalidArgument("symbols", f"there are 2 to {_MOST_SYMBOLS:,}; found {symbols}")


def _symbols_block(block: Block, words: int, breaks: Floats) -> list[Values]:
    series = np.stack([numbers(block, i) for i in range(len(block.chunks))])
    with np.errstate(all="ignore"):
        known = (~np.isnan(series)).sum(0)
        centred = series - np.nansum(series, 0) / known
        deviation = np.sqrt(np.nansum(np.square(centred), 0) / (known - 1))
        normal = np.where(deviation > 0, centred / deviation, centred * 0)
        return [_symbols(word, breaks) for word in np.array_split(normal, words)]


def _symbols(word: Floats, breaks: Floats) -> Floats:
    mean = np.nansum(word, 0) / (~np.isnan(word)).sum(0)
    return np.where(np.isnan(mean), np.nan, np.searchsorted(breaks, mean).astype(np.float64))


def _occurring_block(block: Block, symbols: int) -> NDArray[np.bool_]:
    found = np.zeros((len(block.chunks), symbols), np.bool_)
    for word in range(len(block.chunks)):
        values = numbers(block, word)
        found[word, values[~np.isnan(values)].astype(np.int64)] = True
    return found


def _renumbered_block(block: Block, occurring: NDArray[np.bool_]) -> list[Values]:
    ranks = np.cumsum(occurring, 1) - 1.0
    made: list[Values] = []
    for word in range(len(block.chunks)):
        values = numbers(block, word)
        codes = np.nan_to_num(values).astype(np.int64)
        made.append(np.where(np.isnan(values), np.nan, ranks[word, codes]))
    return made


def _index_block(block: Block, sizes: list[int]) -> list[Values]:
    """The index of each row, of as many symbols as `sizes` says for each word."""
    words = np.stack([numbers(block, i) for i in range(len(block.chunks))])
    absent = np.isnan(words).any(0)
    parts = [
        np.char.add(np.nan_to_num(word).astype(np.int64).astype(np.str_), f"^{size}")
        for word, size in zip(words, sizes, strict=True)
    ]
    texts = parts[0]
    for part in parts[1:]:
        texts = np.char.add(np.char.add(texts, "_"), part)
    return [pa.array(texts, pa.string(), mask=absent)]
