"""Models: list, details, removal."""

from __future__ import annotations

from aquifer_algos.model import Model
from fastapi import APIRouter
from starlette.responses import Response

from aquifer_server.api.dependencies import Coordinated, Looking
from aquifer_server.api.removal import remove_model
from aquifer_server.api.responses import json_response
from aquifer_server.coordinator import Coordinator
from aquifer_server.schemas.models import ModelsV3, model_v3, synopsis_v3

router = APIRouter(tags=["models"])


@router.get("/3/Models", response_model=ModelsV3)
async def list_models(coordinator: Coordinated, looker: Looking) -> Response:
    """All models, in short; also those in training."""
    return await looker.look(_synopses, coordinator)


@router.get("/3/Models/{key:path}", response_model=ModelsV3)
@router.get("/99/Models/{key:path}", response_model=ModelsV3)
async def get_model(key: str, coordinator: Coordinated, looker: Looking) -> Response:
    """One model, also in training: its parameters, metrics, scoring history, variable importances."""
    return await looker.look(_details, coordinator, key)


@router.delete("/3/Models/{key:path}", response_model=ModelsV3)
async def delete_model(key: str, coordinator: Coordinated) -> ModelsV3:
    """Remove a model and the metrics that were made with it."""
    coordinator.store.get(key, Model)
    remove_model(coordinator.store, key)
    return ModelsV3(models=[])


@router.delete("/3/Models", response_model=ModelsV3)
async def delete_models(coordinator: Coordinated) -> ModelsV3:
    """Remove all models."""
    for key, _ in coordinator.store.items(Model):
        remove_model(coordinator.store, key)
    return ModelsV3(models=[])


def _synopses(coordinator: Coordinator) -> Response:
    return json_response(ModelsV3(models=[synopsis_v3(model) for model in coordinator.models()]))


def _details(coordinator: Coordinator, key: str) -> Response:
    return json_response(ModelsV3(models=[model_v3(coordinator.model(key))]))
