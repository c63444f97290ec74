"""How many threads train on a node: as many as are worth it, which is found by trying.

A second thread does not always help. Those that step one large network pull its weights from each other,
which costs more or less than it brings depending on whether their processors share a cache, and on a virtual
machine that changes several times a second. So every now and then a small part of the rows is trained on half
or twice as many threads; the rest on the number that was fastest over the last seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aquifer_algos.deeplearning.topology import Topology

_ROW_NANOSECONDS, _PARAMETER_NANOSECONDS = 300.0, 0.13
"""What a row takes on one thread, roughly: so much, and so much for every weight."""
_THREAD_NANOSECONDS = 1e6
"""Work below which a further thread would cost more than it brings."""
_TRIAL_EVERY, _TRIAL_SHARE = 4, 16
"""One share of rows in so many has a trial, of one part in so many of its rows."""
_REMEMBERED = 0.85
"""What each share leaves of what was measured before; a node has about two shares a second."""


_IN_PLACE_FROM = 1 << 20
"""Networks of so many weights and more are stepped in place by all threads."""


def step_in_place(topology: Topology) -> bool:
    """Whether several threads step the same weights of such a network, instead of copies of their own."""
    return topology.size >= _IN_PLACE_FROM


def threads_for(topology: Topology, samples: int, available: int) -> int:
    """How many of the available threads are worth starting for so many samples: at least one."""
    row = _ROW_NANOSECONDS + _PARAMETER_NANOSECONDS * topology.parameters
    return max(1, min(available, int(samples * row / _THREAD_NANOSECONDS)))


@dataclass
class ThreadChoice:
    """What a node has found out about its threads."""

    available: int
    _seen: dict[int, tuple[float, float]] = field(default_factory=dict)  # rows and seconds on so many threads
    _shares: int = 0
    _samples: int = 0

    @property
    def best(self) -> int:
        """The number that was fastest of late; all to begin with."""
        return max(self._seen, key=self._rate, default=self.available)

    def parts(self, samples: int) -> list[tuple[int, int]]:
        """How many threads are to train how many of a share of rows: a trial if one is due, and the rest."""
        best, trial = self.best, samples // _TRIAL_SHARE
        others = {max(1, best // 2), min(self.available, 2 * best)} - {best}
        self._shares, self._samples = self._shares + 1, samples
        self._seen = {
            threads: (rows * _REMEMBERED, seconds * _REMEMBERED)
            for threads, (rows, seconds) in self._seen.items()
        }
        due = self._shares % _TRIAL_EVERY == 0 or not others <= self._seen.keys()
        if not self._seen or not others or not trial or not due:
            return [(best, samples)]
        longest_ago = min(others, key=lambda threads: self._seen.get(threads, (0.0, 0.0)))
        return [(longest_ago, trial), (best, samples - trial)]

    def note(self, threads: int, rows: int, seconds: float) -> None:
        """Take up a measurement of a part, which counts as much as a whole share."""
        if rows and seconds > 0:
            before = self._seen.get(threads, (0.0, 0.0))
            self._seen[threads] = (before[0] + self._samples, before[1] + seconds * self._samples / rows)

    def _rate(self, threads: int) -> float:
        rows, seconds = self._seen[threads]
        return rows / seconds
