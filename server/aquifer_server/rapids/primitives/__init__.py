"""The table of all primitives, put together from the families."""

from __future__ import annotations

from aquifer_server.rapids.declaration import Primitive
from aquifer_server.rapids.primitives import (
    application,
    assignment,
    dispersion,
    factors,
    imputation,
    keys,
    maths,
    matrices,
    munging,
    operators,
    reducers,
    running,
    sampling,
    sequences,
    slicing,
    strings,
    summaries,
    times,
)

FAMILIES = (
    keys,
    slicing,
    assignment,
    operators,
    maths,
    factors,
    reducers,
    summaries,
    munging,
    sampling,
    application,
    matrices,
    dispersion,
    running,
    sequences,
    imputation,
    strings,
    times,
)

PRIMITIVES: dict[str, Primitive] = {
    primitive.name: primitive for family in FAMILIES for primitive in family.PRIMITIVES
}

BINDERS = frozenset(keys.BINDERS)
"""Primitives whose value has the key that is their first argument."""

OF_ROWS = application.OF_ROWS
"""The primitives that mean something else within a function that is applied to rows."""
