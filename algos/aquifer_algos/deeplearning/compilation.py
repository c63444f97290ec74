"""Where the compiled kernels are cached, and compiling them ahead.

Compiling takes several seconds; loading from the cache takes milliseconds. The cache is private to the user
(compiled code is executed as it is found, so nobody else may write there) and keyed by a hash of the kernel
sources and of numba's version, so that a new release never runs old code.
"""

import hashlib
import os
import sys
import tempfile
import threading
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

_SOURCES = ("vector.py", "kernels.py")
_lock = threading.RLock()


def cache_directory() -> Path:
    """The directory of the compiled kernels: NUMBA_CACHE_DIR if set, else one below the user's cache."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen)
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "aquifer" / "kernels" / _fingerprint()


def use_private_cache() -> Path:
    """Point numba at `cache_directory()`, made with mode 0700; call this before importing kernels.

    A NUMBA_CACHE_DIR that is already set is respected. Where the user has no directory to write to, the
    kernels are cached for this process only.
    """
    with _lock:
        directory = cache_directory()
        if "NUMBA_CACHE_DIR" not in os.environ:
            try:
                directory.mkdir(parents=True, exist_ok=True)
                directory.chmod(0o700)
            except OSError:
                directory = Path(tempfile.mkdtemp(prefix="aquifer-kernels-"))
            os.environ["NUMBA_CACHE_DIR"] = str(directory)
        if "numba" in sys.modules:  # numba has read the environment already
            sys.modules["numba"].config.CACHE_DIR = str(directory)
        return directory


def is_warm() -> bool:
    """Whether the kernels are in the cache already, so that a first job need not wait for the compiler."""
    return any(cache_directory().glob("**/kernels.train_rows-*.nbc"))


def warm() -> None:
    """Compile every kernel now, or load it from the cache if it is there."""
    with _lock:  # two jobs may be the first at the same time
        use_private_cache()
        # The kernels have explicit signatures: importing them compiles them.
        import_module("aquifer_algos.deeplearning.kernels")


def _fingerprint() -> str:
    digest = hashlib.sha256(version("numba").encode())
    for name in _SOURCES:
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()[:16]
