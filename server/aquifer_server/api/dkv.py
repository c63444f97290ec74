"""The store by key: remove one, remove all."""

from __future__ import annotations

from typing import Annotated

from aquifer_cluster.ingest import Source
from fastapi import APIRouter, Depends

from aquifer_server.api.dependencies import Coordinated, Spooling
from aquifer_server.api.removal import remove_key
from aquifer_server.binding import Parameters, bound
from aquifer_server.schemas.dkv import RemoveAllV3, RemoveV3
from aquifer_server.schemas.keys import KeyV3

router = APIRouter(tags=["store"])


class RemoveRequest(Parameters):
    """DELETE /3/DKV/{key}."""

    cascade: bool = False


class RemoveAllRequest(Parameters):
    """DELETE /3/DKV."""

    retained_keys: list[str] | None = None


@router.delete("/3/DKV/{key:path}", response_model=RemoveV3)
async def remove(
    key: str,
    coordinator: Coordinated,
    spool: Spooling,
    request: Annotated[RemoveRequest, Depends(bound(RemoveRequest))],
) -> RemoveV3:
    """Remove what a key holds; an unknown key is fine."""
    remove_key(coordinator.store, spool, key)
    return RemoveV3(key=KeyV3.of(key), cascade=request.cascade)


@router.delete("/3/DKV", response_model=RemoveAllV3)
async def remove_all(
    coordinator: Coordinated,
    spool: Spooling,
    request: Annotated[RemoveAllRequest, Depends(bound(RemoveAllRequest))],
) -> RemoveAllV3:
    """Remove everything but the retained keys. Jobs go on: they hold what they read."""
    retained = request.retained_keys or []
    for key, upload in coordinator.store.items(Source):
        if key not in retained:
            spool.discard(upload)
    coordinator.store.clear((object,), retained)
    return RemoveAllV3(retained_keys=[KeyV3.of(key) for key in retained])
