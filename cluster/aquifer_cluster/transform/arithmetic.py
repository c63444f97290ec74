"""Element by element, two operands: arithmetic, comparison and logic.

Missing values: arithmetic with a missing value is missing; a comparison with one is 0 (so that a row mask
leaves the row out), except that missing equals missing; `&` and `|` are missing only where the other
operand does not decide. Categories are not numbers: arithmetic on them is missing throughout, and for
equality they compare by label.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aquifer_cluster.chunk import ColumnType, Values, is_missing
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Column, Frame
from aquifer_cluster.node import Block
from aquifer_cluster.transform.alignment import side_by_side
from aquifer_cluster.transform.numbers import Floats, numbers
from aquifer_cluster.transform.text_form import block_texts

Scalar = float | str
_NO_SUCH_LEVEL = -2.0
"""The code of a label that a domain does not have: equal to no code, and not missing."""


def _int_divide(left: Any, right: Any) -> Any:
    divisor = np.trunc(right)
    return np.trunc(np.trunc(left) / np.where(divisor == 0, np.nan, divisor))


def _and(left: Any, right: Any) -> Any:
    unknown = np.isnan(left) | np.isnan(right)
    return np.where((left == 0) | (right == 0), 0.0, np.where(unknown, np.nan, 1.0))


def _or(left: Any, right: Any) -> Any:
    unknown = np.isnan(left) | np.isnan(right)
    true = ((left != 0) & ~np.isnan(left)) | ((right != 0) & ~np.isnan(right))
    return np.where(true, 1.0, np.where(unknown, np.nan, 0.0))


def _equal(left: Any, right: Any) -> Any:
    return (left == right) | (np.isnan(left) & np.isnan(right))


def _not_equal(left: Any, right: Any) -> Any:
    return ~_equal(left, right)


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "%%": np.fmod,
    "intDiv": _int_divide,
    "%/%": lambda left, right: np.trunc(left / np.where(right == 0, np.nan, right)),
    "^": np.power,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": _equal,
    "!=": _not_equal,
    "&": _and,
    "&&": _and,
    "|": _or,
    "||": _or,
}
"""What each operator does to float64 arrays (or single numbers) with NaN for missing.

The remainder takes the sign of the dividend and whole-number division cuts towards zero, as H2O has it.
"""

_EQUALITIES = ("==", "!=")


@dataclass(frozen=True)
class _Operand:
    """One side of one output: a column of the block, or a constant.

    `levels` are the numbers that stand for the codes of an enum column, `domain` its labels.
    """

    column: int | None = None
    constant: Scalar = np.nan
    levels: tuple[float, ...] | None = None
    domain: tuple[str, ...] | None = None


class _Meeting(Enum):
    """How two operands meet: as numbers, as text, as uuids (texts without regard to capitals), apart (a text

    and a number are equal only if both are missing), or not at all (categories have no sum: all missing).
    """

    NUMBERS = auto()
    TEXT = auto()
    UUIDS = auto()
    APART = auto()
    NEVER = auto()


@dataclass(frozen=True)
class _Pair:
    left: _Operand
    right: _Operand
    meeting: _Meeting = _Meeting.NUMBERS


def apply_scalar(operator: str, left: float, right: float) -> float:
    """The operator on two numbers."""
    return float(_compute(operator, np.float64(left), np.float64(right)))


def apply(cloud: Cloud, operator: str, left: Frame | Scalar, right: Frame | Scalar) -> Frame:
    """The operator on a frame and a frame or scalar, column by column.

    A frame of one column meets every column of the other; a frame of one row meets every row. Raises
    InvalidArgument if the shapes do not fit, or for text where only numbers will do.
    """
    frames = [side for side in (left, right) if isinstance(side, Frame)]
    left, right = _spread_single_row(cloud, left, right)
    tall = [side for side in (left, right) if isinstance(side, Frame)]
    width = _common_width(frames)
    joined = side_by_side(cloud, tall)
    sides = [_columns_of(left, 0), _columns_of(right, len(left.columns) if isinstance(left, Frame) else 0)]
    pairs = [_pair(operator, *(_pick(side, i) for side in sides)) for i in range(width)]
    columns = cloud.map_columns(
        joined, _apply_block, operator, tuple(pairs), types=[ColumnType.NUMERIC] * width
    )
    wide = next(frame for frame in frames if len(frame.columns) == width)
    return Frame(wide.names, tuple(columns), joined.layout)


@dataclass(frozen=True)
class _Source:
    """A column with its place in the block and its name, or a constant."""

    operand: _Operand
    column: Column | None = None
    name: str = ""

    @property
    def is_text(self) -> bool:
        if self.column is None:
            return isinstance(self.operand.constant, str)
        return self.column.type.dtype is None

    @property
    def is_enum(self) -> bool:
        return self.column is not None and self.column.type is ColumnType.ENUM

    @property
    def is_uuid(self) -> bool:
        return self.column is not None and self.column.type is ColumnType.UUID


@dataclass(frozen=True)
class _RowOfConstants:
    """A frame of one row, read: a constant for each column."""

    names: tuple[str, ...]
    constants: tuple[Scalar, ...]


def _spread_single_row(cloud: Cloud, left: Any, right: Any) -> tuple[Any, Any]:
    """Turn a frame of one row that meets a longer one into constants."""
    if isinstance(left, Frame) and isinstance(right, Frame) and left.rows != right.rows:
        if right.rows == 1:
            return left, _read_row(cloud, right)
        if left.rows == 1:
            return _read_row(cloud, left), right
    return left, right


def _read_row(cloud: Cloud, frame: Frame) -> _RowOfConstants:
    constants: list[Scalar] = []
    for column, values in zip(frame.columns, cloud.read(frame), strict=True):
        if bool(is_missing(values, column.type)[0]):
            constants.append(np.nan)
        elif column.type is ColumnType.ENUM and column.domain is not None:
            constants.append(column.domain[values[0]])
        else:
            constants.append(values[0].as_py() if column.type.dtype is None else float(values[0]))
    return _RowOfConstants(frame.names, tuple(constants))


def _common_width(frames: list[Frame]) -> int:
    widths = [len(frame.columns) for frame in frames]
    if len(set(widths) - {1}) > 1:
        raise InvalidArgument(
            "frame",
            f"frames must have the same number of columns, found {widths[0]} columns and {widths[1]} columns",
        )
    return max(widths)


def _columns_of(side: Any, first: int) -> list[_Source]:
    if isinstance(side, Frame):
        return [
            _Source(_Operand(column=first + i, domain=column.domain), column, name)
            for i, (name, column) in enumerate(zip(side.names, side.columns, strict=True))
        ]
    constants = side.constants if isinstance(side, _RowOfConstants) else (side,)
    return [_Source(_Operand(constant=constant)) for constant in constants]


def _pick(side: list[_Source], index: int) -> _Source:
    return side[0] if len(side) == 1 else side[index]


def _pair(operator: str, left: _Source, right: _Source) -> _Pair:
    if operator in _EQUALITIES:
        return _comparable(left, right)
    for source in (left, right):
        if source.is_text:
            what = f"column '{source.name}'" if source.column else f"'{source.operand.constant}'"
            raise InvalidArgument(operator, f"works on numbers, but {what} is text")
    meeting = _Meeting.NEVER if left.is_enum or right.is_enum else _Meeting.NUMBERS
    return _Pair(left.operand, right.operand, meeting)


def _comparable(left: _Source, right: _Source) -> _Pair:
    """The operands in a form in which equal means equal."""
    if left.is_enum and right.is_enum:
        return _Pair(left.operand, _translated(right.operand, left.operand.domain or ()))
    if left.is_enum and right.is_text and right.column is None:
        return _Pair(left.operand, _code(str(right.operand.constant), left.operand.domain or ()))
    if right.is_enum and left.is_text and left.column is None:
        return _Pair(_code(str(left.operand.constant), right.operand.domain or ()), right.operand)
    textual = [source.is_text or source.is_enum for source in (left, right)]
    if all(textual):
        uuids = any(source.is_uuid for source in (left, right))
        return _Pair(left.operand, right.operand, _Meeting.UUIDS if uuids else _Meeting.TEXT)
    return _Pair(left.operand, right.operand, _Meeting.APART if any(textual) else _Meeting.NUMBERS)


def _translated(operand: _Operand, domain: tuple[str, ...]) -> _Operand:
    if operand.domain == domain:
        return operand
    codes = {label: float(code) for code, label in enumerate(domain)}
    levels = tuple(codes.get(label, _NO_SUCH_LEVEL) for label in operand.domain or ())
    return _Operand(column=operand.column, levels=levels)


def _code(label: str, domain: tuple[str, ...]) -> _Operand:
    return _Operand(constant=float(domain.index(label)) if label in domain else _NO_SUCH_LEVEL)


def _apply_block(block: Block, operator: str, pairs: tuple[_Pair, ...]) -> list[Values]:
    return [_output(block, operator, pair) for pair in pairs]


def _output(block: Block, operator: str, pair: _Pair) -> Floats:
    if pair.meeting is _Meeting.NEVER:
        return np.full(block.rows, np.nan)
    if pair.meeting is _Meeting.NUMBERS:
        found = _compute(operator, _numbers(block, pair.left), _numbers(block, pair.right))
    else:
        equal = _missing(block, pair.left) & _missing(block, pair.right)
        if pair.meeting is not _Meeting.APART:
            texts = [_text(block, side) for side in (pair.left, pair.right)]
            if pair.meeting is _Meeting.UUIDS:
                texts = [pc.ascii_lower(text) for text in texts]
            equal = equal | _equal_text(*texts)
        found = equal == (operator == "==")
    return np.broadcast_to(found, block.rows).astype(np.float64)


def _compute(operator: str, left: Any, right: Any) -> Any:
    with np.errstate(all="ignore"):
        return OPERATORS[operator](left, right)


def _numbers(block: Block, operand: _Operand) -> Any:
    if operand.column is None:
        return np.float64(operand.constant)
    if operand.levels is None:
        return numbers(block, operand.column)
    return np.array([*operand.levels, np.nan])[block.decode(operand.column)]  # the missing code is the last


def _missing(block: Block, operand: _Operand) -> Any:
    if operand.column is None:
        return np.bool_(operand.constant != operand.constant)
    chunk = block.chunks[operand.column]
    return is_missing(chunk.decode(), chunk.type)


def _text(block: Block, operand: _Operand) -> Any:
    if operand.column is None:
        return pa.scalar(str(operand.constant), pa.string())
    return block_texts(block, operand.column, operand.domain)


def _equal_text(left: Any, right: Any) -> Any:
    equal = pc.fill_null(pc.equal(left, right), False)
    return equal.as_py() if isinstance(equal, pa.Scalar) else equal.to_numpy(zero_copy_only=False)
