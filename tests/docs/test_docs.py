"""The docs, as far as a machine can check them."""

from __future__ import annotations

import datetime
import doctest
import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import structlog.testing

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def load(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_derived_tables_are_up_to_date(page: Path) -> None:
    text = page.read_text()
    assert load(ROOT / "docs/derive.py").derived(text) == text, "run: python docs/derive.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_pages_name_a_heading(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]*)\)", page.read_text()):
        text = (page.parent / target if target else page).read_text()
        headings = {
            re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
            for line in text.splitlines()
            if line.startswith("#")
        }
        assert anchor in headings


def test_every_dependency_has_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    reasons = (ROOT / "CONTRIBUTING.md").read_text().split("## Each dependency")[1]
    for requirement in (requirement for group in groups for requirement in group):
        name = re.split(r"[><=\[]", requirement)[0].strip()
        assert re.search(rf"\b{re.escape(name)}\b", reasons), f"CONTRIBUTING gives no reason for {name}"


def test_every_make_command_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        for command in re.findall(r"`make ([a-z-]+)", page.read_text()):
            assert command in targets, f"{page.name}: make {command}"


@pytest.mark.filterwarnings("ignore:training_frame. Dropping bad and constant columns")
def test_the_first_model_of_the_readme_runs(
    server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import h2o
    from sklearn.datasets import load_digits

    load_digits(as_frame=True).frame.to_csv(tmp_path / "digits.csv", index=False)
    code = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[0]
    code = code.replace("h2o.init()", "").replace('"digits.csv"', repr(str(tmp_path / "digits.csv")))
    h2o.connect(url=server_url, verbose=False)
    h2o.no_progress()
    try:
        exec(compile(code, "README.md", "exec"), {"h2o": h2o})
    finally:
        h2o.connection().close()
    shown = capsys.readouterr().out
    assert "Confusion Matrix" in shown
    assert "predict" in shown


def test_the_examples_of_working_with_frames_print_what_they_show(
    server_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import h2o

    page = ROOT / "docs" / "munging.md"
    examples = "".join(re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL))
    h2o.connect(url=server_url, verbose=False)
    h2o.no_progress()
    names = {"h2o": h2o, "datetime": datetime}
    test = doctest.DocTestParser().get_doctest(examples, names, page.name, str(page), 0)
    try:
        with structlog.testing.capture_logs():  # the server's log would be taken for what the examples print
            found = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    finally:
        h2o.connection().close()
    assert found.attempted > 40
    assert found.failed == 0, capsys.readouterr().out
