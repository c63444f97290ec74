"""How the messages of validation are put."""

from __future__ import annotations

from aquifer_algos.params import Message, Severity

_SHOWN = 10


def error(field: str, text: str) -> Message:
    """What keeps the job from starting."""
    return Message(Severity.ERROR, field, text)


def listed(names: tuple[str, ...] | list[str]) -> str:
    """The first names, and how many there are if not all are shown."""
    shown = ", ".join(names[:_SHOWN])
    return shown + (f", … {len(names)} in all" if len(names) > _SHOWN else "")
