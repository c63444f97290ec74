"""What changes a frame itself, frames from frames, keys, and what is left of a frame that was removed."""

from __future__ import annotations

import datetime
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h2o
import numpy
import pytest
from h2o._expression import Expression
from h2o._generation import _completed
from h2o.exceptions import H2OResponseError, H2OTypeError, H2OValueError

ROWS = {"k": ["a", "b", "a"], "n": [1, 2, None], "t": ["2020-01-01", "2020-01-02", None]}
TYPES = {"k": "enum", "t": "time"}


@pytest.fixture
def frame(server: h2o.Connection) -> h2o.H2OFrame:
    return h2o.H2OFrame(ROWS, destination_frame="small", column_types=TYPES)


def keys() -> set[str]:
    return {one["frame_id"]["name"] for one in h2o.frames()["frames"]}


def test_a_popped_column_is_no_longer_in_the_frame(frame: h2o.H2OFrame) -> None:
    popped = frame.pop("k")
    assert popped.names == ["k"]
    assert frame.names == ["n", "t"]
    assert popped.levels() == [["a", "b"]]
    with pytest.raises(H2OValueError, match="'k'"):
        frame.pop("k")


def test_columns_and_rows_are_dropped(frame: h2o.H2OFrame) -> None:
    assert frame.drop(["k", 2]).names == ["n"]
    assert frame.drop(-1).names == ["k", "n"]
    assert frame.drop([0, 2], axis=0).as_data_frame(use_pandas=False)[1:] == [["b", "2", "1577923200000"]]
    with pytest.raises(H2OValueError, match="no row 3"):
        frame.drop([3], axis=0)


def test_values_are_looked_for(frame: h2o.H2OFrame) -> None:
    assert "a" in frame["k"]
    assert ["a", "c"] not in frame["k"]
    assert 2 in frame["n"]


def test_cells_are_plain_values(frame: h2o.H2OFrame) -> None:
    assert (frame[1, "k"], frame[1, "n"], frame[1, 2]) == ("b", 2, 1577923200000)
    assert numpy.isnan(frame[2, "n"])
    assert (float(frame[0:1, "n"]), int(frame[1:2, "n"])) == (1.0, 2)


DATES = [
    datetime.date(2020, 1, 1),
    datetime.datetime(2020, 1, 1, 12),
    numpy.datetime64("2020-01-01"),
    numpy.datetime64("2020-01-01T23:59:59.999"),
]


def test_times_are_compared_with_dates(frame: h2o.H2OFrame) -> None:
    assert [(frame["t"] > date).sum() for date in DATES] == [1] * len(DATES)


def test_none_is_a_missing_value(frame: h2o.H2OFrame) -> None:
    assert frame[frame["n"] == None, "k"].nrow == 1  # noqa: E711
    assert frame[frame["n"] != None, "k"].nrow == 2  # noqa: E711


def test_renaming_takes_what_is_there(frame: h2o.H2OFrame) -> None:
    frame.rename({"k": "kind", 1: "number", "nowhere": "x", 9: "y"})
    assert frame.names == ["kind", "number", "t"]
    assert frame.set_name("kind", "sort").names == ["sort", "number", "t"]
    assert frame["t"].set_name(name="when").names == ["when"]
    for wrong in ({"col": "sort", "name": "t"}, {"name": "x"}, {"col": 0}):
        with pytest.raises(H2OValueError):
            frame.set_name(**wrong)


def test_a_key_moves_with_its_frame(frame: h2o.H2OFrame) -> None:
    frame.frame_id = "moved"
    assert (frame.key, keys()) == ("moved", {"moved"})
    part = frame["n"]
    part.frame_id = "part"
    part.frame_id = "renamed"
    del part
    assert keys() == {"moved", "renamed"}


def test_a_copy_shares_nothing_that_changes(frame: h2o.H2OFrame) -> None:
    copy = h2o.deep_copy(frame, "copy")
    copy["n"] = 7
    assert h2o.assign(copy, "changed") is copy
    assert keys() >= {"small", "copy", "changed"}
    sums = [h2o.H2OFrame.get_frame(key)["n"].sum() for key in ("small", "copy", "changed")]  # type: ignore[index]
    assert sums == [3, 3, 21]
    renamed = h2o.H2OFrame(frame, column_names=["a", "b"], skipped_columns=[0])
    assert (renamed.names, frame.names) == (["a", "b"], ["k", "n", "t"])


def test_a_removed_frame_says_so(frame: h2o.H2OFrame) -> None:
    h2o.remove(frame)
    assert "small" not in keys()
    assert frame.key is None
    assert "removed" in repr(frame)
    assert "removed" in frame._repr_html_()
    for use in (lambda: frame.nrow, lambda: (frame + 1).frame_id, lambda: frame.frame_id):
        with pytest.raises(H2OValueError, match="removed"):
            use()
    assert h2o.get_frame("small") is h2o.H2OFrame.get_frame("small") is None


def test_missing_values_are_put_into_the_frame_itself(frame: h2o.H2OFrame) -> None:
    assert frame.insert_missing_values(1.0, seed=1) is frame
    assert frame.nacnt() == [3, 3, 3]


def test_random_frames_have_the_shape_that_was_asked_for(server: h2o.Connection) -> None:
    made = h2o.create_frame("made", rows=30, cols=6, time_fraction=0.5, string_fraction=0.5, seed=1)
    assert (made.frame_id, made.shape) == ("made", (30, 6))
    assert sorted(made.types.values()) == ["string"] * 3 + ["time"] * 3
    same = h2o.create_frame(rows=2, cols=2, randomize=False, value=5, missing_fraction=0)
    assert same.as_data_frame().to_numpy().tolist() == [[5, 5], [5, 5]]


KINDS = ("real", "categorical", "integer", "binary", "time", "string")


@pytest.mark.parametrize(
    ("given", "shares"),
    [
        ({}, [0.5, 0.2, 0.2, 0.1, 0, 0]),
        ({"real": 1.0}, [1, 0, 0, 0, 0, 0]),
        ({"integer": 0.5, "time": 0.1}, [0.25, 0.1, 0.5, 0.05, 0.1, 0]),
        ({"real": 0.2, "categorical": 0.2, "integer": 0.2, "binary": 0.2}, [0.2, 0.2, 0.2, 0.2, 0.1, 0.1]),
    ],
)
def test_fractions_that_are_not_given_share_the_rest(given: dict[str, float], shares: list[float]) -> None:
    found = _completed({kind: given.get(kind) for kind in KINDS})
    assert [found[kind] for kind in KINDS] == pytest.approx(shares)


@pytest.mark.parametrize("given", [{"real": 0.9, "time": 0.2}, dict.fromkeys(KINDS, 0.1)])
def test_fractions_that_do_not_add_up_are_refused(given: dict[str, float]) -> None:
    with pytest.raises(H2OValueError, match="add up to 1"):
        _completed({kind: given.get(kind) for kind in KINDS})


WRONG: dict[str, tuple[Callable[[h2o.H2OFrame], object], type[Exception], str]] = {
    "a function that is missing": (lambda f: f.apply(), H2OTypeError, "takes a function"),
    "a measure that is missing": (lambda f: f["k"].strdistance(f["k"]), H2OValueError, "lv, lcs"),
    "the type of several columns": (lambda f: f.dtype, H2OValueError, "single column"),
    "a frame of nothing": (lambda f: h2o.H2OFrame(), H2OTypeError, "NoneType"),
    "ratios of nothing": (lambda f: f.split_frame([]), H2OValueError, "ratios"),
    "a constant at random": (lambda f: h2o.create_frame(value=3), H2OValueError, "randomize=False"),
    "a frame that is not there": (lambda f: h2o.frame("nope"), H2OResponseError, "nope"),
}


@pytest.mark.parametrize(("call", "error", "words"), WRONG.values(), ids=WRONG)
def test_mistakes_are_named(
    frame: h2o.H2OFrame, call: Callable[[h2o.H2OFrame], object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call(frame)


def test_the_types_of_one_column_are_numpys(frame: h2o.H2OFrame) -> None:
    assert [frame[name].dtype.kind for name in frame.names] == ["U", "i", "U"]


def test_what_the_server_tells_is_passed_on(frame: h2o.H2OFrame) -> None:
    assert h2o.frame("small")["frames"][0]["rows"] == 3
    assert frame.get_summary()["n"]["maxs"][0] == 2
    assert frame.summary(return_data=True) == frame.get_summary()
    assert h2o.as_list(frame["n"], use_pandas=False, header=False) == [["1"], ["2"], []]


LOOKS: dict[str, tuple[Callable[[h2o.H2OFrame], None], list[str]]] = {
    "show": (lambda f: f.show(rows=1), ["2020-01-01 00:00:00", "[3 rows x 3 columns]"]),
    "show some columns": (lambda f: f.show(cols=1), ["k", "[3 rows x 3 columns]"]),
    "show_summary": (lambda f: f.show_summary(), ["sigma", "3 rows, 3 columns"]),
    "summary": (lambda f: print(f.summary()), ["sigma", "None"]),
    "structure": (lambda f: f.structure(), ["H2OFrame small: 3 rows of 3 columns", "a, b"]),
    "describe": (
        lambda f: f.describe(chunk_summary=True),
        ["Chunk compression", "sigma", "[3 rows x 3 columns]"],
    ),
}


@pytest.mark.parametrize(("look", "words"), LOOKS.values(), ids=LOOKS)
def test_frames_are_shown(
    frame: h2o.H2OFrame,
    look: Callable[[h2o.H2OFrame], None],
    words: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    look(frame)
    shown = capsys.readouterr().out
    for word in words:
        assert word in shown


def test_in_a_notebook_frames_are_shown_as_html(frame: h2o.H2OFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    shell = type("ZMQInteractiveShell", (), {})()
    ipython, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
    display.HTML, display.display = str, shown.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    frame.describe()
    assert len(shown) == 1
    assert shown[0].count("<table>") == 2


def test_a_held_key_is_renamed_not_copied(scripted: Any) -> None:
    connection, transport = scripted()
    frame = h2o.H2OFrame._of(Expression.of_key("old", connection))
    frame.frame_id = "new"
    assert transport.expressions == ["(rename 'old' 'new')"]
    assert frame.frame_id == "new"


def test_the_servers_time_zone_is_set_and_told(server: h2o.Connection) -> None:
    before = h2o.get_timezone()
    try:
        h2o.set_timezone("Europe/Berlin")
        assert h2o.get_timezone() == h2o.cluster().timezone == "Europe/Berlin"
    finally:
        h2o.set_timezone(before)


def test_messages_reach_the_servers_log(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, transport = scripted({"POST /3/LogAndEcho": {}})
    h2o.log_and_echo("half done")
    assert transport.requests[-1].form == {"message": "half done"}
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    h2o.flow()
    assert opened == ["http://scripted"]


def test_a_file_is_sent_to_any_endpoint(scripted: Any, tmp_path: Path) -> None:
    _, transport = scripted({"POST /3/PostFile": {"destination_frame": "raw"}})
    (tmp_path / "x.csv").write_text("a")
    assert h2o.api("POST /3/PostFile", filename=tmp_path / "x.csv") == {"destination_frame": "raw"}
    assert transport.requests[-1].body == tmp_path / "x.csv"
