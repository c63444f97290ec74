"""How many threads train: what a rule of thumb says of little work, and what trials find out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aquifer_algos.deeplearning.threads import ThreadChoice, threads_for
from aquifer_algos.deeplearning.topology import Topology

ROWS = 1600


def trained(choice: ThreadChoice, rate: Callable[[int], float], shares: int) -> list[int]:
    """Let so many shares be trained, at `rate(threads)` rows per second; the threads of each share's end."""
    ended = []
    for _ in range(shares):
        parts = choice.parts(ROWS)
        assert sum(rows for _, rows in parts) == ROWS
        assert max(rows for _, rows in parts) == parts[-1][1]
        for threads, rows in parts:
            assert 1 <= threads <= choice.available
            choice.note(threads, rows, rows / rate(threads))
        ended.append(parts[-1][0])
    return ended


def test_little_work_is_not_worth_many_threads() -> None:
    small = Topology(20, (32, 17), 3, ("Rectifier", "Rectifier"), "softmax")
    large = Topology(700, (1000, 1000), 3, ("Tanh", "Tanh"), "softmax")
    assert threads_for(small, 100, 8) == 1
    assert threads_for(small, 10_000_000, 8) == 8
    assert threads_for(large, 100, 8) == 8


@pytest.mark.parametrize("available", [1, 2, 3, 8])
def test_all_threads_are_kept_where_they_help(available: int) -> None:
    assert set(trained(ThreadChoice(available), float, 20)) == {available}


@pytest.mark.parametrize(("available", "best"), [(2, 1), (8, 1), (8, 2), (8, 4), (6, 3)])
def test_the_fastest_number_is_found(available: int, best: int) -> None:
    ended = trained(ThreadChoice(available), lambda threads: 1 / (1 + abs(threads - best)), 30)
    assert ended[0] == available
    assert set(ended[10:]) == {best}


def test_threads_that_stop_helping_are_left_out_soon_and_taken_back_later() -> None:
    choice = ThreadChoice(2)
    assert trained(choice, {1: 1000, 2: 1800}.__getitem__, 20)[-1] == 2
    ended = trained(choice, {1: 1000, 2: 600}.__getitem__, 10)
    assert (ended[0], ended[-1]) == (2, 1)
    assert trained(choice, {1: 1000, 2: 1800}.__getitem__, 30)[-1] == 2


def test_threads_that_help_more_than_they_harm_are_kept() -> None:
    """A rate that flickers decides by its mean, not by when it was measured last."""
    choice, turns = ThreadChoice(2), iter(range(1000))
    ended = trained(choice, lambda threads: 1000 if threads == 1 else (1900, 800)[next(turns) % 2], 60)
    assert set(ended) == {2}


def test_trials_take_little_of_the_rows() -> None:
    choice = ThreadChoice(2)
    rows = {1: 0, 2: 0}
    for _ in range(40):
        for threads, count in choice.parts(ROWS):
            choice.note(threads, count, count / (1000 * threads))
            rows[threads] += count
    assert 0 < rows[1] <= 0.03 * sum(rows.values())


def test_what_was_stopped_before_a_row_is_no_measurement() -> None:
    choice = ThreadChoice(2)
    choice.note(2, 0, 0.1)
    assert choice.best == 2
    assert choice.parts(ROWS) == [(2, ROWS)]
