"""Model metrics: how well models do, while they were trained and on any other frame."""

from __future__ import annotations

from typing import Annotated

from aquifer_algos.model import Model
from aquifer_algos.prediction import performance
from aquifer_cluster.frame import Frame
from fastapi import APIRouter, Depends
from starlette.responses import Response

from aquifer_server.api.dependencies import Coordinated, Looking
from aquifer_server.api.responses import json_response
from aquifer_server.binding import Parameters, bound
from aquifer_server.coordinator import Coordinator
from aquifer_server.measurements import keep, known
from aquifer_server.schemas.keys import FrameKeyV3, ModelKeyV3
from aquifer_server.schemas.metrics import ModelMetricsListSchemaV3, metrics_v3

router = APIRouter(tags=["model metrics"])


class MetricsRequest(Parameters):
    """POST /3/ModelMetrics/models/{model}/frames/{frame}."""

    auc_type: str = "AUTO"


@router.get("/3/ModelMetrics", response_model=ModelMetricsListSchemaV3)
async def list_metrics(coordinator: Coordinated, looker: Looking) -> Response:
    """All metrics that were made."""
    return await looker.look(_list, coordinator, None, None)


@router.get("/3/ModelMetrics/models/{model}", response_model=ModelMetricsListSchemaV3)
async def list_metrics_of_model(model: str, coordinator: Coordinated, looker: Looking) -> Response:
    """The metrics that were made with a model."""
    coordinator.store.get(model, Model)
    return await looker.look(_list, coordinator, model, None)


@router.get("/3/ModelMetrics/models/{model}/frames/{frame:path}", response_model=ModelMetricsListSchemaV3)
async def get_metrics(model: str, frame: str, coordinator: Coordinated, looker: Looking) -> Response:
    """The metrics that were made with a model on a frame."""
    coordinator.store.get(model, Model)
    return await looker.look(_list, coordinator, model, frame)


@router.post("/3/ModelMetrics/models/{model}/frames/{frame:path}", response_model=ModelMetricsListSchemaV3)
def make_metrics(
    model: str,
    frame: str,
    coordinator: Coordinated,
    request: Annotated[MetricsRequest, Depends(bound(MetricsRequest))],
) -> Response:
    """Score a frame that has the response and compare."""
    scorer, scored = coordinator.store.get(model, Model), coordinator.store.get(frame, Frame)
    measurement = keep(coordinator.store, scorer, frame, performance(coordinator.cloud, scorer, scored))
    return json_response(
        ModelMetricsListSchemaV3(
            model=ModelKeyV3.of(model), frame=FrameKeyV3.of(frame), model_metrics=[metrics_v3(measurement)]
        )
    )


def _list(coordinator: Coordinator, model: str | None, frame: str | None) -> Response:
    return json_response(
        ModelMetricsListSchemaV3(
            model=ModelKeyV3.of(model) if model else None,
            frame=FrameKeyV3.of(frame) if frame else None,
            model_metrics=[metrics_v3(measurement) for measurement in known(coordinator.store, model, frame)],
        )
    )
