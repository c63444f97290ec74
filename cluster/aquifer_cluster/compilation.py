"""Modules of compiled kernels: loading them when they are needed, and where their machine code is cached.

Compiling takes seconds, loading from the cache milliseconds; and importing numba at all takes a while, so
that nothing imports it before a kernel is called for. The cache is private to the user (compiled code is
executed as it is found, so nobody else may write there). Each module has a directory of its own, named after
a hash of its sources and of numba's version, so that a new release never runs old code.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

_UNUSED_DAYS = 30
_OWN_NAME = re.compile(r"([\w.]+-)?[0-9a-f]{16}")
_lock = threading.RLock()
_declared: list[Kernels] = []


class Kernels:
    """A module of kernels, declared once next to what calls them: `KERNELS = Kernels("package.kernels")`.

    The functions of the module have explicit signatures, so that importing it compiles them. `sources` are
    further files that its machine code is made from, as patterns relative to it (`"*.py"`, `"../matrix.py"`).
    What nearly every request needs is `needed` at once, so that a start compiles it in the background; the
    rest waits for the first to call for it.
    """

    def __init__(self, module: str, *sources: str, needed: bool = False) -> None:
        self.module = module
        self.needed = needed
        self.sources = sources
        self._loaded: ModuleType | None = None
        _declared.append(self)

    def load(self) -> ModuleType:
        """The module: from the cache, or compiled now; at once from the second call on."""
        if self._loaded is None:
            with _lock:  # two threads may be the first at the same time
                self._loaded = self._loaded or self._import()
        return self._loaded

    def is_warm(self) -> bool:
        """Whether the module is compiled already, so that whoever needs it need not wait for the compiler."""
        return self._loaded is not None or self._mark(self.cache_directory).exists()

    @property
    def cache_directory(self) -> Path:
        """Where the machine code is kept: below NUMBA_CACHE_DIR if set, else below the user's cache."""
        chosen = os.environ.get("NUMBA_CACHE_DIR")
        return (Path(chosen) if chosen else _root()) / f"{self.module}-{self._fingerprint}"

    def _import(self) -> ModuleType:
        directory = _prepared(self.cache_directory)
        import_module("numba").config.CACHE_DIR = str(directory)  # read when a function is declared
        with _alone(directory):
            module = import_module(self.module)
            self._mark(directory).touch()
        if directory.parent == _root():
            os.utime(directory)
            forget_unused(_root(), keep=directory)
        return module

    def _mark(self, directory: Path) -> Path:
        """A file that is there once all functions are in the cache."""
        return directory / f"{self.module}-{self._fingerprint}.compiled"

    @cached_property
    def _fingerprint(self) -> str:
        spec = find_spec(self.module)
        assert spec is not None, f"no module {self.module}"
        assert spec.origin is not None, f"{self.module} has no source"
        directory = Path(spec.origin).parent
        digest = hashlib.sha256(version("numba").encode())
        for pattern in (Path(spec.origin).name, *self.sources):
            found = sorted(directory.glob(pattern))
            assert found, f"{self.module} names sources that are not there: {pattern}"
            for path in found:
                digest.update(path.read_bytes())
        return digest.hexdigest()[:16]


def declared() -> tuple[Kernels, ...]:
    """All modules of kernels that the modules imported so far have declared."""
    return tuple(_declared)


def warm() -> None:
    """Compile all declared kernels now, or load them from the cache if they are there."""
    for kernels in declared():
        kernels.load()


def load_in_background() -> None:
    """Load what is compiled already and compile what is needed at once, while the caller goes on."""

    def load() -> None:
        for kernels in declared():
            if kernels.needed or kernels.is_warm():
                kernels.load()

    threading.Thread(target=load, name="load-kernels", daemon=True).start()


def forget_unused(root: Path, keep: Path) -> None:
    """Remove cached code that no start has used for long: what earlier releases left behind."""
    oldest = time.time() - _UNUSED_DAYS * 24 * 3600
    for directory in root.iterdir():
        try:
            ours = _OWN_NAME.fullmatch(directory.name) and directory.is_dir() and not directory.is_symlink()
            if ours and directory != keep and directory.stat().st_mtime < oldest:
                shutil.rmtree(directory, ignore_errors=True)
        except OSError:  # another process was faster
            continue


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let no two processes compile the same at once: the later one waits, and finds it in the cache."""
    with open(directory / "lock", "w") as lock:
        with suppress(OSError):  # a file system may know no locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _root() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aquifer" / "kernels"


def _prepared(directory: Path) -> Path:
    """The directory, made with mode 0700; one for this process only where it cannot be made."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        directory.mkdir(parents=True, exist_ok=True)
        return directory
    try:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
    except OSError:
        directory = Path(tempfile.mkdtemp(prefix="aquifer-kernels-"))
        atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory
