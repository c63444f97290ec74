"""What may be imported, and with whose credentials."""

from __future__ import annotations

from dataclasses import dataclass, field

from aquifer_cluster.ingest.hosts import Hosts
from aquifer_cluster.ingest.roots import Roots


@dataclass(frozen=True)
class S3Credentials:
    """Credentials of a user of S3; `session_token` belongs to temporary ones."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Access:
    """What users may reach: local folders, hosts, and schemes (None: all that there are).

    `s3_endpoint` is the address of an S3 server other than Amazon's. Without `s3_credentials` those of the
    environment are used.
    """

    roots: Roots = field(default_factory=Roots)
    hosts: Hosts = field(default_factory=Hosts)
    schemes: tuple[str, ...] | None = None
    s3_endpoint: str | None = None
    s3_credentials: S3Credentials | None = None

    def allows(self, scheme: str) -> bool:
        """Whether sources of a scheme may be read."""
        return self.schemes is None or scheme in self.schemes
