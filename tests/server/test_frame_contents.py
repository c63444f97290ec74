"""What a frame says of its cells and of how it is held."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

IDENTIFIERS = (9007199254740993, 1152921504606846977, -9007199254740995, 5)


@pytest.fixture
def long_numbers(rest: Any, tmp_path: Path) -> Any:
    """A parsed file of identifiers that float64 does not hold, and one that is missing."""
    path = tmp_path / "long.csv"
    path.write_text("id,n\n" + "".join(f"{number},{n}\n" for n, number in enumerate(IDENTIFIERS)) + ",4\n")
    rest.parse(path, "long")
    return rest


def test_digits_are_the_same_from_parse_to_preview_and_download(long_numbers: Any) -> None:
    (frame,) = long_numbers.get("/3/Frames/long")["frames"]
    assert frame["columns"][0]["data"] == [*IDENTIFIERS, "NaN"]
    text = long_numbers.request("GET", "/3/DownloadDataset", params={"frame_id": "long"}).text
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == [*map(str, IDENTIFIERS), ""]


def test_encodings_are_named_counted_and_measured(long_numbers: Any) -> None:
    (frame,) = long_numbers.get("/3/Frames/long")["frames"]
    table = frame["chunk_summary"]
    names = [column["name"] for column in table["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*table["data"], strict=True)]
    titles = {row["chunk_type"]: row["chunk_name"] for row in rows}
    assert titles == {"int64": "64-bit integers", "packed": "Bit-packed numbers"}
    assert [row["count"] for row in rows] == [1, 1]
    assert sum(row["size_percentage"] for row in rows) == pytest.approx(100)
