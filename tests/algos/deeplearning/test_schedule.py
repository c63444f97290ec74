"""How many rows an iteration has, and how it is dealt to nodes."""

from __future__ import annotations

import pytest
from aquifer_algos.deeplearning.schedule import Speed, guess, samples_per_iteration, shares


@pytest.mark.parametrize(
    ("setting", "nodes", "speed", "measured", "expected"),
    [
        (0, 1, Speed(1000, 0), True, 5000),
        (-1, 3, Speed(1000, 0), True, 15_000),
        (123, 1, Speed(1000, 0), True, 123),
        (-2, 1, Speed(1000, 0), True, 1000),
        (-2, 1, Speed(1000, 0), False, 200),
        (-2, 1, Speed(1e6, 0), True, 10_000),
        (-2, 1, Speed(5500, 0), True, 5000),
        (-2, 3, Speed(1000, 0.1), True, 2000),
        (-2, 3, Speed(100, 100), True, 1000),
    ],
    ids=[
        "0 is one pass",
        "-1 is all rows that every node has",
        "N is N",
        "one node: about a second",
        "a guess is not trusted so long",
        "at least ten iterations",
        "a little more than whole passes is whole passes",
        "nodes: averaging takes the target share",
        "nodes: at most ten seconds",
    ],
)
def test_rows_of_an_iteration(setting: int, nodes: int, speed: Speed, measured: bool, expected: int) -> None:
    done = 1_000_000  # a network that is no longer young
    assert (
        samples_per_iteration(setting, 5000, nodes * 5000, done, 20, nodes, speed, 0.05, measured) == expected
    )


@pytest.mark.parametrize(
    ("nodes", "done", "batch", "expected"),
    [
        (3, 0, 1, 15),
        (3, 400, 1, 30),
        (3, 50_000, 1, 500),
        (3, 0, 32, 480),
        (3, 3200, 32, 480),
        (1, 0, 1, 5000),
    ],
)
def test_several_nodes_begin_with_short_iterations(nodes: int, done: int, batch: int, expected: int) -> None:
    speed = Speed(5000, 1.0)
    chosen = samples_per_iteration(-2, 5000, nodes * 5000, done, 100, nodes, speed, 0.05, True, batch)
    assert chosen == expected


def test_shares_follow_the_rows_and_add_up() -> None:
    assert shares(10, (300, 0, 100, 200)) == (5, 0, 1, 4)
    assert sum(shares(10_007, (333, 334, 333))) == 10_007


def test_a_larger_network_is_expected_to_be_slower() -> None:
    assert guess(1, 1).rows == guess(1000, 1).rows
    assert guess(1_000_000, 1).rows == pytest.approx(guess(100_000, 1).rows / 10)
    assert guess(100_000, 3).rows == pytest.approx(guess(100_000, 1).rows * 3)
