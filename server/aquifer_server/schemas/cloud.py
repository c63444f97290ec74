"""The cloud and its nodes."""

from __future__ import annotations

from pydantic import Field

from aquifer_server.schemas.base import Answer, Schema


class NodeV3(Schema):
    """One node; sizes in bytes, −1 for what is not measured."""

    h2o: str
    ip_port: str
    healthy: bool
    last_ping: int = Field(description="milliseconds since the epoch")
    pid: int
    num_cpus: int
    cpus_allowed: int
    nthreads: int
    sys_load: float
    my_cpu_pct: int
    sys_cpu_pct: int = -1
    mem_value_size: int = Field(description="bytes of the node's chunks")
    pojo_mem: int = Field(description="what the process holds besides its chunks")
    free_mem: int
    max_mem: int
    swap_mem: int = 0
    num_keys: int = Field(description="keys for the coordinator's node, chunks for others")
    free_disk: int
    max_disk: int
    rpcs_active: int = 0
    fjthrds: tuple[int, ...] = ()
    fjqueue: tuple[int, ...] = ()
    tcps_active: int = 0
    open_fds: int
    gflops: float = 0.0
    mem_bw: float = 0.0


class CloudV3(Answer):
    """The cloud: what clients check before anything else."""

    skip_ticks: bool = False
    product: str = Field(description="the server that answers, with its own version")
    version: str = Field(description="H2O version whose protocol is spoken")
    branch_name: str = "aquifer"
    last_commit_hash: str = ""
    describe: str = Field(description="the server's own name and version")
    compiled_by: str = ""
    compiled_on: str = ""
    build_number: str
    build_age: str = "current"
    build_too_old: bool = False
    node_idx: int = 0
    cloud_name: str
    cloud_size: int
    cloud_uptime_millis: int
    cloud_internal_timezone: str = "UTC"
    datafile_parser_timezone: str = "UTC"
    cloud_healthy: bool
    bad_nodes: int
    consensus: bool = True
    locked: bool = True
    is_client: bool = False
    hadoop_version: str | None = None
    telemetry_enabled: bool = False
    nodes: list[NodeV3]
    internal_security_enabled: bool = False
    leader_idx: int = 0
    web_ip: str


class NodeMemoryInfoV3(Schema):
    """The free memory of one node."""

    ip_port: str
    free_mem: int


class PingV3(Answer):
    """A sign of life."""

    cloud_uptime_millis: int
    cloud_healthy: bool
    nodes: list[NodeMemoryInfoV3]


class AboutEntryV3(Schema):
    """One fact about the server."""

    name: str
    value: str


class AboutV3(Answer):
    """Facts about the server."""

    entries: list[AboutEntryV3]


class CapabilityEntryV3(Schema):
    """One extension."""

    name: str


class CapabilitiesV3(Answer):
    """What the server can do beyond the protocol's core."""

    capabilities: list[CapabilityEntryV3]


class ShutdownV3(Answer, schema_type="Shutdown"):
    """The server has begun to stop."""


class HealthV3(Answer):
    """Whether the server lives, or is ready for work, and why not."""

    healthy: bool
    reason: str | None = None
