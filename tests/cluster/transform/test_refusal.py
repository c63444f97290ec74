"""What makes something big is refused, with sizes, where its memory is not free; nothing is left of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import MemoryExceeded
from aquifer_cluster.frame import Frame, even_layout
from aquifer_cluster.transform.arithmetic import apply
from aquifer_cluster.transform.binding import bind_rows
from aquifer_cluster.transform.generation import Recipe, create_frame, insert_missing
from aquifer_cluster.transform.grouping import group_by
from aquifer_cluster.transform.matrix import distances, product, transpose
from aquifer_cluster.transform.merge import merge
from aquifer_cluster.transform.ranking import drop_duplicates, extreme_rows, rank_within_groups
from aquifer_cluster.transform.reshape import melt, pivot
from aquifer_cluster.transform.rows import RowRanges, take_rows
from aquifer_cluster.transform.sequences import repeat_rows, sequence
from aquifer_cluster.transform.sort import sort_rows
from aquifer_cluster.transform.tally import Aggregation

ROWS = 3000
FEW, MANY, VALUE = range(3)
Make = Callable[..., Frame]

FAMILIES: dict[str, Callable[[Cloud, Frame, Frame], Frame]] = {
    "arithmetic": lambda cloud, frame, square: apply(cloud, "+", frame, frame),
    "bind rows": lambda cloud, frame, square: bind_rows(cloud, [frame, frame]),
    "create": lambda cloud, frame, square: create_frame(cloud, Recipe(ROWS, 3)),
    "distances": lambda cloud, frame, square: distances(cloud, frame, square, "l2"),
    "drop duplicates": lambda cloud, frame, square: drop_duplicates(cloud, frame, [MANY]),
    "extremes": lambda cloud, frame, square: extreme_rows(cloud, frame, VALUE, 10, True),
    "filter": lambda cloud, frame, square: take_rows(cloud, frame, RowRanges.of([range(0, ROWS, 2)])),
    "gaps": lambda cloud, frame, square: insert_missing(cloud, frame, 0.1, 1),
    "group, few": lambda cloud, frame, square: group_by(cloud, frame, [FEW], [Aggregation("mean", VALUE)]),
    "group, many": lambda cloud, frame, square: group_by(cloud, frame, [MANY], [Aggregation("mean", VALUE)]),
    "group, median": lambda cloud, frame, square: group_by(
        cloud, frame, [FEW], [Aggregation("median", VALUE)]
    ),
    "melt": lambda cloud, frame, square: melt(cloud, frame, [MANY]),
    "merge": lambda cloud, frame, square: merge(
        cloud, frame, frame.select([MANY, VALUE]).rename(["many", "v"])
    ),
    "pivot": lambda cloud, frame, square: pivot(cloud, frame, MANY, FEW, VALUE),
    "product": lambda cloud, frame, square: product(cloud, frame, square),
    "rank": lambda cloud, frame, square: rank_within_groups(cloud, frame, [FEW], [VALUE], [], "rank"),
    "redistribute": lambda cloud, frame, square: cloud.redistribute(
        frame, even_layout(ROWS, cloud.size, 7, fewest=1)
    ),
    "repeat": lambda cloud, frame, square: repeat_rows(cloud, frame.select([VALUE]), 2 * ROWS),
    "sequence": lambda cloud, frame, square: sequence(cloud, 0, 1.5, ROWS),
    "sort": lambda cloud, frame, square: sort_rows(cloud, frame, [VALUE]),
    "transpose": lambda cloud, frame, square: transpose(cloud, square),
}


@pytest.fixture
def frame(make: Make) -> Frame:
    """Few and many different keys, and noise."""
    noise = np.random.default_rng(5).normal(size=ROWS)
    return make(few=np.arange(ROWS) % 7.0, many=noise * 1e9, value=noise)


@pytest.fixture
def square(make: Make) -> Frame:
    """As many rows as `frame` has columns."""
    return make(a=[1.0, 2.5, 3.0], b=[4.0, 5.5, 6.0], c=[7.5, 8.0, 9.0])


@pytest.mark.parametrize("family", FAMILIES)
def test_work_is_refused_where_another_job_has_all_memory_and_goes_on_when_it_ends(
    cloud: Cloud, frame: Frame, square: Frame, family: str, nothing_left: Callable[[Cloud], bool]
) -> None:
    work = FAMILIES[family]
    with cloud.reserve("Another job", 0, most=cloud.memory):
        with pytest.raises(
            MemoryExceeded, match=r"needs about [\d.]+ \w+, but [\d.]+ \w+ of the cloud's"
        ) as refusal:
            work(cloud, frame, square)
        assert refusal.value.needed > refusal.value.available
    del refusal
    assert nothing_left(cloud)
    assert work(cloud, frame, square).rows
    assert nothing_left(cloud)
    free = cloud.memory - cloud.size * cloud.used_bytes
    cloud.require("What nobody has reserved any more", free)
