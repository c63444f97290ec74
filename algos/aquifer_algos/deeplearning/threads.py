"""How many threads train on a node: as many as are worth it, which is found by trying.

A second thread does not always help. Those that step one large network pull its weights from each other,
which costs more or less than it brings depending on whether their processors share a cache, and on a virtual
machine that changes while it runs. So every now and then a small part of the rows is trained on half or twice
as many threads; the rest on the number that was fastest when last measured.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aquifer_algos.deeplearning.topology import Topology

_ROW_NANOSECONDS, _PARAMETER_NANOSECONDS = 300.0, 0.13
"""What a row takes on one thread, roughly: so much, and so much for every weight."""
_THREAD_NANOSECONDS = 1e6
"""Work below which a further thread would cost more than it brings."""
_TRIAL_EVERY, _TRIAL_SHARE = 4, 8
"""One share of rows in so many has a trial, of one part in so many of its rows."""


def threads_for(topology: Topology, samples: int, available: int) -> int:
    """How many of the available threads are worth starting for so many samples: at least one."""
    row = _ROW_NANOSECONDS + _PARAMETER_NANOSECONDS * topology.parameters
    return max(1, min(available, int(samples * row / _THREAD_NANOSECONDS)))


@dataclass
class ThreadChoice:
    """What a node has found out about its threads."""

    available: int
    _rates: dict[int, float] = field(default_factory=dict)  # rows per second, the latest measured last
    _asked: int = 0

    @property
    def best(self) -> int:
        """The number that was fastest when last measured; all to begin with."""
        return max(self._rates, key=self._rates.__getitem__, default=self.available)

    def parts(self, samples: int) -> list[tuple[int, int]]:
        """How many threads are to train how many of so many rows: a trial if one is due, and the rest."""
        trial = samples // _TRIAL_SHARE
        others = [count for count in self._neighbours() if count not in self._rates]
        self._asked += 1
        if not others and self._asked % _TRIAL_EVERY == 0:
            others = sorted(self._neighbours(), key=list(self._rates).index)
        if not self._rates or not others or not trial:
            return [(self.best, samples)]
        return [(others[0], trial), (self.best, samples - trial)]

    def note(self, threads: int, rows: int, seconds: float) -> None:
        """Take up a measurement."""
        if rows and seconds > 0:
            self._rates.pop(threads, None)
            self._rates[threads] = rows / seconds

    def _neighbours(self) -> list[int]:
        """Half as many threads as the best number, and twice as many, as far as there are."""
        found = {max(1, self.best // 2), min(self.available, 2 * self.best)}
        return sorted(found - {self.best})
