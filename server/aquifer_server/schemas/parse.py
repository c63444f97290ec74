"""Import, upload and parse."""

from __future__ import annotations

from pydantic import BaseModel, SerializeAsAny

from aquifer_server.schemas.base import Answer
from aquifer_server.schemas.jobs import JobV3
from aquifer_server.schemas.keys import KeyV3


class ImportFilesV3(Answer, schema_type="ImportFiles"):
    """What an import of one path found."""

    path: str
    pattern: str | None = None
    files: list[str]
    destination_frames: list[str]
    fails: tuple[str, ...] = ()
    dels: tuple[str, ...] = ()


class ImportFilesMultiV3(Answer, schema_type="ImportFilesMulti"):
    """What an import of several paths found."""

    paths: list[str]
    pattern: str | None = None
    files: list[str]
    destination_frames: list[str]
    fails: tuple[str, ...] = ()
    dels: tuple[str, ...] = ()


class TypeaheadV3(Answer):
    """What a path can be completed to."""

    src: str
    limit: int
    matches: list[str]


class PersistS3CredentialsV3(Answer, schema_type="PersistS3Credentials"):
    """Credentials were set, or forgotten; they are not shown."""


class PostFileV3(BaseModel):
    """An upload that has arrived; the protocol sends it without `__meta`."""

    destination_frame: str
    total_bytes: int


class _ParseCore(Answer):
    source_frames: list[SerializeAsAny[KeyV3]]
    parse_type: str
    separator: int
    single_quotes: bool
    check_header: int
    column_names: list[str] | None
    skipped_columns: list[int] | None
    column_types: list[str] | None
    na_strings: list[list[str] | None] | None
    number_columns: int
    chunk_size: int
    custom_non_data_line_markers: str | None = None
    decrypt_tool: str | None = None
    partition_by: list[str] | None = None
    escapechar: int = 0
    force_col_types: bool = False
    tz_adjust_to_local: bool = False


class ParseSetupV3(_ParseCore, schema_type="ParseSetup"):
    """How a source would be parsed, guessed from a sample of it; `data` are its first rows."""

    column_name_filter: str | None = None
    column_offset: int = 0
    column_count: int = 0
    destination_frame: str
    header_lines: int = 0
    data: list[list[str | None]]
    warnings: list[str] | None = None
    total_filtered_column_count: int


class ParseV3(_ParseCore):
    """A parse that has begun."""

    destination_frame: SerializeAsAny[KeyV3]
    domains: list[list[str] | None] | None = None
    delete_on_done: bool = True
    blocking: bool = False
    job: JobV3
    rows: int = 0
