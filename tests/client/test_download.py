"""Frames come here over Arrow as they would over CSV, only faster; they are exported, saved and loaded."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from typing import Any

import h2o
import numpy as np
import pandas
import pyarrow.parquet as pq
import pytest
from h2o._arrow import MISSING_TEXTS

pytestmark = pytest.mark.parametrize("server", ["socket"], indirect=True)

ROWS = 500
RANDOM = np.random.default_rng(23)


def some(values: Any, missing: bool) -> list[Any]:
    """As many values as rows, some of them missing, if any are to be."""
    chosen = RANDOM.choice(np.asarray(values, object), ROWS).tolist()
    return [None if missing and i % 11 == 3 else value for i, value in enumerate(chosen)]


COLUMNS: dict[str, tuple[str, list[Any]]] = {
    "whole": ("numeric", list(range(-5, 900))),
    "big": ("numeric", [2**52, -(2**51), 3]),
    "real": ("numeric", [0.5, -1.25e-7, 3e100, 12345678.9]),
    "words": ("enum", ["a", "b", 'q"uote', "comma, semi", "two\nlines", "日本"]),
    "digits": ("enum", ["1", "2", "30"]),
    "decimals": ("enum", ["1.5", "2", "1e3"]),
    "flags": ("enum", ["True", "False"]),
    "mixed": ("enum", ["1", "x", "True"]),
    "text": ("string", ["007", "x y", "True", "1.50"]),
    "odd text": ("string", ["NA", "None", "fine", " ", "null "]),
    "time": ("time", ["2020-01-01 00:00:00", "1969-12-31 23:59:59.123", "2031-07-08 09:10:11"]),
    "one level": ("enum", ["only"]),
}


@pytest.fixture(params=[False, True], ids=["complete", "with missing"])
def any_frame(request: pytest.FixtureRequest, server: h2o.Connection) -> h2o.H2OFrame:
    """A frame of all kinds of columns that CSV readers make something of, with or without missing values."""
    return made(missing=request.param)


@pytest.fixture
def frame(server: h2o.Connection) -> h2o.H2OFrame:
    """The frame with missing values."""
    return made(missing=True)


def made(missing: bool) -> h2o.H2OFrame:
    data = {name: some(values, missing) for name, (_, values) in COLUMNS.items()}
    return h2o.H2OFrame(data, column_types={name: kind for name, (kind, _) in COLUMNS.items()})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def over_csv(frame: h2o.H2OFrame) -> pandas.DataFrame:
    """What H2O's client makes of a frame, but that texts stay texts."""
    texts: Any = {name: str for name, kind in frame.types.items() if kind == "string"}
    text = io.StringIO(frame.get_frame_data())
    return pandas.read_csv(text, low_memory=False, skip_blank_lines=False, dtype=texts)


def test_over_arrow_it_is_the_same_as_over_csv(any_frame: h2o.H2OFrame) -> None:
    here = any_frame.as_data_frame()
    pandas.testing.assert_frame_equal(here, over_csv(any_frame), rtol=1e-15)
    pandas.testing.assert_frame_equal(any_frame.as_data_frame(use_multi_thread=True, header=False), here)


def test_it_does_come_over_arrow(frame: h2o.H2OFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    came = []
    to_pandas = h2o._arrow.to_pandas
    monkeypatch.setattr(h2o._arrow, "to_pandas", lambda body: (came.append(body), to_pandas(body))[1])
    frame.as_data_frame()
    assert len(came) == 1


def test_levels_that_no_row_has_change_nothing(frame: h2o.H2OFrame) -> None:
    digits = frame[frame["mixed"] == "1", :]
    assert digits.as_data_frame()["mixed"].dtype == np.int64
    pandas.testing.assert_frame_equal(digits.as_data_frame(), over_csv(digits), rtol=1e-15)


def test_without_rows_only_names_come(frame: h2o.H2OFrame) -> None:
    none = frame[frame["whole"] > 10_000, :]
    pandas.testing.assert_frame_equal(none.as_data_frame(), over_csv(none), check_dtype=False)


def test_without_pyarrow_it_comes_over_csv(frame: h2o.H2OFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = frame.as_data_frame()
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pyarrow" else find(name))
    pandas.testing.assert_frame_equal(frame.as_data_frame(), expected, rtol=1e-15)


def test_the_texts_that_mean_missing_are_those_of_pandas(server: h2o.Connection) -> None:
    text = "\n".join(["x", *(f'"{text}"' for text in MISSING_TEXTS)])
    assert pandas.read_csv(io.StringIO(text), dtype=str, skip_blank_lines=False)["x"].isna().all()


def test_a_frame_is_written_here_and_there(frame: h2o.H2OFrame, folder: Path) -> None:
    assert h2o.download_csv(frame, folder / "here.csv") == folder / "here.csv"
    assert [path.name for path in folder.iterdir()] == ["here.csv"]
    h2o.export_file(frame, str(folder / "there.csv"))
    assert (folder / "here.csv").read_text() == (folder / "there.csv").read_text()
    with pytest.raises(h2o.exceptions.H2OResponseError, match="already exists"):
        h2o.export_file(frame, folder / "there.csv")
    h2o.export_file(frame, folder / "there.csv", force=True, sep=";", header=False)
    assert (folder / "there.csv").read_text().startswith(f"{frame[0, 'whole']:.0f};")
    h2o.export_file(frame, folder / "parts", parts=2, compression="gzip")
    assert len(list((folder / "parts").iterdir())) <= 2


def test_a_failed_download_leaves_the_file_as_it_was(server: h2o.Connection, folder: Path) -> None:
    path = folder / "here.csv"
    path.write_text("mine")
    gone = h2o.H2OFrame({"x": [1, 2]})
    key = gone.frame_id
    h2o.remove(key)
    with pytest.raises(h2o.exceptions.H2OResponseError):
        gone.download_csv(path)
    assert [(left.name, left.read_text()) for left in folder.iterdir()] == [("here.csv", "mine")]


def test_a_frame_is_exported_as_parquet(frame: h2o.H2OFrame, folder: Path) -> None:
    h2o.export_file(frame, folder / "frame.parquet", format="parquet")
    table = pq.read_table(folder / "frame.parquet")
    assert table.column_names == frame.names
    h2o.export_file(frame, folder / "folder", format="parquet")
    assert pq.read_table(folder / "folder").num_rows == frame.nrow


def test_a_frame_is_saved_and_loaded(frame: h2o.H2OFrame, folder: Path) -> None:
    before, key = frame.as_data_frame(), frame.frame_id
    frame.save(str(folder))
    h2o.remove(key)
    again = h2o.load_frame(key, str(folder))
    assert (again.frame_id, again.levels()) == (key, frame.levels())
    pandas.testing.assert_frame_equal(again.as_data_frame(), before)
    with pytest.raises(h2o.exceptions.H2OResponseError, match=f"Frame Key<Frame> {key} already exists"):
        h2o.load_frame(key, str(folder), force=False)
