"""Categories out of pairs of categories: which levels, and in which order."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from aquifer_cluster.transform.interaction import Interaction, interact

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]


def test_equally_frequent_pairs_stand_as_h2o_has_them(cloud: Cloud, make: Make, read: Read) -> None:
    """H2O's own order for three equally frequent kinds of rows, and what is made of them."""
    kinds = ["s"] * 4 + ["e"] * 4 + ["v"] * 4
    frame = make(
        kind=pd.Categorical(kinds, categories=["s", "e", "v"]),
        is_s=pd.Categorical([str(int(kind == "s")) for kind in kinds]),
        is_v=pd.Categorical([str(int(kind == "v")) for kind in kinds]),
    )
    wanted = Interaction(("kind", "is_s", "is_v"), pairwise=True, max_factors=100, min_occurrence=1)
    with cloud.workspace() as job:
        found = interact(cloud, frame, wanted, Job(job, "Interactions", "i", "frame"))
    assert found.names == ("kind_is_s", "kind_is_v", "is_s_is_v")
    assert [column.domain for column in found.columns] == [
        ("s_1", "e_0", "v_0"),
        ("s_0", "e_0", "v_1"),
        ("0_0", "1_0", "0_1"),
    ]
    assert read(found)["is_s_is_v"].tolist() == ["1_0"] * 4 + ["0_0"] * 4 + ["0_1"] * 4
