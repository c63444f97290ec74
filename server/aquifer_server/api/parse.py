"""Parse: guess a set-up from a sample, then read the sources into a frame as a job."""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeVar

from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.ingest import (
    Header,
    ParseSetup,
    Source,
    Wishes,
    column_type,
    destination_of,
    guess,
    parse,
    reader_of,
    require_room,
)
from aquifer_cluster.ingest.dialect import COMMENT_MARKERS
from aquifer_cluster.jobs import Job
from fastapi import APIRouter, Depends
from pydantic import Field

from aquifer_server.api.dependencies import Coordinated, Interpreting, Spooling
from aquifer_server.api.removal import remove_key
from aquifer_server.binding import Parameters, bound
from aquifer_server.coordinator import Coordinator
from aquifer_server.schemas.jobs import job_v3
from aquifer_server.schemas.keys import FrameKeyV3
from aquifer_server.schemas.parse import ParseSetupV3, ParseV3

router = APIRouter(tags=["parse"])

T = TypeVar("T")

_LAST_CHARACTER = 127

_WIRE_TYPES = {
    ColumnType.NUMERIC: "Numeric",
    ColumnType.ENUM: "Enum",
    ColumnType.TIME: "Time",
    ColumnType.STRING: "String",
    ColumnType.UUID: "UUID",
}


class _ParseParameters(Parameters):
    source_frames: list[str]
    parse_type: str = "GUESS"
    separator: int | None = None
    single_quotes: bool = False
    check_header: Literal[-1, 0, 1] = 0
    column_names: list[str] | None = None
    column_types: list[str] | None = None
    na_strings: list[list[str]] | None = None
    skipped_columns: list[int] | None = None
    number_columns: int | None = None
    chunk_size: int = 0
    destination_frame: str | None = None
    escapechar: int = 0
    force_col_types: bool = False
    tz_adjust_to_local: bool = False
    custom_non_data_line_markers: str | None = None
    decrypt_tool: str | None = None
    partition_by: list[str] | None = None

    def wishes(self, time_zone: str) -> Wishes:
        """What the request leaves open, and what not. Raises InvalidArgument."""
        if self.decrypt_tool:
            raise InvalidArgument("decrypt_tool", "this server does not decrypt; leave it out")
        types, names, missing = self.column_types, self.column_names, self.na_strings
        markers = self.custom_non_data_line_markers
        return Wishes(
            separator=_character("separator", self.separator or 0),
            header=Header(self.check_header),
            column_names=tuple(names) if names else None,
            column_types=tuple(map(column_type, types)) if types else None,
            na_strings=tuple(map(tuple, missing)) if missing else None,
            skipped_columns=tuple(self.skipped_columns or ()),
            quote="'" if self.single_quotes else '"',
            escape=_character("escapechar", self.escapechar),
            comments=COMMENT_MARKERS if markers is None else markers,
            partition_by=tuple(self.partition_by or ()),
            time_zone=time_zone,
            destination=self.destination_frame,
            parse_type=self.parse_type if self.parse_type != "GUESS" else None,
        )


def _character(name: str, code: int) -> str | None:
    """The character of a code; None if it is 0 or less. Raises InvalidArgument beyond ASCII."""
    if code > _LAST_CHARACTER:
        raise InvalidArgument(name, f"{code} is no ASCII character")
    return chr(code) if code > 0 else None


class ParseSetupRequest(_ParseParameters):
    """POST /3/ParseSetup."""

    column_name_filter: str | None = None
    column_offset: int = Field(0, ge=0)
    column_count: int = Field(0, ge=0)
    header_lines: int = 0
    total_filtered_column_count: int = 0


class ParseRequest(_ParseParameters):
    """POST /3/Parse: what ParseSetup answered, edited."""

    delete_on_done: bool = True
    blocking: bool = False
    domains: list[list[str]] | None = None


@router.post("/3/ParseSetup", response_model=ParseSetupV3)
def parse_setup(
    coordinator: Coordinated,
    interpreter: Interpreting,
    request: Annotated[ParseSetupRequest, Depends(bound(ParseSetupRequest))],
) -> ParseSetupV3:
    """How the sources would be parsed."""
    wishes = request.wishes(interpreter.time_zone.name)
    setup = guess(_sources(coordinator, request), wishes, coordinator.cloud)
    filtered = _filtered(setup, request.column_name_filter)
    shown = filtered[request.column_offset :][: request.column_count or None]
    return ParseSetupV3(
        source_frames=[FrameKeyV3.of(source.key) for source in setup.sources],
        parse_type=setup.parse_type,
        separator=ord(setup.separator),
        single_quotes=setup.quote == "'",
        check_header=int(setup.header),
        column_names=list(setup.column_names) if setup.column_names else None,
        skipped_columns=list(setup.skipped_columns) or None,
        column_types=[_WIRE_TYPES[type] for type in setup.column_types],
        na_strings=[list(strings) for strings in setup.na_strings] if setup.na_strings else None,
        destination_frame=setup.destination,
        number_columns=setup.number_columns,
        data=[[row[i] if i < len(row) else None for i in shown] for row in setup.preview],
        warnings=list(setup.warnings) or None,
        chunk_size=setup.chunk_size,
        column_name_filter=request.column_name_filter,
        column_offset=request.column_offset,
        column_count=request.column_count,
        total_filtered_column_count=len(filtered),
        custom_non_data_line_markers=request.custom_non_data_line_markers,
        partition_by=request.partition_by,
        escapechar=ord(setup.escape) if setup.escape else 0,
        force_col_types=request.force_col_types,
        tz_adjust_to_local=request.tz_adjust_to_local,
    )


@router.post("/3/Parse", response_model=ParseV3)
def begin_parse(
    coordinator: Coordinated,
    spool: Spooling,
    interpreter: Interpreting,
    request: Annotated[ParseRequest, Depends(bound(ParseRequest))],
) -> ParseV3:
    """Begin to parse; the frame is there when the job is done."""
    setup = _setup(coordinator, request, request.wishes(interpreter.time_zone.name))
    setup.check()
    require_room(coordinator.cloud, setup)

    def work(job: Job) -> None:
        try:
            frame = parse(coordinator.cloud, setup, job)
            job.check()
            coordinator.store.put(setup.destination, frame)
        finally:
            if request.delete_on_done:
                for source in setup.sources:
                    remove_key(coordinator.store, spool, source.key)

    job = coordinator.jobs.start("Parse", setup.destination, "frame", work)
    if request.blocking:
        job.wait()
    return ParseV3(
        destination_frame=FrameKeyV3.of(setup.destination),
        source_frames=[FrameKeyV3.of(source.key) for source in setup.sources],
        parse_type=setup.parse_type,
        separator=ord(setup.separator),
        single_quotes=request.single_quotes,
        check_header=int(setup.header),
        number_columns=setup.number_columns,
        column_names=list(setup.column_names) if setup.column_names else None,
        column_types=[_WIRE_TYPES[type] for type in setup.column_types],
        skipped_columns=request.skipped_columns,
        na_strings=request.na_strings,
        chunk_size=setup.chunk_size,
        delete_on_done=request.delete_on_done,
        blocking=request.blocking,
        custom_non_data_line_markers=request.custom_non_data_line_markers,
        partition_by=request.partition_by,
        escapechar=request.escapechar,
        force_col_types=request.force_col_types,
        tz_adjust_to_local=request.tz_adjust_to_local,
        job=job_v3(job),
    )


def _filtered(setup: ParseSetup, name_filter: str | None) -> list[int]:
    """The columns of the file whose names the regular expression matches. Raises InvalidArgument."""
    if not name_filter:
        return list(range(setup.number_columns))
    try:
        expression = re.compile(name_filter)
    except re.error as wrong:
        reason = f"'{name_filter}' is not a regular expression ({wrong})"
        raise InvalidArgument("column_name_filter", reason) from wrong
    named = zip(setup.kept, setup.kept_names, strict=True)
    return [i for i, name in named if expression.fullmatch(name)]


def _sources(coordinator: Coordinator, request: _ParseParameters) -> list[Source]:
    return [coordinator.store.get(key, Source) for key in request.source_frames]


def _setup(coordinator: Coordinator, request: ParseRequest, wishes: Wishes) -> ParseSetup:
    sources = _sources(coordinator, request)
    if request.column_types is None or wishes.separator is None or wishes.header is Header.GUESS:
        return guess(sources, wishes, coordinator.cloud)
    return ParseSetup(
        sources=tuple(sources),
        destination=request.destination_frame or destination_of(sources),
        separator=wishes.separator,
        header=wishes.header,
        column_types=_all(tuple(map(column_type, request.column_types)), request, ColumnType.NUMERIC) or (),
        column_names=_all(wishes.column_names, request, ""),
        na_strings=_all(wishes.na_strings, request, ()),
        skipped_columns=wishes.skipped_columns,
        quote=wishes.quote,
        escape=wishes.escape,
        comments=wishes.comments,
        partition_by=wishes.partition_by,
        time_zone=wishes.time_zone,
        chunk_size=request.chunk_size,
        parse_type=reader_of(wishes.parse_type or "CSV").parse_type,
    )


def _all(values: tuple[T, ...] | None, request: ParseRequest, skipped_entry: T) -> tuple[T, ...] | None:
    """An entry for each column of the file: clients may give entries for the columns that are kept only."""
    skipped = set(request.skipped_columns or ())
    columns = request.number_columns
    if values is None or columns is None or not skipped or len(values) != columns - len(skipped):
        return values
    given = iter(values)
    return tuple(skipped_entry if i in skipped else next(given) for i in range(columns))
