"""Which columns and rows are meant: by name, index, slice, list or range, counted from either end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from h2o.exceptions import H2OTypeError, H2OValueError, unknown

__all__ = ["column", "column_index", "column_indices", "columns", "is_all", "is_cell", "pair", "rows"]


def column_index(item: Any, names: Sequence[str], role: str = "column") -> int:
    """The position of one column. Raises H2OValueError where there is none, naming the nearest.

    ``role`` is what the column is called in the message, such as "column for y".
    """
    if isinstance(item, str):
        if item not in names:
            raise unknown(role, item, names)
        return list(names).index(item)
    if not _is_index(item):
        raise H2OTypeError(f"a {role} is chosen by its name or index, not by {item!r}")
    return _position(item, len(names), role)


def column(item: Any, names: Sequence[str]) -> int | str:
    """One column as the server takes it: its name if that was given, else its position."""
    position = column_index(item, names)
    return str(item) if isinstance(item, str) else position


def columns(item: Any, names: Sequence[str]) -> Any:
    """A choice of columns as the server takes it."""
    if isinstance(item, slice):
        return slice(*item.indices(len(names)))
    if isinstance(item, list | tuple | range):
        return [column(one, names) for one in item]
    return column(item, names)


def column_indices(item: Any, names: Sequence[str], role: str = "column") -> list[int]:
    """The positions of all chosen columns."""
    if isinstance(item, slice):
        return list(range(*item.indices(len(names))))
    if isinstance(item, str) or not isinstance(item, Iterable):
        item = [item]
    return [column_index(one, names, role) for one in item]


def rows(item: Any, count: int) -> Any:
    """A choice among ``count`` rows as the server takes it."""
    if isinstance(item, slice):
        return slice(*item.indices(count))
    if isinstance(item, list | tuple | range):
        return [_row(one, count) for one in item]
    return _row(item, count)


def _row(item: Any, count: int) -> int:
    if not _is_index(item):
        raise H2OTypeError(f"rows are chosen by index, slice, list or a mask, not by {item!r}")
    return _position(item, count, "row")


def _position(index: int, count: int, role: str) -> int:
    if not -count <= index < count:
        raise H2OValueError(f"there is no {role} {index}: the frame has {count}, 0 to {count - 1}")
    return int(index) % count


def pair(item: tuple[Any, ...]) -> tuple[Any, Any]:
    """The rows and the columns of ``frame[rows, columns]``."""
    if len(item) != 2:
        raise H2OTypeError(f"a frame takes frame[rows, columns], not {len(item)} indices")
    return item[0], item[1]


def is_all(item: Any) -> bool:
    """Whether everything is chosen: ``:``."""
    return isinstance(item, slice) and item == slice(None)


def is_cell(chosen_rows: Any, chosen_columns: Any) -> bool:
    """Whether a single row and a single column are chosen."""
    return _is_index(chosen_rows) and (isinstance(chosen_columns, str) or _is_index(chosen_columns))


def _is_index(item: Any) -> bool:
    return hasattr(item, "__index__") and not isinstance(item, bool)
