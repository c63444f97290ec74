"""The cloud: status, signs of life, readiness; about the server; its end."""

from __future__ import annotations

import os
import time
from importlib.metadata import version
from typing import Annotated

import psutil
from aquifer_cluster.node import NodeStatus
from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, Response

from aquifer_server.api.dependencies import Coordinated, Looking
from aquifer_server.binding import Parameters, bound
from aquifer_server.coordinator import Coordinator
from aquifer_server.schemas.cloud import (
    AboutEntryV3,
    AboutV3,
    CapabilitiesV3,
    CloudV3,
    HealthV3,
    NodeMemoryInfoV3,
    NodeV3,
    PingV3,
    ShutdownV3,
)

router = APIRouter(tags=["cloud"])


class CloudRequest(Parameters):
    """GET /3/Cloud."""

    skip_ticks: bool = False


@router.get("/3/Cloud", response_model=CloudV3)
async def get_cloud(
    coordinator: Coordinated, looker: Looking, request: Annotated[CloudRequest, Depends(bound(CloudRequest))]
) -> CloudV3:
    """The status of the cloud and each of its nodes."""
    return await looker.look(describe_cloud, coordinator, request.skip_ticks)


@router.get("/3/Ping", response_model=PingV3)
async def ping(coordinator: Coordinated, looker: Looking) -> PingV3:
    """A sign of life of every node."""
    cloud = await looker.look(describe_cloud, coordinator)
    return PingV3(
        cloud_uptime_millis=cloud.cloud_uptime_millis,
        cloud_healthy=cloud.cloud_healthy,
        nodes=[NodeMemoryInfoV3(ip_port=node.ip_port, free_mem=node.free_mem) for node in cloud.nodes],
    )


@router.get("/healthz", response_model=HealthV3)
async def live() -> HealthV3:
    """Liveness: the process answers."""
    return HealthV3(healthy=True)


@router.get("/readyz", response_model=HealthV3, responses={503: {"model": HealthV3}})
async def ready(coordinator: Coordinated, looker: Looking) -> Response:
    """Readiness: every node answers, and the server is not about to stop."""
    reason = "the server is stopping" if coordinator.stopping else None
    if reason is None:
        statuses = await looker.look(coordinator.cloud.statuses)
        silent = [str(index) for index, status in enumerate(statuses) if status is None]
        reason = f"no answer from node {', '.join(silent)}" if silent else None
    health = HealthV3(healthy=reason is None, reason=reason)
    return JSONResponse(health.model_dump(), 200 if health.healthy else 503)


@router.get("/3/About", response_model=AboutV3)
async def about(coordinator: Coordinated) -> AboutV3:
    """Facts about the server."""
    facts = {
        "Product": "Aquifer",
        "Build project version": coordinator.settings.wire_version,
        "Aquifer version": version("aquifer"),
        "Internal Security": "Disabled",
    }
    return AboutV3(entries=[AboutEntryV3(name=name, value=value) for name, value in facts.items()])


@router.get("/3/Capabilities", response_model=CapabilitiesV3)
@router.get("/3/Capabilities/{group}", response_model=CapabilitiesV3)
async def capabilities() -> CapabilitiesV3:
    """Extensions of the protocol's core: none."""
    return CapabilitiesV3(capabilities=[])


@router.post("/3/Shutdown", response_model=ShutdownV3)
async def shut_down(coordinator: Coordinated) -> ShutdownV3:
    """Stop the server: jobs are ended first; what is asked meanwhile is still answered."""
    coordinator.stop()
    return ShutdownV3()


def describe_cloud(coordinator: Coordinator, skip_ticks: bool = False) -> CloudV3:
    """The cloud as it is now."""
    cloud, settings = coordinator.cloud, coordinator.settings
    statuses = cloud.statuses()
    silent = sum(status is None for status in statuses)
    return CloudV3(
        skip_ticks=skip_ticks,
        product=f"Aquifer {version('aquifer')}",
        version=settings.wire_version,
        describe=f"aquifer-{version('aquifer')}",
        build_number=settings.wire_version.rpartition(".")[2],
        cloud_name=cloud.name,
        cloud_size=cloud.size,
        cloud_uptime_millis=round((time.time() - coordinator.started) * 1000),
        cloud_healthy=silent == 0,
        bad_nodes=silent,
        nodes=[_node(coordinator, index, status) for index, status in enumerate(statuses)],
        web_ip=settings.ip,
    )


def _node(coordinator: Coordinator, index: int, status: NodeStatus | None) -> NodeV3:
    cloud, settings = coordinator.cloud, coordinator.settings
    share = cloud.memory // cloud.size
    address = f"{settings.ip}:{settings.port}" + (f" node {index}" if cloud.size > 1 else "")
    disk = psutil.disk_usage(str(coordinator.spool))
    chunk_bytes = status.chunk_bytes if status else 0
    return NodeV3(
        h2o=address,
        ip_port=address,
        healthy=status is not None,
        last_ping=round(time.time() * 1000) if status else 0,
        pid=status.pid if status else -1,
        num_cpus=os.cpu_count() or 1,
        cpus_allowed=status.threads if status else 0,
        nthreads=status.threads if status else 0,
        sys_load=os.getloadavg()[0],
        my_cpu_pct=round(status.cpu_percent) if status else -1,
        mem_value_size=chunk_bytes,
        pojo_mem=max(0, status.resident_bytes - chunk_bytes) if status else 0,
        free_mem=max(0, share - chunk_bytes),
        max_mem=share,
        num_keys=len(coordinator.store.keys()) if index == 0 else (status.chunks if status else 0),
        free_disk=disk.free,
        max_disk=disk.total,
        open_fds=psutil.Process().num_fds() if index == 0 else -1,
    )
