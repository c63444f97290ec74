"""Interactions of categories are what a real H2O server (3.46.0.12) made of the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.transform.creation import NewColumn, make_frame
from aquifer_server.coordinator import Coordinator

E = ["Up-1", "down", "up-1", "down", None, "Up-1", "Down", "mid-dle"]
G = ["foo bar", "down", "b", "down", "c", None, "foo bar", "down"]
PAIRS = [
    "Up-1_foo bar", "down_down", "up-1_b", "down_down", "NA_c", "Up-1_NA", "Down_foo bar", "mid-dle_down",
]  # fmt: skip


def of_words(coordinator: Coordinator, *columns: list[str | None]) -> Frame:
    """A frame of the categories e, g … in uneven blocks."""
    made = []
    for name, values in zip("egh", columns, strict=False):
        domain = sorted({value for value in values if value is not None})
        codes = [-1 if value is None else domain.index(value) for value in values]
        made.append(NewColumn(name, ColumnType.ENUM, np.array(codes, np.int32), tuple(domain)))
    owners = tuple(block % coordinator.cloud.size for block in range(4))
    return make_frame(coordinator.cloud, made, Layout((3, 0, 1, 4), owners))


def labels(coordinator: Coordinator, frame: Frame, index: int) -> list[str | None]:
    column, codes = frame.columns[index], coordinator.cloud.read(frame)[index]
    return [None if code < 0 else (column.domain or ())[code] for code in codes]


CASES = [
    pytest.param('["e","g"]', False, 100, 1, {"e_g": PAIRS}, id="two"),
    pytest.param(
        '["e","g"]',
        True,
        1,
        1,
        {"e_g": ["down_down" if pair == "down_down" else "other" for pair in PAIRS]},
        id="the most frequent",
    ),
    pytest.param('["g","e"]', False, 100, 3, {"g_e": ["other"] * 8}, id="none frequent enough"),
    pytest.param(
        '["g"]',
        False,
        2,
        1,
        {"g_g": ["foo bar", "down", "other", "down", "other", None, "foo bar", "down"]},
        id="one factor",
    ),
    pytest.param(
        '["e","g","h"]',
        False,
        100,
        2,
        {
            "e_g_h": [
                "other_Up-1", "down_down_down", "other", "down_down_down", "other", "other_Up-1",
                "other", "other",
            ]
        },
        id="of third order",
    ),
    pytest.param(
        '["e","g","h"]',
        True,
        100,
        1,
        {
            "e_g": PAIRS,
            "e_h": [f"{label or 'NA'}_{label or 'NA'}" for label in E],
            "g_h": [f"{g or 'NA'}_{e or 'NA'}" for g, e in zip(G, E, strict=True)],
        },
        id="pairs of three",
    ),
]  # fmt: skip


@pytest.mark.parametrize("nodes", [0, pytest.param(3, marks=pytest.mark.ray)], indirect=True)
@pytest.mark.parametrize(("factors", "pairwise", "most", "least", "expected"), CASES)
def test_interactions_are_h2o_s(
    rest: Any,
    coordinator: Coordinator,
    factors: str,
    pairwise: bool,
    most: int,
    least: int,
    expected: dict[str, list[str | None]],
) -> None:
    coordinator.store.put("words", of_words(coordinator, E, G, E))
    job = rest.post(
        "/3/Interaction",
        source_frame="words",
        factor_columns=factors,
        pairwise=str(pairwise),
        max_factors=most,
        min_occurrence=least,
        dest="made",
    )
    assert rest.finish(job)["status"] == "DONE"
    made = coordinator.store.get("made", Frame)
    assert made.names == tuple(expected)
    assert {name: labels(coordinator, made, i) for i, name in enumerate(made.names)} == expected
    for column in made.columns:
        counts = [
            sum(label == level for label in labels(coordinator, made, made.columns.index(column)))
            for level in column.domain or ()
            if level != "other"
        ]
        assert counts == sorted(counts, reverse=True), "the frequent levels come first"


def test_equal_labels_are_one_level(rest: Any, coordinator: Coordinator) -> None:
    coordinator.store.put("words", of_words(coordinator, ["a_b", "a"] * 4, ["c", "b_c"] * 4))
    job = rest.post(
        "/3/Interaction",
        source_frame="words",
        factor_columns='["e","g"]',
        max_factors=9,
        min_occurrence=1,
        dest="m",
    )
    assert rest.finish(job)["status"] == "DONE"
    assert coordinator.store.get("m", Frame).columns[0].domain == ("a_b_c",)


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"factor_columns": '["note"]'}, 412, "Column note is not categorical"),
        ({"factor_columns": '["nope"]'}, 400, "Column nope not found"),
        ({"factor_columns": "[]"}, 412, "at least one categorical column"),
        ({"source_frame": "nope"}, 400, "Object 'nope' not found"),
        ({"max_factors": "0"}, 412, "max_factors"),
        ({"min_occurrence": "x"}, 412, "min_occurrence"),
    ],
)
def test_a_mistake_is_named_and_makes_no_frame(
    furnished: Any, changed: dict[str, str], status: int, said: str
) -> None:
    form = {
        "source_frame": "trees",
        "factor_columns": '["kind"]',
        "max_factors": "9",
        "min_occurrence": "1",
        "dest": "i",
    }
    answer = furnished.request("POST", "/3/Interaction", data={**form, **changed})
    assert (answer.status_code, said in answer.json()["msg"]) == (status, True)
    assert furnished.request("GET", "/3/Frames/i").status_code == 404
