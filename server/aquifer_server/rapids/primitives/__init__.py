"""The table of all primitives, put together from the families."""

from __future__ import annotations

from aquifer_server.rapids.declaration import Primitive
from aquifer_server.rapids.primitives import (
    assignment,
    factors,
    keys,
    maths,
    operators,
    reducers,
    sampling,
    slicing,
    summaries,
)

FAMILIES = (keys, slicing, assignment, operators, maths, factors, reducers, summaries, sampling)

PRIMITIVES: dict[str, Primitive] = {
    primitive.name: primitive for family in FAMILIES for primitive in family.PRIMITIVES
}

BINDERS = frozenset(keys.BINDERS)
"""Primitives whose value has the key that is their first argument."""
