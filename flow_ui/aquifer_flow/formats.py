"""Values as text for people: counts, numbers, sizes, durations, points in time."""

from __future__ import annotations

import math
from datetime import UTC, datetime

MISSING = "–"


def count(value: int) -> str:
    """A whole number, its thousands separated from five digits on (`1987`, `60,000`)."""
    return f"{value:,}" if abs(value) >= 10_000 else str(value)


def plural(value: int, noun: str) -> str:
    """A count and its noun (`1 node`, `3 nodes`)."""
    return f"1 {noun}" if value == 1 else f"{count(value)} {noun}s"


def number(value: object, digits: int = 5) -> str:
    """A number with so many significant digits, whole ones in full; other values as they are."""
    if value is None:
        return MISSING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, float) and math.isnan(value):
        return MISSING
    if isinstance(value, float) and math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == int(value) and abs(value) < 1e15:
        return count(int(value)).replace("-", "−")
    text = f"{value:.{max(digits, 6) if abs(value) >= 1e5 else digits}g}"
    if abs(value) >= 1e4 and "e" not in text:
        text = f"{float(text):,.0f}"
    return text.replace("-", "−", 1) if value < 0 else text


def percent(value: float | None, digits: int = 0) -> str:
    """A share of one in percent (`12%`)."""
    if value is None or math.isnan(value):
        return MISSING
    return f"{value * 100:.{digits}f}%"


def duration(seconds: float | None) -> str:
    """A span of time in its two largest units (`0.42 s`, `3 min 5 s`, `2 h 10 min`)."""
    if seconds is None:
        return MISSING
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def moment(seconds: float | None) -> str:
    """A point in time, given in seconds since the epoch, in the server's time zone."""
    if seconds is None:
        return MISSING
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def machine_time(seconds: float) -> str:
    """A point in time as the `datetime` attribute of a `<time>` wants it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
