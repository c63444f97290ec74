"""Taking texts apart: into columns, into rows, and by whether they match."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.alignment import rebalance
from aquifer_cluster.transform.factors import recode
from aquifer_cluster.transform.patterns import Pattern, Pieces
from aquifer_cluster.transform.strings import numbered_names, require_text
from aquifer_cluster.transform.text_form import block_texts

MAX_PIECES = 10_000
"""More columns than this are refused: a split into single characters of a long text would make them."""


def split_columns(cloud: Cloud, frame: Frame, pattern: Pattern) -> Frame:
    """A column for each piece of the columns' texts: text of text, categories of categories.

    Missing where a text has fewer pieces. Raises InvalidArgument for other types, and beyond MAX_PIECES.
    """
    require_text("strsplit", frame)
    made = [piece for column in frame.columns for piece in _pieces_of_column(cloud, column, pattern)]
    if not made:
        raise InvalidArgument("strsplit", "no text has a piece between the matches of the pattern")
    return Frame(numbered_names(len(made)), tuple(made), frame.layout)


def tokenize(cloud: Cloud, frame: Frame, pattern: Pattern) -> Frame:
    """One column of all pieces, row by row and within a row column by column, a missing value after each row.

    Raises InvalidArgument for columns that are not text.
    """
    require_text("tokenize", frame, categories=False)
    columns = cloud.map_columns(frame, _tokenize_block, pattern, types=[ColumnType.STRING])
    return rebalance(cloud, Frame(numbered_names(1), tuple(columns), columns[0].layout))


def matching_rows(cloud: Cloud, frame: Frame, pattern: Pattern, invert: bool, as_mask: bool) -> Frame:
    """The numbers of the rows in which the one column's text has a match (or, inverted, has none).

    `as_mask` gives 1 or 0 for each row instead. A missing text has no match. Raises InvalidArgument for
    several columns, and for those that are neither text nor categories.
    """
    if len(frame.columns) != 1:
        raise InvalidArgument("grep", f"it takes a single column, found {len(frame.columns)}")
    require_text("grep", frame)
    domain = frame.columns[0].domain
    types = [ColumnType.NUMERIC]
    columns = cloud.map_columns(frame, _match_block, domain, pattern, invert, as_mask, types=types)
    return rebalance(cloud, Frame(numbered_names(1), tuple(columns), columns[0].layout))


def _pieces_of_column(cloud: Cloud, column: Column, pattern: Pattern) -> list[Column]:
    frame = Frame(("x",), (column,), column.layout)
    if column.domain is not None:
        pieces = pattern.split(pa.array(column.domain, pa.string()))
        return [_piece_of_levels(cloud, column, pieces, i) for i in range(_width(_most(pieces)))]
    width = _width(cloud.map_reduce(frame, _count_block, pattern, combine=max) or 0)
    return cloud.map_columns(frame, _split_block, pattern, width, types=[ColumnType.STRING] * width)


def _width(count: int) -> int:
    if count > MAX_PIECES:
        raise InvalidArgument("strsplit", f"a text has {count} pieces; at most {MAX_PIECES} become columns")
    return count


def _piece_of_levels(cloud: Cloud, column: Column, pieces: Pieces, number: int) -> Column:
    labels = pieces.nth(number).to_pylist()
    domain = tuple(sorted({label for label in labels if label is not None}))
    codes = {label: code for code, label in enumerate(domain)}
    return recode(cloud, column, [codes.get(label, -1) for label in labels], domain)


def _most(pieces: Pieces) -> int:
    return int(pieces.counts.max(initial=0))


def _count_block(block: Block, pattern: Pattern) -> int:
    return _most(pattern.split(block.decode(0)))


def _split_block(block: Block, pattern: Pattern, width: int) -> list[Values]:
    pieces = pattern.split(block.decode(0))
    return [pieces.nth(number) for number in range(width)]


def _tokenize_block(block: Block, pattern: Pattern) -> list[Values]:
    """All pieces of all columns and a null for each row, put in the order of the rows."""
    split = [pattern.split(block.decode(i)) for i in range(len(block.chunks))]
    rows = np.arange(block.rows)
    of_row = np.concatenate([*(np.repeat(rows, pieces.counts) for pieces in split), rows])
    kept = [pieces.flat.take(pa.array(_positions(pieces))) for pieces in split]
    tokens = pa.concat_arrays([*kept, pa.nulls(block.rows, pa.string())])
    return [tokens.take(pa.array(np.argsort(of_row, kind="stable")))]


def _positions(pieces: Pieces) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where in `flat` the pieces are that count, in order."""
    ends = np.cumsum(pieces.counts)
    offsets = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - pieces.counts, pieces.counts)
    return np.asarray(np.repeat(pieces.starts, pieces.counts) + offsets, np.int64)


def _match_block(
    block: Block, domain: tuple[str, ...] | None, pattern: Pattern, invert: bool, as_mask: bool
) -> list[Values]:
    found = pc.fill_null(pattern.found(block_texts(block, 0, domain)), False)
    mask = found.to_numpy(zero_copy_only=False) != invert
    return [mask.astype(np.float64) if as_mask else np.flatnonzero(mask).astype(np.float64) + block.start]
