"""Values as text: what people read on the pages."""

from __future__ import annotations

import math

import pytest
from aquifer_flow import formats


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1987, "1987"),
        (60_000, "60,000"),
        (2003.4, "2003.4"),
        (0.123456, "0.12346"),
        (-0.5, "−0.5"),
        (3.0, "3"),
        (12_345.678, "12,346"),
        (1.5e-7, "1.5e-07"),
        (3.4e38, "3.4e+38"),
        (-3.4e38, "−3.4e+38"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (None, "–"),
        ("label", "label"),
    ],
)
def test_numbers(value: object, text: str) -> None:
    assert formats.number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.417, "0.42 s"), (42.0, "42.0 s"), (185, "3 min 5 s"), (7800, "2 h 10 min"), (90_000, "1 d 1 h")],
)
def test_durations(seconds: float, text: str) -> None:
    assert formats.duration(seconds) == text


def test_counts_with_their_noun() -> None:
    assert [formats.plural(n, "node") for n in (0, 1, 3, 12_000)] == [
        "0 nodes",
        "1 node",
        "3 nodes",
        "12,000 nodes",
    ]
