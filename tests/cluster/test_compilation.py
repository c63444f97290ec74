"""Where compiled kernels are kept, that a second start finds them there, and what becomes of old ones."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from aquifer_cluster import compilation
from aquifer_cluster.compilation import Kernels, forget_unused


def python(code: str, **environment: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.check_output(command, env={**inherited, **environment}, text=True).strip()


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module of kernels that can be imported here and in a process of its own."""
    path = tmp_path / "src" / "doubling_kernels.py"
    path.parent.mkdir()
    path.write_text(
        "import numba\n\n@numba.njit('int64(int64)', cache=True)\ndef double(x):\n    return 2 * x\n"
    )
    (path.parent / "part.py").write_text("")
    monkeypatch.syspath_prepend(str(path.parent))
    monkeypatch.setenv("PYTHONPATH", str(path.parent))
    monkeypatch.setattr(compilation, "_declared", [])  # what is declared here is gone with the module
    return path


DOUBLE = """
    from aquifer_cluster.compilation import Kernels
    kernels = Kernels("doubling_kernels")
    was_warm = kernels.is_warm()
    double = kernels.load().double
    hits = sum(double.stats.cache_hits.values())
    print(was_warm, hits, double(21), kernels.is_warm(), kernels.load() is kernels.load())
"""


def test_the_second_start_loads_what_the_first_compiled(module: Path, tmp_path: Path) -> None:
    first, second = (python(DOUBLE, XDG_CACHE_HOME=str(tmp_path)) for _ in range(2))
    assert first == "False 0 42 True True"
    assert second == "True 1 42 True True"
    [directory] = (tmp_path / "aquifer" / "kernels").iterdir()
    assert directory.stat().st_mode & 0o777 == 0o700


def test_processes_that_start_together_compile_once(module: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    environment.pop("NUMBA_CACHE_DIR", None)
    command = [sys.executable, "-c", textwrap.dedent(DOUBLE)]
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    hits = sorted(process.communicate()[0].split()[1] for process in both)
    assert hits == ["0", "1"]


def test_a_cache_chosen_by_the_user_is_respected(module: Path, tmp_path: Path) -> None:
    assert python(DOUBLE, NUMBA_CACHE_DIR=str(tmp_path / "chosen")).startswith("False 0 42")
    assert python(DOUBLE, NUMBA_CACHE_DIR=str(tmp_path / "chosen")).startswith("True 1 42")
    assert list((tmp_path / "chosen").glob("**/*.nbc"))


def test_without_a_place_to_write_the_cache_lasts_for_the_process(module: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code = f"""{DOUBLE}
    import numba, os
    print(numba.config.CACHE_DIR, oct(os.stat(numba.config.CACHE_DIR).st_mode & 0o777))
    """
    said, where = python(code, XDG_CACHE_HOME=str(tmp_path / "file")).splitlines()
    assert said == "False 0 42 True True"
    directory, mode = where.split()
    assert mode == "0o700"
    assert not Path(directory).exists()


def test_other_sources_have_another_cache(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    module.parent.with_name("above.py").write_text("")
    for changed in ("doubling_kernels.py", "part.py", "../above.py"):
        before, again = (Kernels("doubling_kernels", "*.py", "../above.py").cache_directory for _ in range(2))
        assert before == again
        (module.parent / changed).write_text("# changed")
        assert Kernels("doubling_kernels", "*.py", "../above.py").cache_directory != before


def test_a_source_that_is_not_there_is_a_mistake_that_shows(module: Path) -> None:
    with pytest.raises(AssertionError, match=r"not there: apart\.py"):
        _ = Kernels("doubling_kernels", "apart.py").cache_directory


def test_what_no_start_has_used_for_long_is_removed_and_nothing_else(tmp_path: Path) -> None:
    names = ("0123456789abcdef", "some.kernels-0123456789abcdef", "kept-0123456789abcdef", "mine", "recent")
    for name in names:
        (tmp_path / name / "below").mkdir(parents=True)
        os.utime(tmp_path / name, (0, time.time() - 40 * 24 * 3600))
    recent = tmp_path / "other.kernels-0123456789abcdef"
    recent.mkdir()
    (tmp_path / "fedcba9876543210").symlink_to(tmp_path / "mine")
    forget_unused(tmp_path, keep=tmp_path / "kept-0123456789abcdef")
    left = {entry.name for entry in tmp_path.iterdir()}
    assert left == {"kept-0123456789abcdef", "mine", "recent", recent.name, "fedcba9876543210"}


def test_everything_is_imported_without_numba() -> None:
    code = """
        import sys
        import aquifer.app
        from aquifer_cluster.compilation import declared
        print("numba" in sys.modules, len(declared()) > 0)
    """
    assert python(code) == "False True"
