"""What a training parameter is, and how a value given for it is checked before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from h2o.exceptions import H2OTypeError, unknown

__all__ = ["Parameter", "check"]


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name on the wire, its kind, the server's default, and for an enum its values.

    Kinds: bool, int, float, str, enum, column, key, frames (keys of frames), and lists: ints, floats, strs.
    """

    name: str
    kind: str
    default: Any = None
    values: tuple[str, ...] = ()


def check(parameter: Parameter, value: Any) -> Any:
    """``value`` as it is sent; raises H2OTypeError or H2OValueError naming the parameter."""
    if value is None:
        return None
    return _CHECKS[parameter.kind](parameter, value)


def _wrong(parameter: Parameter, wanted: str, value: Any) -> H2OTypeError:
    return H2OTypeError(f"{parameter.name} is {wanted}, not {value!r}")


def _bool(parameter: Parameter, value: Any) -> bool:
    if isinstance(value, bool) or value in (0, 1):
        return bool(value)
    raise _wrong(parameter, "True or False", value)


def _int(parameter: Parameter, value: Any) -> int:
    if not _number(parameter, "a whole number", value).is_integer():
        raise _wrong(parameter, "a whole number", value)
    return int(value)


def _float(parameter: Parameter, value: Any) -> float:
    return _number(parameter, "a number", value)


def _number(parameter: Parameter, wanted: str, value: Any) -> float:
    if isinstance(value, bool | str):
        raise _wrong(parameter, wanted, value)
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _wrong(parameter, wanted, value) from None


def _str(parameter: Parameter, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(parameter, "a text", value)
    return value


def _enum(parameter: Parameter, value: Any) -> str:
    """Capitals and underscores do not matter: rectifier_with_dropout is RectifierWithDropout."""
    spellings = {_folded(known): known for known in parameter.values}
    folded = _folded(_str(parameter, value))
    if folded not in spellings:
        raise unknown(f"value for {parameter.name}", value, parameter.values)
    return spellings[folded]


def _folded(text: str) -> str:
    return text.replace("_", "").lower()


def _key(parameter: Parameter, value: Any) -> str:
    """The key of a frame or model, which may be given by itself."""
    for attribute in ("frame_id", "model_id"):
        if hasattr(value, attribute):
            return str(getattr(value, attribute))
    return _str(parameter, value)


def _key_or_none(parameter: Parameter, value: Any) -> str | None:
    return None if value is None else _key(parameter, value)


def _listed(check_item: Callable[[Parameter, Any], Any]) -> Callable[[Parameter, Any], list[Any]]:
    def check_list(parameter: Parameter, value: Any) -> list[Any]:
        if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
            value = [value]
        return [check_item(parameter, item) for item in value]

    return check_list


_CHECKS: Mapping[str, Callable[[Parameter, Any], Any]] = {
    "bool": _bool,
    "int": _int,
    "float": _float,
    "str": _str,
    "enum": _enum,
    "column": _str,
    "key": _key,
    "frames": _listed(_key_or_none),
    "ints": _listed(_int),
    "floats": _listed(_float),
    "strs": _listed(_str),
}
