"""Frames of random data, to try things with."""

from __future__ import annotations

from collections.abc import Mapping

from h2o._connection import current
from h2o._expression import Expression, check_key
from h2o.exceptions import H2OValueError
from h2o.frame import H2OFrame
from h2o.job import H2OJob

__all__ = ["create_frame"]

# How the columns whose fraction is not given are shared out.
_SHARES = {"real": 0.5, "categorical": 0.2, "integer": 0.2, "binary": 0.1, "time": 0.0, "string": 0.0}
_TOLERANCE = 1e-10


def create_frame(
    frame_id: str | None = None,
    rows: int = 10000,
    cols: int = 10,
    randomize: bool = True,
    real_fraction: float | None = None,
    categorical_fraction: float | None = None,
    integer_fraction: float | None = None,
    binary_fraction: float | None = None,
    time_fraction: float | None = None,
    string_fraction: float | None = None,
    value: float = 0,
    real_range: float = 100,
    factors: int = 100,
    integer_range: int = 100,
    binary_ones_fraction: float = 0.02,
    missing_fraction: float = 0.01,
    has_response: bool = False,
    response_factors: int = 2,
    positive_response: bool = False,
    seed: int | None = None,
    seed_for_column_types: int | None = None,
) -> H2OFrame:
    """A frame of random values, or without ``randomize`` of real columns that are all ``value``.

    The fractions say how many of the columns are of which type; those that are not given share the rest.
    Numbers are between −``real_range`` and ``real_range`` (whole ones: ``integer_range``), categories have
    ``factors`` levels. Raises H2OValueError unless the fractions add up to 1.
    """
    fractions = _completed(
        {
            "real": 1.0 if real_fraction is None and not randomize else real_fraction,
            "categorical": categorical_fraction,
            "integer": integer_fraction,
            "binary": binary_fraction,
            "time": time_fraction,
            "string": string_fraction,
        }
    )
    if randomize and value:
        raise H2OValueError("value is for frames that are not random: pass randomize=False with it")
    connection = current()
    form = {
        "dest": connection.new_key() if frame_id is None else check_key(frame_id),
        "rows": rows,
        "cols": cols,
        "randomize": randomize,
        **{f"{kind}_fraction": share for kind, share in fractions.items() if kind != "real"},
        "value": value,
        "real_range": real_range,
        "factors": factors,
        "integer_range": integer_range,
        "binary_ones_fraction": binary_ones_fraction,
        "missing_fraction": missing_fraction,
        "has_response": has_response,
        "response_factors": response_factors,
        "positive_response": positive_response,
        "seed": -1 if seed is None else seed,
        "seed_for_column_types": -1 if seed_for_column_types is None else seed_for_column_types,
    }
    job = H2OJob(connection.call("POST /3/CreateFrame", form=form), "Create Frame", connection).wait()
    return H2OFrame._of(Expression.of_key(job.dest_key, connection))


def _completed(given: Mapping[str, float | None]) -> dict[str, float]:
    """All fractions; what the given ones leave is shared out among the others."""
    rest = 1 - sum(share or 0 for share in given.values())
    if rest < -_TOLERANCE or (rest > _TOLERANCE and None not in given.values()):
        raise H2OValueError(f"the fractions of all types of columns must add up to 1, not to {1 - rest:g}")
    unit = sum(_SHARES[kind] for kind, share in given.items() if share is None)
    open_kinds = sum(share is None for share in given.values())
    return {
        kind: share if share is not None else rest * (_SHARES[kind] / unit if unit else 1 / open_kinds)
        for kind, share in given.items()
    }
