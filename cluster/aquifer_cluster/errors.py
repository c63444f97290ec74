"""What can go wrong below the server, typed where it arises.

AquiferError
├── KeyNotFound          a key that the store does not hold
├── WrongKind            a key that holds something else than was asked for
├── InvalidArgument      an argument that does not fit: names it, the place and the remedy
├── ColumnNotFound       a column that the frame does not have
├── KeyTaken             a key that holds something that is not to be replaced
├── SourceNotFound       a file or address that cannot be read
├── TargetRefused        a path that cannot be written: names it and the reason
│   └── TargetTaken      … because something is there that force=True would replace
├── ParseFailure         a source that could not be understood: names file and place
├── MemoryExceeded       would not fit in the cloud's memory: both sizes
├── JobCancelled         raised inside a job that was asked to stop
├── DeadlineExceeded     raised inside a job that ran out of its time
└── NodeLost             a node that no longer answers
"""

from __future__ import annotations

from typing import Any


class AquiferError(Exception):
    """Base of all typed errors; the message is fit for the user's eyes."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes by message and attributes, not by constructor."""
        return _restore, (type(self), str(self), self.__dict__)


class KeyNotFound(AquiferError):
    """The store holds nothing under `key`."""

    def __init__(self, key: str, kind: str = "object") -> None:
        super().__init__(f"Object '{key}' not found: the store holds no {kind} of that name.")
        self.key = key
        self.kind = kind


class WrongKind(AquiferError):
    """The store holds something else under `key` than the kind that was asked for."""

    def __init__(self, key: str, expected: str, found: str) -> None:
        super().__init__(f"Object '{key}' is a {found}, not a {expected}.")
        self.key = key
        self.expected = expected
        self.found = found


class KeyTaken(AquiferError):
    """A key that holds a frame which is not to be replaced; in H2O's words, which scripts look for."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Frame Key<Frame> {key} already exists.")
        self.key = key


class InvalidArgument(AquiferError):
    """An argument that does not fit; `name` is the argument, `message` says what would."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


class ColumnNotFound(AquiferError):
    """The frame has no column of that name or index."""

    def __init__(self, column: str | int, names: tuple[str, ...]) -> None:
        shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
        super().__init__(f"Column {column} not found: the frame has {len(names)} columns ({shown}).")
        self.column = column


class SourceNotFound(AquiferError):
    """A file or address that does not exist or may not be read."""

    def __init__(self, source: str, reason: str = "no such file") -> None:
        super().__init__(f"File {source} cannot be imported: {reason}.")
        self.source = source


class TargetRefused(AquiferError):
    """A path that cannot be written, or must not be."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}.")
        self.path = path


class TargetTaken(TargetRefused):
    """A path where something is that may be replaced, but only on demand; in H2O's words."""

    def __init__(self, path: str) -> None:
        AquiferError.__init__(self, f"File already exists: {path}; force=True replaces it.")
        self.path = path


class ParseFailure(AquiferError):
    """A source that could not be understood; names the file and the place in it."""

    def __init__(self, source: str, place: str, reason: str) -> None:
        super().__init__(f"Cannot parse {source} ({place}): {reason}")
        self.source = source


class MemoryExceeded(AquiferError):
    """Something that would not fit; the sizes are bytes."""

    def __init__(self, what: str, needed: int, available: int) -> None:
        super().__init__(
            f"{what} needs about {readable_bytes(needed)}, but {readable_bytes(available)} of the cloud's "
            "memory are free. Remove frames, or start the server with a larger --memory."
        )
        self.needed = needed
        self.available = available


class JobCancelled(AquiferError):
    """Raised inside a job that was asked to stop."""


class DeadlineExceeded(AquiferError):
    """Raised inside a job that ran out of its time."""


class NodeLost(AquiferError):
    """A node whose process has ended, or cannot be reached; what it held is gone."""

    def __init__(self, node: int | str) -> None:
        super().__init__(
            f"Node {node} is gone, and with it the rows of frames that it held. Frames that are on other "
            "nodes can still be read; restart the server to train and to import again."
        )
        self.node = node


def readable_bytes(size: float) -> str:
    """Format a number of bytes for people, in powers of 1024 (`12.4 MB`)."""
    for unit in ("B", "KB", "MB", "GB"):
        if abs(size) < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"


def _restore(kind: type[AquiferError], message: str, attributes: dict[str, Any]) -> AquiferError:
    error = kind.__new__(kind, message)
    error.args = (message,)
    error.__dict__.update(attributes)
    return error
