"""The server's settings: declared once; command line, environment and TOML file are derived.

Precedence: command line, then `AQUIFER_…` environment variables, then the file that AQUIFER_CONFIG names
(default `aquifer.toml` in the working directory), then the defaults here.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Annotated

from aquifer_cluster.ingest import SCHEMES
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
SCHEME_NAMES = tuple(scheme.name for scheme in SCHEMES)
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def bytes_of(text: object) -> object:
    """Bytes of a size such as `4G`, `512m`, `2 GB` or a plain number; other types pass unchanged."""
    if not isinstance(text, str):
        return text
    match = re.fullmatch(r"\s*([\d.]+)\s*([KMGT]?)(?:I?B)?\s*", text, re.IGNORECASE)
    if match is None:
        raise ValueError(f"'{text}' is not a size: write a number of bytes, or 512M, 4G, …")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def known_scheme(name: str) -> str:
    """The name of a scheme that there is."""
    if name not in SCHEME_NAMES:
        raise ValueError(f"'{name}' is none of {', '.join(SCHEME_NAMES)}")
    return name


Size = Annotated[int, BeforeValidator(bytes_of)]
SchemeName = Annotated[str, AfterValidator(known_scheme)]


class Settings(BaseSettings):
    """How one server is set up."""

    model_config = SettingsConfigDict(env_prefix="AQUIFER_", extra="ignore", frozen=True)

    ip: str = Field("127.0.0.1", description="address to listen on; anything but loopback needs --insecure")
    port: int = Field(54321, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    nodes: int = Field(0, ge=0, le=64, description="nodes, each a Ray actor; 0 is one node in this process")
    threads: int | None = Field(
        None, ge=1, description="threads of each node (default: its share of the cores)"
    )
    memory: Size | None = Field(
        None,
        ge=1 << 20,
        description="memory for frames and models, such as 4G (default: most of what is free)",
    )
    name: str = Field("aquifer", min_length=1, description="name of the cloud")
    log_dir: Path | None = Field(
        None, description="folder for the log file (default: a temporary one, gone after an orderly end)"
    )
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least level that is logged"
    )
    import_roots: tuple[Path, ...] = Field(
        (Path("/"),),
        description="folders from which files may be imported, and below which they are looked for",
    )
    import_schemes: tuple[SchemeName, ...] = Field(
        SCHEME_NAMES, description="kinds of places from which files may be imported"
    )
    import_hosts: tuple[str, ...] = Field(
        ("*",),
        description="hosts from which files may be imported: names, addresses, networks, buckets; * covers "
        "all but loopback, link-local and metadata addresses",
    )
    s3_endpoint: str | None = Field(
        None, pattern="^https?://", description="address of an S3 server other than Amazon's"
    )
    spool_dir: Path | None = Field(
        None, description="folder for uploads on their way in (default: a temporary one)"
    )
    max_upload: Size = Field(64 << 30, description="largest upload")
    session_hours: float = Field(24.0, gt=0, description="after this long without a request a session ends")
    insecure: bool = Field(
        False, description="allow an address that other machines can reach, without authentication"
    )
    allowed_hosts: tuple[str, ...] = Field(
        (), description="further host names by which browsers may address the server"
    )
    wire_version: str = Field(
        "3.46.0.12", description="H2O version that the server presents to H2O's clients"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line (init), environment, then the TOML file."""
        file = TomlConfigSettingsSource(settings_cls, os.environ.get("AQUIFER_CONFIG", "aquifer.toml"))
        return init_settings, env_settings, file

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.ip in LOOPBACK

    def private_folder(self, purpose: str) -> Path:
        """A new folder only the user can read, for spooled uploads or logs."""
        return Path(tempfile.mkdtemp(prefix=f"aquifer-{purpose}-"))
