"""Frames, models and their tables are readable in a terminal and safe in a notebook."""

from __future__ import annotations

from typing import Any

import h2o
import pytest
from h2o._description import ColumnDescription, FrameDescription, describe, preview_table, summary_table
from h2o.display import Table, cell, to_html, to_text
from hypothesis import given, strategies

CELLS = {
    "missing": (None, ""),
    "not a number": (float("nan"), ""),
    "integer": (1234567, "1234567"),
    "real": (0.123456789, "0.123457"),
    "whole real": (5.0, "5"),
    "text": ("Übung", "Übung"),
    "line end": ("a\nb", "a\\nb"),
    "terminal escape": ("\x1b[31mred", "\\x1b[31mred"),
}


@pytest.mark.parametrize(("value", "text"), CELLS.values(), ids=CELLS.keys())
def test_values_are_shown_in_one_line(value: object, text: str) -> None:
    assert cell(value) == text


def test_columns_are_aligned_numbers_to_the_right() -> None:
    table = Table(
        ["name", "n"], [["a", 5], ["long name", 12], [None, None]], title="Things", footnote="[3 rows]"
    )
    assert to_text(table, 80).splitlines() == [
        "Things",
        "name        n",
        "─────────  ──",
        "a           5",
        "long name  12",
        "",
        "[3 rows]",
    ]


def test_wide_characters_take_two_places() -> None:
    lines = to_text(Table(["数", "x"], [["数学", "1"], ["ab", "2"]]), 80).splitlines()
    assert lines[2:] == ["数学  1", "ab    2"]


def test_a_wide_table_keeps_its_first_and_last_columns() -> None:
    names = [f"C{i}" for i in range(1, 101)]
    lines = to_text(Table(names, [list(range(100))], footnote="[1 row]"), 40).splitlines()
    assert max(map(len, lines[:-1])) <= 40
    assert lines[0].split()[0] == "C1"
    assert lines[0].split()[-1] == "C100"
    hidden = 100 - (len(lines[0].split()) - 1)
    assert lines[-1] == f"[1 row] ({hidden} columns not shown)"


@given(
    widths=strategies.lists(strategies.integers(1, 30), min_size=1, max_size=40),
    window=strategies.integers(70, 200),
)
def test_no_table_is_wider_than_the_window(widths: list[int], window: int) -> None:
    lines = to_text(Table(["x" * width for width in widths], [["y"] * len(widths)]), window).splitlines()
    assert max(map(len, lines)) <= window
    assert lines[0].startswith("x" * widths[0])


def test_a_table_that_just_fits_is_whole() -> None:
    table = Table(["aaa", "bbb"], [["1", "2"]])
    assert "…" not in to_text(table, 8)
    assert "…" in to_text(Table(["aaa", "bbb", "ccc"], [["1", "2", "3"]]), 12)


def test_html_is_escaped_everywhere() -> None:
    script = "<script>alert(1)</script>"
    page = to_html(Table([script], [[script]], title=script, footnote=script))
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") == 4


def test_html_of_a_wide_table_is_cut() -> None:
    page = to_html(Table([f"C{i}" for i in range(785)], [list(range(785))]))
    assert page.count("<th") == 21 + 1  # twenty columns, an ellipsis, and the thead
    assert "(765 columns not shown)" in page


def column(name: str, kind: str, **more: Any) -> dict[str, Any]:
    wire = {"domain": None, "mins": ["NaN"], "maxs": ["NaN"], "mean": "NaN", "sigma": "NaN", "data": None}
    return {
        "label": name,
        "type": kind,
        "string_data": None,
        "zero_count": 0,
        "missing_count": 1,
        **wire,
        **more,
    }


COLUMNS = [
    column("n", "int", data=[1.0, "NaN"], mins=[1.0], maxs=[1.0], mean=1.0, sigma=0.0),
    column("x", "real", data=[0.5, None], mins=[0.5], maxs=[0.5], mean=0.5),
    column("kind", "enum", data=[1.0, "NaN"], domain=["cat", "dog"]),
    column("note", "string", string_data=["<b>", None]),
    column("when", "time", data=[1577836800000.0, "NaN"], mins=[1577836800000.0], maxs=[1577836800000.0]),
]


def table(name: str, **columns: list[Any]) -> dict[str, Any]:
    kinds = {str: "string", int: "int", float: "float"}
    described = [{"name": column, "type": kinds[type(cells[0])]} for column, cells in columns.items()]
    return {"name": name, "columns": described, "data": list(columns.values())}


HELD = {
    "chunk_summary": table("Chunk compression summary", chunk_type=["packed"], count=[3]),
    "distribution_summary": table("Frame distribution summary", node=["node 0"], number_of_rows=[2.0]),
}


@pytest.fixture
def frame(scripted: Any) -> h2o.H2OFrame:
    scripted({"GET /3/Frames/things": {"frames": [{"rows": 2, "columns": COLUMNS, **HELD}]}})
    return h2o.H2OFrame.get_frame("things")


def test_a_frame_shows_its_first_rows_and_its_size(frame: h2o.H2OFrame) -> None:
    assert repr(frame).splitlines() == [
        "n    x  kind  note  when",
        "─  ───  ────  ────  ───────────────────",
        "1  0.5  dog   <b>   2020-01-01 00:00:00",
        "",
        "[2 rows x 5 columns]",
    ]


def test_a_frame_in_a_notebook_is_escaped(frame: h2o.H2OFrame) -> None:
    page = frame._repr_html_()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "2 rows x 5 columns" in page


def test_a_frame_describes_its_columns(frame: h2o.H2OFrame, capsys: pytest.CaptureFixture[str]) -> None:
    frame.describe()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 rows, 5 columns"
    assert lines[1].split() == ["column", "type", "min", "mean", "max", "sigma", "zeros", "missing", "levels"]
    assert lines[5].split() == ["kind", "enum", "0", "1", "2"]
    assert lines[7].split()[:4] == ["when", "time", "2020-01-01", "00:00:00"]


def test_a_frame_says_how_it_is_held(frame: h2o.H2OFrame, capsys: pytest.CaptureFixture[str]) -> None:
    frame.describe(chunk_summary=True)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Chunk compression summary"
    assert ["packed", "3"] in [line.split() for line in lines]
    assert "Frame distribution summary" in lines
    assert ["node", "0", "2"] in [line.split() for line in lines]
    assert "2 rows, 5 columns" in lines


def test_a_frame_knows_its_types_and_categories(frame: h2o.H2OFrame) -> None:
    assert frame.shape == (2, 5)
    assert frame.types == {"n": "int", "x": "real", "kind": "enum", "note": "string", "when": "time"}
    assert frame.levels() == [[], [], ["cat", "dog"], [], []]
    assert frame.nlevels() == [0, 0, 2, 0, 0]
    assert frame.isfactor() == [False, False, True, False, False]
    assert frame.isnumeric() == [True, True, False, False, False]


def test_missing_statistics_are_none(scripted: Any) -> None:
    connection, _ = scripted({"GET /3/Frames/things": {"frames": [{"rows": 2, "columns": COLUMNS}]}})
    described = describe(connection, "things").columns
    assert (described[0].minimum, described[0].mean, described[0].sigma) == (1.0, 1.0, 0.0)
    assert described[1].sigma is None
    assert described[2].values == ("dog", None)
    assert described[2].mean is None


def test_the_summary_of_a_very_wide_frame_is_cut_in_the_middle() -> None:
    columns = tuple(ColumnDescription(f"C{i}", "int", None, 0, 1, 0.5, 0.1, 3, 0, ()) for i in range(1, 786))
    table = summary_table(FrameDescription(10, columns))
    assert len(table.rows) == 41
    assert [table.rows[i][0] for i in (0, 20, 40)] == ["C1", "…", "C785"]
    assert table.footnote == "[745 more columns between]"


def test_one_row_and_one_column_are_not_plural() -> None:
    only = ColumnDescription("a", "int", None, 1, 1, 1, 0, 0, 0, (1,))
    assert preview_table(FrameDescription(1, (only,))).footnote == "[1 row x 1 column]"


@pytest.fixture
def _no_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


@pytest.mark.usefixtures("_no_pandas")
def test_without_pandas_a_frame_comes_as_lists(frame: h2o.H2OFrame, scripted: Any) -> None:
    transport: Any = frame._expression.connection.transport
    transport.answers["GET /3/DownloadDataset"] = '"n","note"\n1,"a ""b"", c"\n'
    assert frame.as_data_frame() == [["n", "note"], ["1", 'a "b", c']]
    assert frame.as_data_frame(header=False) == [["1", 'a "b", c']]


def test_texts_that_look_like_numbers_stay_texts(frame: h2o.H2OFrame) -> None:
    transport: Any = frame._expression.connection.transport
    transport.answers["GET /3/DownloadDataset"] = '"n","note"\n1,"007"\n'
    assert frame.as_data_frame()["note"].tolist() == ["007"]


def test_a_frame_is_written_to_a_file(frame: h2o.H2OFrame, tmp_path: Any) -> None:
    transport: Any = frame._expression.connection.transport
    transport.answers["GET /3/DownloadDataset"] = '"n"\n1\n'
    assert frame.download_csv(tmp_path / "out.csv").read_text() == '"n"\n1\n'
