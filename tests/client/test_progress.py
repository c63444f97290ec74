"""Progress is shown where it can be seen: redrawn in a terminal, one line in a file, or not at all."""

from __future__ import annotations

import sys
from typing import Any

import h2o
import pytest
from h2o import progress
from h2o.progress import progress_bar


@pytest.fixture
def shown() -> None:
    h2o.show_progress()


def run_bar() -> None:
    bar = progress_bar("Parse progress")
    bar.update(0.25, "reading")
    bar.update(0.5, "")
    bar.finish("DONE")


@pytest.mark.usefixtures("shown")
def test_a_file_gets_one_line(capsys: Any) -> None:
    run_bar()
    printed = capsys.readouterr().out
    assert printed.startswith("Parse progress: |" + "█" * 40 + "| 100% done in 0.")
    assert printed.count("\n") == 1
    assert "\r" not in printed


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("where", ["terminal", "notebook"])
def test_without_rich_the_line_is_redrawn(where: str, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: where == "terminal")
    monkeypatch.setattr(progress, "in_notebook", lambda: where == "notebook")
    run_bar()
    drawn = capsys.readouterr().out.split("\r")[1:]
    assert [line.split("|")[2].split()[0] for line in drawn] == ["25%", "50%", "100%"]
    assert "reading" in drawn[0]
    assert "reading" not in drawn[1]
    assert len(drawn[1]) == len(drawn[0]), "a shorter line covers the longer one"


@pytest.mark.usefixtures("shown")
def test_with_rich_the_bar_is_drawn_by_it(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    run_bar()
    printed = capsys.readouterr().out
    assert "Parse progress" in printed
    assert "100%" in printed


@pytest.mark.usefixtures("shown")
def test_a_job_that_did_not_end_well_is_not_shown_as_full(capsys: Any) -> None:
    bar = progress_bar("Parse progress")
    bar.update(0.5, "")
    bar.finish("FAILED")
    assert " 50% failed in" in capsys.readouterr().out


def test_nothing_is_shown_when_switched_off(capsys: Any) -> None:
    h2o.no_progress()
    run_bar()
    assert capsys.readouterr().out == ""
