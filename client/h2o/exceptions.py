"""What can go wrong, as a tree.

H2OError
├── H2OConnectionError      no server answered, or none is connected   (also ConnectionError)
├── H2OStartupError         a local server could not be started
├── H2OResponseError        the server refused the request: 4xx        (also OSError)
├── H2OServerError          the server failed on the request: 5xx
├── H2OJobFailed            a background job ended with an error       (also OSError)
├── H2OJobCancelled         a background job was cancelled
├── H2OValueError           an argument has a wrong value              (also ValueError)
└── H2OTypeError            an argument has a wrong type               (also TypeError)

H2OWarning                  (UserWarning) something worth knowing that stops nothing
"""

from __future__ import annotations

import difflib
import sys
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = [
    "H2OConnectionError",
    "H2OError",
    "H2OJobCancelled",
    "H2OJobFailed",
    "H2OResponseError",
    "H2OServerError",
    "H2OStartupError",
    "H2OTypeError",
    "H2OValueError",
    "H2OWarning",
]


class H2OError(Exception):
    """Base of everything that this client raises."""


class H2OConnectionError(H2OError, ConnectionError):
    """No server answered, or the program is not connected to one."""


class H2OStartupError(H2OError):
    """A local server could not be started."""


class _ServerMessage(str):
    """The server's words; H2O's scripts read them as ``error.args[0].exception_msg``."""

    @property
    def exception_msg(self) -> str:
        return str(self)


class H2OResponseError(H2OError, OSError):
    """The server refused a request, and says why.

    ``status`` is the HTTP status, ``message`` the server's own words, ``endpoint`` the method and path,
    ``values`` what the server reports about the culprit (for instance ``{"name": "no_such_frame"}``).
    """

    def __init__(
        self, message: str, *, status: int, endpoint: str, values: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(_ServerMessage(message))
        self.message = message
        self.status = status
        self.endpoint = endpoint
        self.values = dict(values or {})

    def __str__(self) -> str:
        return f"{self.message} [HTTP {self.status}, {self.endpoint}]"


class H2OServerError(H2OError):
    """The server failed while it served a request. ``status`` and ``endpoint`` say which."""

    def __init__(self, message: str, *, status: int, endpoint: str) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.endpoint = endpoint

    def __str__(self) -> str:
        return f"{self.message} [HTTP {self.status}, {self.endpoint}]"


class H2OJobFailed(H2OError, OSError):
    """A background job (import, training, prediction) ended with an error."""


class H2OJobCancelled(H2OError):
    """A background job was cancelled, here or by somebody else."""


class H2OValueError(H2OError, ValueError):
    """An argument has the right type and a wrong value."""


class H2OTypeError(H2OError, TypeError):
    """An argument has a wrong type."""


class H2OWarning(UserWarning):
    """Something worth knowing that stops nothing."""


def warn(text: str) -> None:
    """Warn with H2OWarning, at the line of the user's program that called into this package."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and _is_ours(frame.f_globals):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, H2OWarning, stacklevel=level)


def _is_ours(module: Mapping[str, Any]) -> bool:
    return str(module.get("__name__")).partition(".")[0] == "h2o"


def unknown(what: str, name: object, choices: Iterable[str]) -> H2OValueError:
    """The refusal of an unknown name: it names the nearest that exists, or else the first few."""
    known = list(choices)
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    if near:
        remedy = f"did you mean {near[0]!r}?"
    else:
        remedy = f"there are {', '.join(map(repr, known[:8]))}" + (" …" if len(known) > 8 else "")
    return H2OValueError(f"unknown {what} {name!r}: {remedy}")
