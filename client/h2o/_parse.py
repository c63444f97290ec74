"""From files to frames: the server guesses a parse set-up, the caller overrides it, the server parses."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from h2o._connection import Connection
from h2o._expression import check_key
from h2o.exceptions import H2OResponseError, H2OTypeError, H2OValueError, unknown
from h2o.job import H2OJob

__all__ = ["ColumnTypes", "MissingTexts", "ParseOptions", "guess_setup", "import_paths", "parse", "upload"]

ColumnTypes: TypeAlias = Sequence[str | None] | Mapping[str, str]
MissingTexts: TypeAlias = Sequence[str] | Sequence[Sequence[str]] | Mapping[str, str | Sequence[str]]

# Every name that a type may be called by, and the wire's name for it.
COLUMN_TYPES = {
    "numeric": "Numeric",
    "real": "Numeric",
    "int": "Numeric",
    "float": "Numeric",
    "double": "Numeric",
    "long": "Numeric",
    "enum": "Enum",
    "factor": "Enum",
    "categorical": "Enum",
    "string": "String",
    "time": "Time",
    "uuid": "UUID",
}
_ECHOED = (
    "destination_frame",
    "parse_type",
    "separator",
    "check_header",
    "number_columns",
    "chunk_size",
    "column_types",
    "column_names",
    "na_strings",
    "skipped_columns",
    "single_quotes",
    "escapechar",
    "force_col_types",
    "custom_non_data_line_markers",
    "partition_by",
    "tz_adjust_to_local",
)


@dataclass(frozen=True)
class ParseOptions:
    """The caller's wishes; what is None (or 0 for ``header``) is left to the server's guess.

    ``header``: 1 the first line holds names, −1 it holds data. ``sep``: the separating character.
    ``col_names``: all names, in order. ``col_types``: all types in order (None: as guessed), or name → type.
    ``na_strings``: texts that mean "missing": for all columns, column by column, or name → texts.
    ``skipped_columns``: indices of columns to leave out; names and types may be those of the others only.
    ``quotechar`` and ``escapechar``: single characters. ``partition_by``: columns that folders are named by.
    ``custom_non_data_line_markers``: lines that begin with one of these characters are left out.
    """

    destination_frame: str | None = None
    header: int = 0
    sep: str | None = None
    col_names: Sequence[str] | None = None
    col_types: ColumnTypes | None = None
    na_strings: MissingTexts | None = None
    skipped_columns: Sequence[int] | None = None
    force_col_types: bool = False
    custom_non_data_line_markers: str | None = None
    partition_by: Sequence[str] | None = None
    quotechar: str | None = None
    escapechar: str | None = None
    tz_adjust_to_local: bool = False

    def __post_init__(self) -> None:
        if self.destination_frame is not None:
            check_key(self.destination_frame)
        if self.header not in (-1, 0, 1):
            raise H2OValueError(f"header is 1 (names), -1 (data) or 0 (guess), not {self.header!r}")
        if self.sep is not None and len(self.sep) != 1:
            raise H2OValueError(f"sep is a single character, not {self.sep!r}")
        if self.quotechar not in (None, "'", '"'):
            raise H2OValueError(f"quotechar is a single or a double quote, not {self.quotechar!r}")
        if self.escapechar is not None and len(self.escapechar) != 1:
            raise H2OValueError(f"escapechar is a single character, not {self.escapechar!r}")


def upload(connection: Connection, content: bytes | Path) -> str:
    """Send raw bytes or a file's content; returns the key that the server keeps them under."""
    return str(connection.call("POST /3/PostFile", body=content)["destination_frame"])


def import_paths(connection: Connection, paths: Sequence[str], pattern: str | None = None) -> list[str]:
    """Make the server read files, folders or URLs that it can reach; returns a raw key for each file."""
    form = {"paths": [_absolute(path) for path in paths], "pattern": pattern}
    answer = connection.call("POST /3/ImportFilesMulti", form=form)
    if answer["fails"]:
        raise H2OValueError(f"the server cannot read {', '.join(answer['fails'])}")
    if not answer["destination_frames"]:
        raise H2OValueError(
            f"nothing to import in {', '.join(paths)}" + (f" like {pattern}" if pattern else "")
        )
    return list(answer["destination_frames"])


def _absolute(path: str) -> str:
    """The path as a server on this machine sees it: its working directory need not be ours."""
    local = Path(path).expanduser()
    return str(local.absolute()) if "://" not in path and local.exists() else path


def guess_setup(connection: Connection, raw_keys: Sequence[str], options: ParseOptions) -> dict[str, Any]:
    """The server's guess of how to parse, with the caller's wishes put in."""
    form = {
        "source_frames": list(raw_keys),
        "check_header": options.header,
        "separator": None if options.sep is None else ord(options.sep),
        "skipped_columns": options.skipped_columns,
        "single_quotes": options.quotechar == "'" or None,
        "escapechar": None if options.escapechar is None else ord(options.escapechar),
        "custom_non_data_line_markers": options.custom_non_data_line_markers,
        "partition_by": options.partition_by,
        "tz_adjust_to_local": options.tz_adjust_to_local or None,
    }
    setup: dict[str, Any] = connection.call("POST /3/ParseSetup", form=form)
    return override(setup, options)


def override(setup: Mapping[str, Any], options: ParseOptions) -> dict[str, Any]:
    """The set-up with names, types and missing texts replaced. Raises H2OValueError where they do not fit."""
    count = setup["number_columns"]
    names = list(setup["column_names"] or [f"C{i + 1}" for i in range(count)])
    types = list(setup["column_types"])
    kept = [i for i in range(count) if i not in set(options.skipped_columns or ())]
    if options.col_names is not None:
        names = _filled(names, options.col_names, kept, "column names")
    wished = {
        "destination_frame": options.destination_frame or setup["destination_frame"],
        "column_names": names,
        "column_types": _types(types, options.col_types, names, kept),
        "na_strings": _missing_texts(setup["na_strings"], options.na_strings, names),
        "force_col_types": options.force_col_types,
    }
    return {**setup, **wished}


def _filled(guessed: list[str], given: Sequence[str | None], kept: list[int], what: str) -> list[str]:
    """The given values, for all columns or for those that are kept; what is None, or skipped, as guessed."""
    if len(given) not in (len(guessed), len(kept)):
        raise H2OValueError(f"{len(given)} {what} were given for {len(guessed)} columns")
    places = range(len(guessed)) if len(given) == len(guessed) else kept
    chosen = {i: value for i, value in zip(places, given, strict=True) if value is not None}
    return [chosen.get(i, value) for i, value in enumerate(guessed)]


def _type_name(name: str) -> str:
    if name.lower() not in COLUMN_TYPES:
        raise unknown("column type", name, COLUMN_TYPES)
    return COLUMN_TYPES[name.lower()]


def _types(guessed: list[str], wished: ColumnTypes | None, names: list[str], kept: list[int]) -> list[str]:
    if wished is None:
        return guessed
    if isinstance(wished, Mapping):
        chosen = {_position(name, names): _type_name(kind) for name, kind in wished.items()}
        return [chosen.get(i, kind) for i, kind in enumerate(guessed)]
    return _filled(guessed, [kind and _type_name(kind) for kind in wished], kept, "column types")


def _position(name: str, names: list[str]) -> int:
    if name not in names:
        raise unknown("column", name, names)
    return names.index(name)


def _missing_texts(guessed: Any, wished: MissingTexts | None, names: list[str]) -> Any:
    if wished is None:
        return guessed
    if isinstance(wished, str):
        raise H2OTypeError(f"na_strings is a list of texts or a dict of them: [{wished!r}]")
    if isinstance(wished, Mapping):
        texts: list[list[str]] = [[] for _ in names]
        for name, text in wished.items():
            texts[_position(name, names)] = [text] if isinstance(text, str) else list(text)
        return texts
    if all(isinstance(text, str) for text in wished):
        return [list(wished) for _ in names]
    if len(wished) != len(names):
        raise H2OValueError(f"na_strings for {len(wished)} columns were given for {len(names)} columns")
    return [list(texts) for texts in wished]


def parse(connection: Connection, setup: Mapping[str, Any]) -> str:
    """Parse as ``setup`` says and wait; returns the frame's key. The raw data are dropped afterwards."""
    form = {name: setup.get(name) for name in _ECHOED}
    form["source_frames"] = [_name(source) for source in setup["source_frames"]]
    answer = connection.call("POST /3/Parse", form={**form, "delete_on_done": True, "blocking": False})
    job = H2OJob(answer["job"], "Parse progress", connection).wait()
    return job.dest_key or str(setup["destination_frame"])


def _name(key: Any) -> str:
    return key["name"] if isinstance(key, Mapping) else str(key)


def discard_raw(connection: Connection, raw_keys: Sequence[str]) -> None:
    """Drop raw data that will not be parsed."""
    for key in raw_keys:
        # The server may have dropped it already.
        with contextlib.suppress(H2OResponseError):
            connection.call("DELETE /3/DKV/{}", key)
