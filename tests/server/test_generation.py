"""Random frames, missing values and splits over REST."""

from __future__ import annotations

from typing import Any

import pytest


def made(rest: Any, path: str, **wishes: Any) -> dict[str, Any]:
    """What the job of a route left at its destination."""
    job = rest.finish(rest.post(path, **wishes))
    assert job["status"] == "DONE"
    (frame,) = rest.get(f"/3/Frames/{job['dest']['name']}", row_count=10)["frames"]
    return dict(frame)


def test_a_frame_is_created(rest: Any) -> None:
    frame = made(rest, "/3/CreateFrame", dest="random", rows=50, cols=4, has_response=True, seed=1)
    assert frame["frame_id"]["name"] == "random"
    assert [column["label"] for column in frame["columns"]] == ["response", "C1", "C2", "C3", "C4"]
    assert frame["rows"] == 50


def test_missing_values_are_inserted_under_the_same_key(rest: Any) -> None:
    made(rest, "/3/CreateFrame", dest="holes", rows=400, cols=2, missing_fraction=0, seed=1)
    frame = made(rest, "/3/MissingInserter", dataset="holes", fraction=0.5, seed=1)
    assert all(150 < column["missing_count"] < 250 for column in frame["columns"])


def test_a_frame_is_split_in_the_order_of_its_rows(rest: Any) -> None:
    made(rest, "/3/CreateFrame", dest="whole", rows=10, cols=1, seed=1)
    part = made(
        rest, "/3/SplitFrame", dataset="whole", ratios="[0.25,0.5]", destination_frames='["a","b","c"]'
    )
    sizes = [rest.get(f"/3/Frames/{key}")["frames"][0]["rows"] for key in "abc"]
    assert part["rows"] == sizes[0]
    assert sizes == [2, 6, 2]


@pytest.mark.parametrize(
    ("path", "wishes", "words"),
    [
        ("/3/CreateFrame", {"time_fraction": 0.9}, "add up to more than 1"),
        ("/3/CreateFrame", {"rows": 0}, "rows"),
        ("/3/MissingInserter", {"dataset": "trees", "fraction": 2}, "fraction"),
        ("/3/MissingInserter", {"dataset": "nope", "fraction": 0.5}, "nope"),
        ("/3/SplitFrame", {"dataset": "trees", "ratios": "[0.5,0.6]"}, "add up to 1"),
        ("/3/SplitFrame", {"dataset": "trees", "ratios": "[0.5]", "destination_frames": '["a"]'}, "make 2"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(
    furnished: Any, path: str, wishes: dict[str, Any], words: str
) -> None:
    response = furnished.request("POST", path, data={k: str(v) for k, v in wishes.items()})
    assert response.status_code in (400, 404, 412)
    assert words in response.json()["msg"]
