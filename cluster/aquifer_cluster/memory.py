"""The memory of the nodes: who has how much of it, and how freed memory gets back to the system."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa

from aquifer_cluster.errors import MemoryExceeded


class Ledger:
    """What each of some nodes holds: columns, by their ids, and what work under way has reserved.

    All nodes have an equal share of the cloud's memory, and a reservation takes an equal share of each.
    """

    def __init__(self, nodes: int) -> None:
        self._nodes = nodes
        self._held = [0] * nodes
        self._columns: dict[str, tuple[int, ...]] = {}
        self._reserved: dict[Reservation | str, int] = {}
        self._lock = threading.Lock()

    @property
    def column_bytes(self) -> int:
        """Bytes of all columns."""
        with self._lock:
            return sum(self._held)

    def enter(self, column: str, sizes: Sequence[int]) -> None:
        """Note the bytes of a column on each node."""
        with self._lock:
            self._columns[column] = tuple(sizes)
            self._held = [held + size for held, size in zip(self._held, sizes, strict=True)]

    def strike(self, column: str) -> None:
        """Forget a column; an unknown one is fine."""
        with self._lock:
            gone = self._columns.pop(column, (0,) * self._nodes)
            self._held = [held - size for held, size in zip(self._held, gone, strict=True)]

    @contextmanager
    def reserve(self, what: str, needed: int, memory: int, most: int = 0) -> Iterator[Reservation]:
        """Keep `needed` bytes, of all nodes together, from others as long as the block lasts.

        Where it may turn out to be as much as `most`, that is kept, or all that is free. Raises
        MemoryExceeded if `needed` does not fit in `memory`.
        """
        reservation = Reservation(self, what, memory)
        try:
            reservation.resize(needed, most)
            yield reservation
        finally:
            self.end(reservation)

    def hold(self, job: str, what: str, needed: int, memory: int) -> None:
        """Keep `needed` more bytes from others until `end(job)`. Raises MemoryExceeded if they do not fit."""
        with self._lock:
            share = self._share(what, needed, 0, self._free(memory))
            self._reserved[job] = self._reserved.get(job, 0) + share

    def end(self, holder: Reservation | str) -> None:
        """Give others what a reservation or a job has kept; an unknown one is fine."""
        with self._lock:
            self._reserved.pop(holder, None)

    def _resize(self, reservation: Reservation, needed: int, most: int, memory: int) -> int:
        with self._lock:
            free = self._free(memory) + self._reserved.get(reservation, 0)
            self._reserved[reservation] = self._share(reservation.what, needed, most, free)
        return max(0, free)

    def _share(self, what: str, needed: int, most: int, free: int) -> int:
        """What to keep on each node, of `free` bytes there."""
        least, free = -(-needed // self._nodes), max(0, free)
        if least > free:
            raise MemoryExceeded(what, needed, free * self._nodes)
        return max(least, min(-(-most // self._nodes), free))

    def _free(self, memory: int) -> int:
        """What is free on the node that has least; below zero if there is too much already."""
        return memory // self._nodes - max(self._held) - sum(self._reserved.values())


class Reservation:
    """Room that is kept for work under way, which may turn out to need more or less.

    `room` are the bytes that were free for it on each node.
    """

    def __init__(self, ledger: Ledger, what: str, memory: int) -> None:
        self.what = what
        self.room = 0
        self._ledger = ledger
        self._memory = memory

    def resize(self, needed: int, most: int = 0) -> None:
        """Keep `needed` bytes instead, or up to `most`. Raises MemoryExceeded if they do not fit."""
        self.room = self._ledger._resize(self, needed, most, self._memory)


_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it


def use_one_allocator() -> None:
    """Let Arrow take its memory where numpy does, if that can give back what any thread has freed.

    Arrow's own allocator keeps it in the heap of the thread that freed it, often for good.
    """
    if _trim is not None:
        pa.set_memory_pool(pa.system_memory_pool())


def give_back() -> None:
    """Return freed memory to the system, as far as the allocators can."""
    pa.default_memory_pool().release_unused()
    if _trim is not None:
        _trim(0)
