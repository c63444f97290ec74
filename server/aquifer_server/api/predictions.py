"""Predictions: as a job (version 4), or at once together with metrics (version 3)."""

from __future__ import annotations

import secrets
from typing import Annotated

from aquifer_algos.model import Model
from aquifer_algos.prediction import performance, predict
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from fastapi import APIRouter, Depends
from starlette.responses import Response

from aquifer_server.api.dependencies import Coordinated
from aquifer_server.api.responses import json_response
from aquifer_server.binding import Parameters, bound
from aquifer_server.frame_view import FrameView
from aquifer_server.measurements import keep
from aquifer_server.schemas.jobs import JobV3, job_v3
from aquifer_server.schemas.keys import FrameKeyV3, ModelKeyV3
from aquifer_server.schemas.metrics import ModelMetricsListSchemaV3, metrics_v3

router = APIRouter(tags=["predictions"])


class PredictionRequest(Parameters):
    """POST /3/ and /4/Predictions/models/{model}/frames/{frame}.

    What is asked for by the fields after the first is not available yet, and is refused.
    """

    predictions_frame: str | None = None
    deep_features_hidden_layer: int | None = None
    deep_features_hidden_layer_name: str | None = None
    reconstruction_error: bool = False
    reconstruction_error_per_feature: bool = False
    leaf_node_assignment: bool = False
    predict_contributions: bool = False
    custom_metric_func: str | None = None

    def require_available(self) -> None:
        """Raise InvalidArgument if something else than plain predictions is asked for."""
        for name, value in self:
            if value and name not in ("predictions_frame", "exclude_fields"):
                raise InvalidArgument(name, "is not available yet; leave it out for plain predictions")


Asked = Annotated[PredictionRequest, Depends(bound(PredictionRequest))]


@router.post("/4/Predictions/models/{model}/frames/{frame:path}", response_model=JobV3)
def begin_prediction(model: str, frame: str, coordinator: Coordinated, request: Asked) -> JobV3:
    """Begin to predict; the frame of predictions is there when the job is done."""
    request.require_available()
    scorer, rows = coordinator.store.get(model, Model), coordinator.store.get(frame, Frame)
    dest = request.predictions_frame or _automatic_key("transformation", model, frame)

    def work(job: Job) -> None:
        predictions = predict(coordinator.cloud, scorer, rows, job)
        job.check()
        coordinator.store.put(dest, predictions)

    return job_v3(coordinator.jobs.start("transformation", dest, "frame", work))


@router.post("/3/Predictions/models/{model}/frames/{frame:path}", response_model=ModelMetricsListSchemaV3)
def predict_at_once(model: str, frame: str, coordinator: Coordinated, request: Asked) -> Response:
    """Predict, and compare with the response if the frame has it."""
    request.require_available()
    cloud, store = coordinator.cloud, coordinator.store
    scorer, rows = store.get(model, Model), store.get(frame, Frame)
    dest = request.predictions_frame or _automatic_key("predictions", model, frame)
    predictions = predict(cloud, scorer, rows)
    measured = []
    if scorer.response in rows.names:
        measurement = keep(store, scorer, frame, performance(cloud, scorer, rows))
        measured.append(metrics_v3(measurement, FrameView(cloud, dest, predictions).whole()))
    store.put(dest, predictions)
    return json_response(
        ModelMetricsListSchemaV3(
            model=ModelKeyV3.of(model),
            frame=FrameKeyV3.of(frame),
            predictions_frame=FrameKeyV3.of(dest),
            model_metrics=measured,
        )
    )


def _automatic_key(what: str, model: str, frame: str) -> str:
    return f"{what}_{secrets.token_hex(2)}_{model}_on_{frame}"
