"""Where compiled kernels are kept, and that a second start finds them there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def python(code: str, **environment: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-c", code]
    return subprocess.check_output(command, env={**inherited, **environment}, text=True).strip()


@pytest.mark.slow
def test_the_second_start_loads_what_the_first_compiled(tmp_path: Path) -> None:
    code = (
        "import time\n"
        "from aquifer_algos.deeplearning import compilation\n"
        "was_warm = compilation.is_warm()\n"
        "began = time.process_time()\n"
        "compilation.warm()\n"
        "print(was_warm, time.process_time() - began, compilation.is_warm())"
    )
    first, second = (python(code, XDG_CACHE_HOME=str(tmp_path)).split() for _ in range(2))
    assert (first[0], first[2]) == ("False", "True")
    assert (second[0], second[2]) == ("True", "True")
    assert float(second[1]) < 1.0 < float(first[1])
    [directory] = (tmp_path / "aquifer" / "kernels").iterdir()
    assert directory.stat().st_mode & 0o777 == 0o700


def test_a_cache_chosen_by_the_user_is_respected(tmp_path: Path) -> None:
    code = (
        "import os\n"
        "from aquifer_algos.deeplearning.compilation import use_private_cache\n"
        "print(use_private_cache(), os.environ['NUMBA_CACHE_DIR'])"
    )
    assert python(code, NUMBA_CACHE_DIR=str(tmp_path)) == f"{tmp_path} {tmp_path}"


def test_without_a_place_to_write_the_cache_lasts_for_the_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code = (
        "import os\n"
        "from aquifer_algos.deeplearning.compilation import use_private_cache\n"
        "made = use_private_cache()\n"
        "print(made.is_dir() and os.access(made, os.W_OK), oct(made.stat().st_mode & 0o777))\n"
        "made.rmdir()"
    )
    assert python(code, XDG_CACHE_HOME=str(tmp_path / "file")) == "True 0o700"


def test_the_algorithms_are_imported_without_numba() -> None:
    code = (
        "import sys\n"
        "import aquifer_algos, aquifer_algos.deeplearning.iteration, aquifer_algos.deeplearning.network\n"
        "print('numba' in sys.modules)"
    )
    assert python(code) == "False"
