"""Element by element, one operand: mathematics, rounding, negation, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform import gamma
from aquifer_cluster.transform.numbers import Floats, numbers

_MOST_DIGITS = 308
"""More digits than this have no power of ten in float64, and change nothing."""


def _not(values: Any) -> Any:
    return np.where(np.isnan(values), np.nan, values == 0)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceiling": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "cospi": lambda values: np.cos(np.pi * values),
    "exp": np.exp,
    "expm1": np.expm1,
    "floor": np.floor,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "not": _not,
    "sign": np.sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sinpi": lambda values: np.sin(np.pi * values),
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
    "tanpi": lambda values: np.tan(np.pi * values),
    "trunc": np.trunc,
    **gamma.FUNCTIONS,
}
"""Functions of float64 arrays or numbers; outside its domain each gives NaN."""


def apply(cloud: Cloud, function: str, frame: Frame) -> Frame:
    """The function of every column, named `function(column)`. Raises InvalidArgument for non-numbers."""
    _require_numeric(function, frame)
    columns = _map(cloud, frame, _function_block, function)
    return Frame(tuple(f"{function}({name})" for name in frame.names), columns, frame.layout)


def apply_scalar(function: str, value: float) -> float:
    """The function of one number."""
    return float(_compute(FUNCTIONS[function], np.float64(value)))


def round_digits(cloud: Cloud, frame: Frame, digits: int) -> Frame:
    """Every column rounded to `digits` decimals, a half to the even neighbour (IEEE 754)."""
    _require_numeric("round", frame)
    return Frame(frame.names, _map(cloud, frame, _round_block, digits), frame.layout)


def significant_digits(cloud: Cloud, frame: Frame, digits: int) -> Frame:
    """Every column rounded to `digits` (at least one) significant digits."""
    _require_numeric("signif", frame)
    return Frame(frame.names, _map(cloud, frame, _significant_block, max(digits, 1)), frame.layout)


def round_scalar(value: float, digits: int) -> float:
    """One number rounded to decimals."""
    return float(_rounded(np.array([value]), digits)[0])


def significant_scalar(value: float, digits: int) -> float:
    """One number rounded to significant digits."""
    return float(_significant(np.array([value]), max(digits, 1))[0])


def missing(cloud: Cloud, frame: Frame) -> Frame:
    """1 where a value is missing, else 0, for every column of any type."""
    columns = _map(cloud, frame, _missing_block)
    return Frame(tuple(f"isNA({name})" for name in frame.names), columns, frame.layout)


def _map(cloud: Cloud, frame: Frame, block: Callable[..., list[Values]], *arguments: Any) -> tuple[Any, ...]:
    types = [ColumnType.NUMERIC] * len(frame.columns)
    return tuple(cloud.map_columns(frame, block, *arguments, types=types))


def _require_numeric(function: str, frame: Frame) -> None:
    for name, column in zip(frame.names, frame.columns, strict=True):
        if column.type is not ColumnType.NUMERIC:
            raise InvalidArgument(
                function, f"cannot be applied to the {column.type} column '{name}'; it works on numbers"
            )


def _compute(function: Callable[[Any], Any], values: Any) -> Any:
    with np.errstate(all="ignore"):
        return function(values)


def _function_block(block: Block, function: str) -> list[Values]:
    return [
        np.asarray(_compute(FUNCTIONS[function], numbers(block, i)), np.float64)
        for i in range(len(block.chunks))
    ]


def _round_block(block: Block, digits: int) -> list[Values]:
    return [_rounded(numbers(block, i), digits) for i in range(len(block.chunks))]


def _rounded(values: Floats, digits: int) -> Floats:
    with np.errstate(all="ignore"):
        rounded = np.round(values, min(max(digits, -_MOST_DIGITS), _MOST_DIGITS))
    return np.where(np.isfinite(rounded), rounded, values)


def _significant_block(block: Block, digits: int) -> list[Values]:
    return [_significant(numbers(block, i), digits) for i in range(len(block.chunks))]


def _significant(values: Floats, digits: int) -> Floats:
    with np.errstate(all="ignore"):
        magnitude = np.floor(np.log10(np.abs(values)))
        scale = 10.0 ** (min(digits, _MOST_DIGITS) - 1 - magnitude)
        rounded = np.rint(values * scale) / scale
    return np.where(np.isfinite(rounded), rounded, values)


def _missing_block(block: Block) -> list[Values]:
    return [is_missing(chunk.decode(), chunk.type).astype(np.float64) for chunk in block.chunks]
