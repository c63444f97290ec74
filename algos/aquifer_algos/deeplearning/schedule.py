"""How many rows the nodes train between two averagings, and how an iteration is dealt out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

AUTOMATIC = -2
LEAST_ITERATIONS = 10
"""An automatic iteration is at most this part of the whole training."""
ITERATION_SECONDS = 1.0
"""On a single node nothing is averaged: an automatic iteration is about so long, for progress and scoring."""
LONGEST_SECONDS = 10.0
"""An automatic iteration of several nodes is at most about so long."""
WEIGHTS_PER_SECOND = 5e9
"""Weights times rows per second that a first guess assumes, before anything is measured …"""
ROWS_PER_SECOND = 2e5
"""… and the rows per second at most: on small networks the row, not the weight, takes the time."""
FIRST_SECONDS = 0.2
FIRST_ROWS = 5
"""Several nodes begin with so many rows each, since a young network changes fast …"""
ROOT_GROWTH = 0.5
"""… go on with at most this times the square root of the rows done so far …"""
GROWTH = 0.01
"""… and, once that is more, with this part of these, all nodes together."""


@dataclass(frozen=True)
class Speed:
    """What was measured: rows per second of all nodes together, seconds for one averaging."""

    rows: float
    averaging: float

    def blended(self, newer: Speed) -> Speed:
        """The mean of both, so that one slow iteration does not decide alone."""
        return Speed((self.rows + newer.rows) / 2, (self.averaging + newer.averaging) / 2)


def guess(parameters: int, nodes: int) -> Speed:
    """The speed to expect of a network of so many weights."""
    return Speed(nodes * min(WEIGHTS_PER_SECOND / max(parameters, 1), ROWS_PER_SECOND), 0.0)


def samples_per_iteration(
    setting: int,
    rows: int,
    every: int,
    done: int,
    epochs: float,
    nodes: int,
    speed: Speed,
    target_ratio: float,
    measured: bool,
    mini_batch_size: int = 1,
) -> int:
    """The rows of the next iteration, over all nodes.

    setting: `train_samples_per_iteration`: 0 is one pass, -1 all rows that every node has, N is N, -2 is
        chosen such that averaging takes `target_ratio` of the time that training takes, but at least
        ten iterations are made, and several nodes begin with short ones that grow with the rows done. With
        one node, which averages nothing, an iteration takes about a second.
    rows: all training rows; every: those of all nodes together, where several may have the same.
    done: rows trained so far; measured: whether `speed` is more than a guess.
    """
    if setting != AUTOMATIC:
        return {0: rows, -1: every}.get(setting, setting)
    if not measured:
        seconds = FIRST_SECONDS
    elif nodes == 1:
        seconds = ITERATION_SECONDS
    else:
        seconds = min(speed.averaging / target_ratio, LONGEST_SECONDS)
    chosen = min(seconds * speed.rows, epochs * rows / LEAST_ITERATIONS)
    if nodes > 1:
        chosen = min(chosen, longest_of_several(nodes, done, mini_batch_size))
    passes = int(chosen // rows)
    if passes and chosen < 1.2 * passes * rows:
        chosen = passes * rows
    return max(1, round(chosen))


def longest_of_several(nodes: int, done: int, mini_batch_size: int) -> float:
    """The most rows of an automatic iteration of several nodes, over all of them: a batch counts as one."""
    steps = done / mini_batch_size
    return mini_batch_size * max(nodes * max(FIRST_ROWS, ROOT_GROWTH * math.sqrt(steps)), GROWTH * steps)


def shares(samples: int, rows: Sequence[int]) -> tuple[int, ...]:
    """Deal `samples` to nodes in proportion to their `rows`; they add up exactly."""
    total, done, dealt, result = sum(rows), 0, 0, []
    for count in rows:
        done += count
        upto = samples * done // total
        result.append(upto - dealt)
        dealt = upto
    return tuple(result)
