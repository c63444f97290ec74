"""Laying out the nodes' training matrices: each node's own rows in place, and others' rows sent to it.

    dealt = lay_out(cloud, job, frame, reader, mean_weight, wish)

leaves a `TrainingMatrix` in the job's workspace on every node that is dealt rows; `take_matrix` takes it from
there. Rows become network input on the node that holds them, a piece at a time, and go straight to where they
belong: besides the matrix there are never more than a few pieces.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import MAX_BLOCK_ROWS, Frame
from aquifer_cluster.node import Block, Workspace
from aquifer_cluster.reach import Pending
from numpy.typing import NDArray

from aquifer_algos.adaptation import Floats, Mask, Reader
from aquifer_algos.datainfo import DataInfo, ModelCategory
from aquifer_algos.deeplearning.buffers import aligned_zeros
from aquifer_algos.deeplearning.dealing import Deal, Wish, deal, places
from aquifer_algos.deeplearning.matrix import DenseMatrix, Float32s, SparseMatrix, TrainingMatrix, padded
from aquifer_algos.expansion import fill_dense, sparse_rows, stripes, trainable

_HOLDING, _ASSEMBLY = "rows to lay out", "matrix in the making"
_AHEAD = 2  # pieces under way for each node


@dataclass(frozen=True)
class Holding:
    """The rows of a node that can be trained on, counted from 0 over its blocks.

    keeps: of each block, a mask of these rows, or None for all; ends: their number up to the block's end.
    """

    reader: Reader
    mean_weight: float
    blocks: Sequence[Block]
    keeps: Sequence[Mask | None]
    ends: Sequence[int]

    @classmethod
    def of(
        cls,
        reader: Reader,
        mean_weight: float,
        blocks: Sequence[Block],
        over: Callable[..., Iterator[Any]] = map,
    ) -> Holding:
        """Look through the blocks; `over` may be a `map` on several threads."""
        keeps = list(over(lambda block: trainable(reader, block), blocks))
        counts = [
            block.rows if keep is None else int(np.count_nonzero(keep))
            for block, keep in zip(blocks, keeps, strict=True)
        ]
        return cls(reader, mean_weight, blocks, keeps, list(accumulate(counts)))

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.ends[-1] if self.ends else 0

    def pieces(self, wanted: range) -> Iterator[tuple[int, range]]:
        """Cut rows into runs (block, its rows) that are small when expanded."""
        for block, end in enumerate(self.ends):
            first = self.ends[block - 1] if block else 0
            inside = places(wanted, range(first, end))
            rows = wanted[inside.start : inside.stop]
            for start, stop in _runs(len(rows), self.reader.data):
                yield block, rows[start:stop]

    def read(self, block: int, rows: range, room: Float32s | None = None) -> TrainingMatrix:
        """Some rows of one block as a matrix; a dense one in `room`, which is all zeros, if that is given."""
        reader, source = self.reader, self.blocks[block]
        inside = _counted_from(self.ends[block - 1] if block else 0, rows)
        start, stop, keep = _within(inside, self.keeps[block])
        target = _target(reader, source, start, stop, keep)
        weights = _floats(reader.weight(source, start, stop), keep, self.mean_weight)
        offsets = _floats(reader.offset(source, start, stop), keep)
        if reader.data.sparse:
            entries = sparse_rows(reader, source, start, stop, keep)
            return SparseMatrix(
                entries.indptr, entries.indices, entries.values, target, reader.data.inputs, weights, offsets
            )
        values = _zeros(len(rows), padded(reader.data.inputs)) if room is None else room
        fill_dense(reader, source, start, stop, values, keep)
        return DenseMatrix(values, target, reader.data.inputs, weights, offsets)


class Assembly:
    """A matrix that comes together from pieces, in any order."""

    def __init__(self, rows: int, reader: Reader) -> None:
        data = reader.data
        self._inputs = data.inputs
        self._rows = rows
        self._target: NDArray[Any] | None = None
        if data.response.category is not ModelCategory.AUTOENCODER:
            self._target = np.empty(rows, np.float32 if data.response.domain is None else np.int32)
        self._weights = None if reader.weights is None else np.empty(rows, np.float32)
        self._offsets = None if reader.offsets is None else np.empty(rows, np.float32)
        self._values = None if data.sparse else _zeros(rows, padded(data.inputs))
        self._sparse: dict[int, SparseMatrix] = {}

    def room(self, start: int, rows: int) -> Float32s | None:
        """Where so many rows belong that nothing was written to yet; None of a sparse matrix."""
        return None if self._values is None else self._values[start : start + rows]

    def place(self, start: int, piece: TrainingMatrix) -> None:
        """Put rows at their place, from row `start` on."""
        rows = slice(start, start + piece.rows)
        if self._target is not None:
            self._target[rows] = piece.target
        if self._weights is not None:
            self._weights[rows] = piece.weights
        if self._offsets is not None:
            self._offsets[rows] = piece.offsets
        if isinstance(piece, SparseMatrix):
            self._sparse[start] = piece
        elif self._values is not None and not np.may_share_memory(piece.values, self._values):
            self._values[rows] = piece.values  # else they were read into their room

    def matrix(self) -> TrainingMatrix:
        """The matrix, once all pieces are in place."""
        if self._values is None:
            joined = self._joined()
            return SparseMatrix(*joined, self._target, self._inputs, self._weights, self._offsets)
        return DenseMatrix(self._values, self._target, self._inputs, self._weights, self._offsets)

    def _joined(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """The entries of all pieces; a piece is let go of as soon as it is copied."""
        entries = sum(len(piece.values) for piece in self._sparse.values())
        indptr = np.zeros(self._rows + 1, np.int64)
        indices, values = np.empty(entries, np.int32), np.empty(entries, np.float32)
        end = 0
        for start in sorted(self._sparse):
            piece = self._sparse.pop(start)
            indptr[start + 1 : start + 1 + piece.rows] = piece.indptr[1:] + end
            begin, end = end, end + len(piece.values)
            indices[begin:end], values[begin:end] = piece.indices, piece.values
        return indptr, indices, values


def lay_out(cloud: Cloud, job: str, frame: Frame, reader: Reader, mean_weight: float, wish: Wish) -> Deal:
    """Deal the rows of `frame` that can be trained on, and lay out each node's.

    mean_weight: what observation weights are divided by.
    """
    rows = cloud.run(job, find_rows, reader, mean_weight, frame=frame)
    dealt = deal(rows, wish)
    cloud.run(job, place_own_rows, dealt)
    running: deque[Pending] = deque()
    for source, own in enumerate(dealt.held):
        for start, stop in _runs(len(own), reader.data):
            for target, wanted in enumerate(dealt.dealt):
                at = places(wanted, own[start:stop])
                if target == source or not at:
                    continue
                piece = cloud.call(source, job, read_rows, dealt, wanted[at.start : at.stop])
                running.append(cloud.call(target, job, place_rows, at.start, piece))
                if len(running) > _AHEAD * cloud.size:
                    running.popleft().result()
    for call in running:
        call.result()
    return dealt


def find_rows(workspace: Workspace, blocks: Sequence[Block], reader: Reader, mean_weight: float) -> int:
    """Hold the node's rows ready; how many can be trained on."""
    holding = Holding.of(reader, mean_weight, blocks, workspace.map)
    workspace.held[_HOLDING] = holding
    return holding.rows


def place_own_rows(workspace: Workspace, blocks: Sequence[Block], dealt: Deal) -> None:
    """Make room for what the node is dealt, and lay out what it holds of that."""
    wanted, own = dealt.dealt[workspace.node], dealt.held[workspace.node]
    holding: Holding = workspace.held[_HOLDING]
    if not wanted:
        return
    assembly = Assembly(len(wanted), holding.reader)
    workspace.held[_ASSEMBLY] = assembly
    at = places(wanted, own)
    rows = _counted_from(own.start, wanted[at.start : at.stop])
    pieces = list(holding.pieces(rows))
    starts = accumulate((len(piece) for _, piece in pieces), initial=at.start)

    def place(start: int, block: int, piece: range) -> None:
        assembly.place(start, holding.read(block, piece, assembly.room(start, len(piece))))

    list(workspace.map(place, starts, *zip(*pieces, strict=True)) if pieces else ())


def read_rows(
    workspace: Workspace, blocks: Sequence[Block], dealt: Deal, rows: range
) -> list[TrainingMatrix]:
    """Rows that the node holds, as pieces in order."""
    holding: Holding = workspace.held[_HOLDING]
    own = _counted_from(dealt.held[workspace.node].start, rows)
    return [holding.read(block, piece) for block, piece in holding.pieces(own)]


def place_rows(
    workspace: Workspace, blocks: Sequence[Block], start: int, pieces: Sequence[TrainingMatrix]
) -> None:
    """Put pieces from another node at their place, one after the other from row `start` on."""
    for piece in pieces:
        workspace.held[_ASSEMBLY].place(start, piece)
        start += piece.rows


def take_matrix(workspace: Workspace) -> TrainingMatrix | None:
    """The node's finished matrix, which is then the caller's; None if it is dealt no rows."""
    workspace.held.pop(_HOLDING, None)
    assembly: Assembly | None = workspace.held.pop(_ASSEMBLY, None)
    return None if assembly is None else assembly.matrix()


def _zeros(rows: int, width: int) -> Float32s:
    return aligned_zeros(rows * width).reshape(rows, width)


def _runs(rows: int, data: DataInfo) -> Iterator[tuple[int, int]]:
    """Dense rows are cut into stripes; sparse ones are small as they are, and each column of a run costs."""
    if not data.sparse:
        return stripes(rows, data.inputs)
    return ((start, min(rows, start + MAX_BLOCK_ROWS)) for start in range(0, rows, MAX_BLOCK_ROWS))


def _counted_from(first: int, rows: range) -> range:
    return range(rows.start - first, rows.stop - first, rows.step)


def _within(rows: range, keep: Mask | None) -> tuple[int, int, Mask | None]:
    """The rows of a block (start, stop, mask) that are the given ones of those to keep."""
    if keep is None and rows.step == 1:
        return rows.start, rows.stop, None
    picked = np.asarray(rows) if keep is None else np.flatnonzero(keep)[rows.start : rows.stop : rows.step]
    start, stop = int(picked[0]), int(picked[-1]) + 1
    mask = np.zeros(stop - start, bool)
    mask[picked - start] = True
    return start, stop, None if mask.all() else mask


def _kept(values: NDArray[Any], keep: Mask | None) -> NDArray[Any]:
    return values if keep is None else values[keep]


def _target(reader: Reader, block: Block, start: int, stop: int, keep: Mask | None) -> NDArray[Any] | None:
    """What is learnt of the rows; None for an autoencoder, whose target is its input."""
    response = reader.data.response
    if response.category is ModelCategory.AUTOENCODER:
        return None
    target = _kept(reader.target(block, start, stop), keep)
    return (
        target.astype(np.int32) if response.domain is not None else response.learnt(target).astype(np.float32)
    )


def _floats(values: Floats | None, keep: Mask | None, unit: float = 1.0) -> NDArray[np.float32] | None:
    return None if values is None else (_kept(values, keep) / unit).astype(np.float32)
