"""What expressions evaluate to, and the kinds of arguments that primitives take."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.rows import RowRanges

from aquifer_server.rapids.ast import Function, NumberList, Span, TextList
from aquifer_server.rapids.errors import WrongArgument


@dataclass(frozen=True)
class PrimitiveName:
    """A primitive that is named but not called, as in `(apply f 2 sum)`."""

    name: str


Value = Frame | float | str | NumberList | TextList | Function | PrimitiveName


def describe(value: Any) -> str:
    """What a value is, in words."""
    names: dict[type, str] = {
        Frame: "a Frame",
        float: "a number",
        str: "a string",
        NumberList: "a list of numbers",
        TextList: "a list of strings",
        Function: "a function",
        PrimitiveName: "a function",
    }
    return names.get(type(value), "something else")


class Mismatch(Exception):
    """A value is not of the kind that was asked for; the text says what it should be."""


@dataclass(frozen=True)
class Kind:
    """A kind of argument: its name in texts, and how a value becomes what the primitive is given.

    `accept` raises Mismatch. An argument of a kind that is not `evaluated` is a bare name or a string; one of
    a `keyed` kind comes as Keyed: with the key that it has.
    """

    name: str
    accept: Callable[[Any], Any]
    evaluated: bool = True
    keyed: bool = False


@dataclass(frozen=True)
class Keyed:
    """A frame and its key, None if it has none."""

    frame: Frame
    key: str | None


def _of(name: str, type: type) -> Kind:
    def accept(value: Any) -> Any:
        if not isinstance(value, type):
            raise Mismatch(f"Expected {name} but found {describe(value)}")
        return value

    return Kind(name, accept)


FRAME = _of("a Frame", Frame)
NUMBER = _of("a number", float)
STRING = _of("a string", str)


_LARGEST_INTEGER = 2.0**63


def _word(value: Any) -> str:
    """What is also the name of a primitive comes as one if it is not quoted."""
    return value.name if isinstance(value, PrimitiveName) else str(STRING.accept(value))


def _column(value: Any) -> Frame:
    frame: Frame = FRAME.accept(value)
    if len(frame.columns) != 1:
        raise Mismatch(f"Expected a single column but found a Frame of {len(frame.columns)} columns")
    return frame


def _integer(value: Any) -> int:
    number: float = NUMBER.accept(value)
    if not number.is_integer() or abs(number) > _LARGEST_INTEGER:
        raise Mismatch(f"Expected a whole number of 64 bits but found {number:g}")
    return int(number)


def _flag(value: Any) -> bool:
    if value not in (0.0, 1.0) or not isinstance(value, float):
        raise Mismatch(f"Expected True or False but found {describe(value)}")
    return bool(value)


def _numbers(value: Any) -> tuple[float, ...]:
    if isinstance(value, NumberList):
        return tuple(value.expand())
    return (NUMBER.accept(value),)


def _strings(value: Any) -> tuple[str, ...]:
    if isinstance(value, TextList):
        return value.texts
    if isinstance(value, NumberList) and not value:
        return ()
    return (STRING.accept(value),)


def _operand(value: Any) -> Frame | float | str:
    if isinstance(value, NumberList) and len(value) == 1 and value.spans[0].count == 1:
        return value.spans[0].start
    if not isinstance(value, Frame | float | str):
        raise Mismatch(f"Expected a Frame, a number or a string but found {describe(value)}")
    return value


def _frame_or_number(value: Any) -> Frame | float:
    if not isinstance(value, Frame | float):
        raise Mismatch(f"Expected a Frame or a number but found {describe(value)}")
    return value


@dataclass(frozen=True)
class ColumnChoice:
    """Columns by name or number, not yet looked up in a frame."""

    chosen: tuple[str, ...] | NumberList

    def of(self, frame: Frame) -> tuple[int, ...]:
        """The indices, none of them negative. Raises ColumnNotFound or WrongArgument."""
        if isinstance(self.chosen, NumberList):
            return self._checked(self._numbers(frame), frame)
        return tuple(frame.index(name) for name in self.chosen)

    def dropping(self, frame: Frame) -> tuple[int, ...]:
        """The indices where `-(i + 1)` leaves column i out."""
        if not isinstance(self.chosen, NumberList):
            return self.of(frame)
        numbers = self._numbers(frame)
        if numbers and all(number < 0 for number in numbers):
            dropped = {-number - 1 for number in numbers}
            return tuple(i for i in range(len(frame.columns)) if i not in dropped)
        return self._checked(numbers, frame)

    def from_end(self, frame: Frame) -> tuple[int, ...]:
        """The indices where -1 is the last column."""
        if not isinstance(self.chosen, NumberList):
            return self.of(frame)
        width = len(frame.columns)
        return self._checked([n + width if n < 0 else n for n in self._numbers(frame)], frame)

    def _numbers(self, frame: Frame) -> list[int]:
        assert isinstance(self.chosen, NumberList)
        found: list[int] = []
        for span in self.chosen.spans:
            numbers = span.range(len(frame.columns))
            if len(numbers) > len(frame.columns):
                raise _no_such_column(numbers[-1], frame)
            found.extend(numbers)
        return found

    @staticmethod
    def _checked(numbers: list[int], frame: Frame) -> tuple[int, ...]:
        for number in numbers:
            if not 0 <= number < len(frame.columns):
                raise _no_such_column(number, frame)
        return tuple(numbers)


def _no_such_column(number: int, frame: Frame) -> WrongArgument:
    return WrongArgument(f"Column must be an integer from 0 to {len(frame.columns) - 1}, found {number}")


def _columns(value: Any) -> ColumnChoice:
    if isinstance(value, float):
        return ColumnChoice(NumberList((Span(value),)))
    if isinstance(value, str):
        return ColumnChoice((value,))
    if isinstance(value, TextList):
        return ColumnChoice(value.texts)
    if isinstance(value, NumberList):
        return ColumnChoice(value)
    raise Mismatch(f"Expected columns by name or number but found {describe(value)}")


@dataclass(frozen=True)
class RowChoice:
    """Rows by number or by a mask. `spans` empty means all rows in an assignment, none in a selection."""

    spans: tuple[Span, ...]
    mask: Frame | None = None

    @property
    def drops(self) -> bool:
        """Whether the numbers say which rows to leave out: `-(i + 1)` for row i."""
        return bool(self.spans) and all(span.start < 0 for span in self.spans)

    def beyond(self, rows: int) -> bool:
        """Whether it is a single row, and that behind the last one."""
        return len(self.spans) == 1 and self.spans[0].count == 1 and self.spans[0].start >= rows

    def positions(self, rows: int) -> RowRanges:
        """The rows chosen, or to be left out. Runs end with the frame; a single row must be in it."""
        ranges = []
        for span in self.spans:
            found = span.range(rows)
            if self.drops:
                found = range(-found[-1] - 1, -found[0], span.range(rows).step) if len(found) else found
            if span.count == 1 and not self.drops and found[0] >= rows:
                raise WrongArgument(f"Row must be an integer from 0 to {rows - 1}, found {found[0]}")
            if len(found) and found[0] < 0:
                raise WrongArgument("Rows cannot be taken and dropped at once; use only one sign")
            ranges.append(range(found.start, min(found.stop, max(rows, found.start)), found.step))
        if self.drops:
            ranges = sorted({(r.start, r.stop, r.step): r for r in ranges}.values(), key=lambda r: r.start)
        return RowRanges.of(ranges)


def _rows(value: Any) -> RowChoice:
    if isinstance(value, Frame):
        return RowChoice((), value)
    if isinstance(value, float):
        return RowChoice((Span(value),))
    if isinstance(value, NumberList):
        return RowChoice(value.spans)
    raise Mismatch(f"Expected rows by number or a mask but found {describe(value)}")


def number_list(values: Iterable[float]) -> NumberList:
    """A list of the given numbers."""
    return NumberList(tuple(Span(float(value)) for value in values))


def _function(value: Any) -> Function | PrimitiveName:
    if not isinstance(value, Function | PrimitiveName):
        raise Mismatch(f"Expected a function but found {describe(value)}")
    return value


def _optional_integer(value: Any) -> int | None:
    return None if _is_nothing(value) else _integer(value)


def _optional_number(value: Any) -> float:
    return math.nan if _is_nothing(value) else float(NUMBER.accept(value))


def _optional_string(value: Any) -> str | None:
    return None if _is_nothing(value) else str(STRING.accept(value))


def _is_nothing(value: Any) -> bool:
    return isinstance(value, NumberList) and not value


def _table(value: Any) -> tuple[str, ...] | tuple[float, ...]:
    if isinstance(value, TextList | str):
        return _strings(value)
    if isinstance(value, NumberList | float):
        return _numbers(value)
    raise Mismatch(f"Expected strings or numbers but found {describe(value)}")


def _keyed(value: Any) -> Keyed:
    frame, key = value if isinstance(value, tuple) else (value, None)
    return Keyed(FRAME.accept(frame), key)


COLUMN = Kind("a single column", _column)
WORD = Kind("a string or the name of a function", _word)
FUNCTION = Kind("a function", _function)
INTEGER = Kind("a whole number", _integer)
FLAG = Kind("True or False", _flag)
NUMBERS = Kind("numbers", _numbers)
OPTIONAL_INTEGER = Kind("a whole number or []", _optional_integer)
OPTIONAL_NUMBER = Kind("a number or []", _optional_number)
OPTIONAL_STRING = Kind("a string or []", _optional_string)
TABLE = Kind("strings or numbers", _table)
STRINGS = Kind("strings", _strings)
OPERAND = Kind("a Frame, a number or a string", _operand)
FRAME_OR_NUMBER = Kind("a Frame or a number", _frame_or_number)
COLUMNS = Kind("columns by name or number", _columns)
ROWS = Kind("rows by number or a mask", _rows)
KEY = Kind("a key", lambda text: text, evaluated=False)
KEYED_FRAME = Kind("a Frame", _keyed, keyed=True)
PLACEHOLDER = Kind("_", lambda text: text, evaluated=False)
"""A place that another primitive of H2O uses and this one does not."""
