"""Frames in the browser: what a window shows, that it stays fast, and that no key or cell can break it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from aquifer_cluster.frame import Frame
from aquifer_server.coordinator import Coordinator

Read = Callable[..., Any]
PutFrame = Callable[..., Frame]

HOSTILE = [
    '<script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    "a/b",
    "50%",
    "$x",
    "ü 東",
    "a?b#c",
    "a.json",
    "..x",
]


def test_the_list_says_how_large_frames_are_and_how_well_they_are_compressed(
    read: Read, visitor: Any, put_frame: PutFrame
) -> None:
    put_frame("bytes", {"a": list(range(100)) * 100, "b": [0, 1] * 5000})
    (line,) = visitor.get("/flow/frames.json").json()["frames"]
    assert (line["rows"], line["columns"], line["raw_bytes"]) == (10_000, 2, 160_000)
    assert line["nbytes"] == pytest.approx(10_000, rel=0.1), "seven bits and one are enough for a row"
    size = f"{line['nbytes'] / 1024:.1f} KB"
    assert read("/flow/frames").row("bytes") == ["bytes", "10,000", "2", size, "7%"]
    held = read("/flow/frames/bytes").row("Bit-packed numbers")
    assert (held[0], held[-1]) == ("Bit-packed numbers", size)


def test_columns_are_described_each_as_its_type_asks(read: Read, put_frame: PutFrame) -> None:
    put_frame(
        "mixed",
        {
            "size": [1.5, 2.5, np.nan, 4.0],
            "year": [1987, 1988, 1989, 1990],
            "colour": ([0, 1, -1, 1], ("red", "green", "blue")),
            "when": np.array(["2026-01-01T00:00:00", "2026-01-02T12:00:00"] * 2, "datetime64[ms]"),
            "note": ["a", "b", "c", "d"],
        },
    )
    document = read("/flow/frames/mixed")
    assert document.row("size")[1:-1] == [
        "real",
        "size, 1.5 to 4, in 4 of 4 rows",
        "1",
        "1.5",
        "2.6667",
        "4",
        "1.2583",
    ]
    assert document.row("year")[1:-1] == [
        "int",
        "year, 1987 to 1990, in 4 of 4 rows",
        "0",
        "1987",
        "1988.5",
        "1990",
        "1.291",
    ]
    assert document.row("colour")[1:-1] == [
        "enum",
        "colour, 3 levels, in 4 of 4 rows",
        "1",
        "3 levels red green blue",
    ]
    assert document.row("when")[4:7] == ["2026-01-01 00:00:00", "2026-01-01 18:00:00", "2026-01-02 12:00:00"]
    assert document.row("note")[1:-1] == ["string", "", "0", ""]


def test_cells_are_shown_as_what_they_mean(read: Read, visitor: Any, put_frame: PutFrame) -> None:
    put_frame(
        "mixed",
        {
            "x": [0.5, np.nan, np.inf],
            "colour": ([1, 0, -1], ("red", "green")),
            "when": np.array(["2026-01-01T00:00:00", "NaT", "1969-12-31T23:59:59"], "datetime64[ms]"),
            "note": ["plain", "<b>bold</b>", ""],
        },
    )
    assert visitor.get("/flow/frames/mixed.json").json()["cells"] == [
        [0.5, "green", "2026-01-01 00:00:00", "plain"],
        [None, "red", None, "<b>bold</b>"],
        [None, None, "1969-12-31 23:59:59", ""],
    ]
    assert read("/flow/frames/mixed").rows[-2] == ["2", "–", "red", "–", "<b>bold</b>"]


def test_rows_and_columns_are_paged(read: Read, visitor: Any, put_frame: PutFrame) -> None:
    put_frame("wide", {f"c{number}": [number * 1000 + row for row in range(45)] for number in range(120)})
    data = visitor.get("/flow/frames/wide.json?row=40&column=100").json()
    assert [column["name"] for column in data["columns"]] == [f"c{number}" for number in range(100, 120)]
    assert [row[0] for row in data["cells"]] == [100_040 + row for row in range(5)]
    document = read("/flow/frames/wide?row=20&column=50")
    assert "columns 51 – 100 of 120" in document.text
    assert "rows 21 – 40 of 45" in document.text
    assert {
        "/flow/frames/wide?row=20#columns",
        "/flow/frames/wide?row=20&column=100#columns",
        "/flow/frames/wide?column=50#rows",
        "/flow/frames/wide?row=40&column=50#rows",
    } <= set(document.links)


@pytest.mark.parametrize("query", ["row=999", "row=-1", "row=abc", "column=5", "row=" + "9" * 400, "row=٣"])
def test_a_window_beyond_the_frame_shows_its_beginning(query: str, visitor: Any, put_frame: PutFrame) -> None:
    put_frame("small", {"x": [1, 2, 3]})
    data = visitor.get(f"/flow/frames/small.json?{query}").json()
    assert (data["row_window"]["first"], data["column_window"]["first"]) == (0, 0)
    assert data["cells"] == [[1], [2], [3]]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_key_name_level_or_cell_is_shown_as_it_is_and_never_run(
    text: str, read: Read, visitor: Any, put_frame: PutFrame
) -> None:
    put_frame(text, {text: ([0, 1], (text, "other")), "note": [text, text]})
    (link,) = [link for link in read("/flow/frames").links if link.startswith("/flow/frames/")]
    assert link == f"/flow/frames/{quote(text, safe='')}"
    document = read(link)
    assert not [tag for tag, attributes in document.tags if tag == "img" and "onerror" in attributes]
    assert all(script.get("src") for script in document.all("script"))
    assert text in document.row(text)[0]
    assert document.rows[-1] == ["2", "other", text]
    assert visitor.get(f"{link}.json").json()["frame"]["key"] == text
    action = next(form["action"] for form in document.all("form"))
    assert visitor.post(action).status_code == 303
    assert visitor.get("/flow/frames.json").json()["frames"] == []


def test_download_leads_to_the_csv(read: Read, visitor: Any, put_frame: PutFrame) -> None:
    put_frame("a & b?", {"x": [1, 2]})
    link = next(a["href"] for a in read("/flow/frames/a%20%26%20b%3F").all("a") if "download" in a)
    answer = visitor.get(link)
    assert answer.status_code == 200
    assert answer.text.split() == ['"x"', "1", "2"]


def test_a_key_that_ends_like_a_twin_is_still_its_own(read: Read, visitor: Any, put_frame: PutFrame) -> None:
    put_frame("x", {"a": [1, 2]})
    put_frame("x.json", {"b": [3]})
    assert "x.json" in read("/flow/frames/x.json").text
    assert visitor.get("/flow/frames/x.json.json").json()["frame"]["key"] == "x.json"


def test_a_frame_of_a_thousand_columns_opens_fast(visitor: Any, put_frame: PutFrame) -> None:
    put_frame("wide", {f"c{number}": np.arange(500.0) for number in range(1000)})
    visitor.get("/flow/frames/wide")
    began = time.perf_counter()
    assert visitor.get("/flow/frames/wide").status_code == 200
    assert time.perf_counter() - began < 0.5, "0.2 s when nothing else runs"


def test_the_work_for_a_page_does_not_grow_with_the_rows(
    coordinator: Coordinator, visitor: Any, put_frame: PutFrame
) -> None:
    put_frame("long", {"x": np.arange(300_000.0)}, blocks=8)
    (column,) = visitor.get("/flow/frames/long.json").json()["columns"]
    assert column["distribution"]["sampled"] == 4096
    counts = column["distribution"]["counts"]
    assert len(counts) == 24
    assert max(counts) < 2 * min(counts), "a sample from everywhere, so even values look even"


def test_a_model_or_a_foreign_key_is_not_a_frame(read: Read, coordinator: Coordinator) -> None:
    coordinator.store.put("thing", object())
    assert "Object 'thing' is a object, not a frame." in read("/flow/frames/thing", status=404).text


def test_temporary_frames_come_last_and_are_called_so(
    read: Read, coordinator: Coordinator, put_frame: PutFrame
) -> None:
    put_frame("kept", {"x": [1, 2]})
    coordinator.store.put("passing", put_frame("passing", {"x": [1, 2]}), session="_sid_1")
    listed = [row[0] for row in read("/flow/frames").rows[1:]]
    assert listed == ["kept", "passing temporary"]
    assert "it goes when the session that made it ends" in read("/flow/frames/passing").text
    home = read("/")
    assert "/flow/frames/passing" not in home.links
    assert "all 2" in home.text


def test_long_lists_are_paged(
    read: Read, visitor: Any, coordinator: Coordinator, put_frame: PutFrame
) -> None:
    frame = put_frame("frame_0", {"x": [1, 2]})
    for number in range(1, 250):
        coordinator.store.put(f"frame_{number}", frame)
    first = read("/flow/frames")
    assert "frames 1 – 100 of 250" in first.text
    assert "/flow/frames?row=100#content" in first.links
    last = visitor.get("/flow/frames.json?row=200").json()
    assert [line["key"] for line in last["frames"]] == [f"frame_{number}" for number in range(49, -1, -1)]


@pytest.mark.ray
@pytest.mark.parametrize("nodes", [3], indirect=True)
def test_a_frame_on_three_nodes_shows_where_its_rows_are(
    read: Read, visitor: Any, put_frame: PutFrame
) -> None:
    put_frame("spread", {"x": np.arange(9000.0), "y": ([0, 1, 2] * 3000, ("a", "b", "c"))}, blocks=1)
    data = visitor.get("/flow/frames/spread.json?row=5990").json()
    assert data["shards"] == [{"node": node, "rows": 3000} for node in range(3)]
    assert data["cells"][9:11] == [[5999, "c"], [6000, "a"]]
    numbers, letters = (column["distribution"] for column in data["columns"])
    assert sum(numbers["counts"]) == sum(letters["counts"]) == 4096
    assert len(letters["counts"]) == 3
    assert ["3", "", "3000"] in read("/flow/frames/spread").rows
    assert [node["answers"] for node in visitor.get("/.json").json()["nodes"]] == [True] * 3
