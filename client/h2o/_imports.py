"""Data from files: read by the server, or sent to it from here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, overload

from h2o import _parse
from h2o._connection import current
from h2o._expression import Expression
from h2o._parse import ColumnTypes, MissingTexts, ParseOptions
from h2o.exceptions import H2OValueError
from h2o.frame import H2OFrame


@overload
def import_file(
    path: str | Path | Sequence[str | Path],
    destination_frame: str | None = None,
    parse: Literal[True] = True,
    header: int = 0,
    sep: str | None = None,
    col_names: Sequence[str] | None = None,
    col_types: ColumnTypes | None = None,
    na_strings: MissingTexts | None = None,
    pattern: str | None = None,
    skipped_columns: Sequence[int] | None = None,
    force_col_types: bool = False,
    custom_non_data_line_markers: str | None = None,
    partition_by: str | Sequence[str] | None = None,
    quotechar: str | None = None,
    escapechar: str | None = None,
    tz_adjust_to_local: bool = False,
) -> H2OFrame: ...


@overload
def import_file(
    path: str | Path | Sequence[str | Path],
    destination_frame: str | None = None,
    *,
    parse: Literal[False],
    pattern: str | None = None,
) -> list[str]: ...


def import_file(
    path: str | Path | Sequence[str | Path],
    destination_frame: str | None = None,
    parse: bool = True,
    header: int = 0,
    sep: str | None = None,
    col_names: Sequence[str] | None = None,
    col_types: ColumnTypes | None = None,
    na_strings: MissingTexts | None = None,
    pattern: str | None = None,
    skipped_columns: Sequence[int] | None = None,
    force_col_types: bool = False,
    custom_non_data_line_markers: str | None = None,
    partition_by: str | Sequence[str] | None = None,
    quotechar: str | None = None,
    escapechar: str | None = None,
    tz_adjust_to_local: bool = False,
) -> H2OFrame | list[str]:
    """A frame of files, folders, globs or addresses (``https://``, ``s3://`` …) that the *server* reads.

    ``pattern`` is a regular expression for the files of a folder. ``header``: 1 the first line holds names,
    −1 it holds data, 0 the server finds out. ``col_types``: a list for all columns or a dict name → numeric,
    enum, string, time or uuid. ``na_strings``: texts that mean "missing", as a list for all columns, one list
    for each, or a dict name → texts. With ``parse=False`` the result is that of :func:`lazy_import`.
    """
    if not parse:
        return lazy_import(path, pattern)
    options = ParseOptions(
        destination_frame=destination_frame,
        header=header,
        sep=sep,
        col_names=col_names,
        col_types=col_types,
        na_strings=na_strings,
        skipped_columns=skipped_columns,
        force_col_types=force_col_types,
        custom_non_data_line_markers=custom_non_data_line_markers,
        partition_by=[partition_by] if isinstance(partition_by, str) else partition_by,
        quotechar=quotechar,
        escapechar=escapechar,
        tz_adjust_to_local=tz_adjust_to_local,
    )
    return H2OFrame.from_raw(current(), lazy_import(path, pattern), options)


def lazy_import(path: str | Path | Sequence[str | Path], pattern: str | None = None) -> list[str]:
    """The keys of the files that a path names, without parsing them; see :func:`parse_setup`."""
    paths = [path] if isinstance(path, str | Path) else list(path)
    if not paths:
        raise H2OValueError("there is no path to import")
    return _parse.import_paths(current(), [str(one) for one in paths], pattern)


def upload_file(
    path: str | Path,
    destination_frame: str | None = None,
    header: int = 0,
    sep: str | None = None,
    col_names: Sequence[str] | None = None,
    col_types: ColumnTypes | None = None,
    na_strings: MissingTexts | None = None,
    skipped_columns: Sequence[int] | None = None,
    force_col_types: bool = False,
    quotechar: str | None = None,
    escapechar: str | None = None,
) -> H2OFrame:
    """A frame of a file on *this* machine, which is sent to the server; for the options see import_file."""
    file = Path(path).expanduser()
    if not file.is_file():
        raise H2OValueError(
            f"there is no file {file} here; for one that the server reads use h2o.import_file"
        )
    options = ParseOptions(
        destination_frame=destination_frame,
        header=header,
        sep=sep,
        col_names=col_names,
        col_types=col_types,
        na_strings=na_strings,
        skipped_columns=skipped_columns,
        force_col_types=force_col_types,
        quotechar=quotechar,
        escapechar=escapechar,
    )
    server = current()
    return H2OFrame.from_raw(server, [_parse.upload(server, file)], options)


def parse_setup(
    raw_frames: str | Sequence[str],
    destination_frame: str | None = None,
    header: int = 0,
    separator: str | None = None,
    column_names: Sequence[str] | None = None,
    column_types: ColumnTypes | None = None,
    na_strings: MissingTexts | None = None,
    skipped_columns: Sequence[int] | None = None,
    force_col_types: bool = False,
    custom_non_data_line_markers: str | None = None,
    partition_by: str | Sequence[str] | None = None,
    quotechar: str | None = None,
    escapechar: str | None = None,
    tz_adjust_to_local: bool = False,
) -> dict[str, Any]:
    """How the server would parse raw data (keys from :func:`lazy_import`), with the given wishes put in."""
    options = ParseOptions(
        destination_frame=destination_frame,
        header=header,
        sep=separator,
        col_names=column_names,
        col_types=column_types,
        na_strings=na_strings,
        skipped_columns=skipped_columns,
        force_col_types=force_col_types,
        custom_non_data_line_markers=custom_non_data_line_markers,
        partition_by=[partition_by] if isinstance(partition_by, str) else partition_by,
        quotechar=quotechar,
        escapechar=escapechar,
        tz_adjust_to_local=tz_adjust_to_local,
    )
    keys = [raw_frames] if isinstance(raw_frames, str) else list(raw_frames)
    return _parse.guess_setup(current(), keys, options)


def parse_raw(setup: dict[str, Any], id: str | None = None, first_line_is_header: int = 0) -> H2OFrame:
    """Parse as a set-up from :func:`parse_setup` says, changed as you like.

    ``id`` is the key of the frame; ``first_line_is_header`` is 1, −1, or 0 for what the set-up says.
    """
    wished = {"destination_frame": id or None, "check_header": first_line_is_header or None}
    server = current()
    changed = {**setup, **{name: value for name, value in wished.items() if value is not None}}
    return H2OFrame._of(Expression.of_key(_parse.parse(server, changed), server))
