"""Predictions and what else a model makes of rows: as a job (version 4), or at once with metrics (3)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeAlias

from aquifer_algos.datainfo import ModelCategory
from aquifer_algos.deeplearning.features import deep_features, find_layer
from aquifer_algos.model import Model
from aquifer_algos.prediction import performance, predict
from aquifer_algos.reconstruction import anomaly, reconstruct, require_autoencoder
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
Scoring: TypeAlias = Callable[..., Frame]
"""Makes a frame of a cloud, a model, a frame of rows, and perhaps `job=`."""


class PredictionRequest(Parameters):
    """POST /3/ and /4/Predictions/models/{model}/frames/{frame}.

    A hidden layer is asked for by its place, from 0, or by its name: DF.L1 is the first. What is asked for by
    the last three fields is not available yet, and is refused.
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
        """Raise InvalidArgument if something is asked for that is not available."""
        for name in ("leaf_node_assignment", "predict_contributions", "custom_metric_func"):
            if getattr(self, name):
                raise InvalidArgument(name, "is not available yet; leave it out for plain predictions")

    def scoring(self, model: Model) -> tuple[str, Scoring]:
        """What is asked for: how automatic keys begin, and what makes the frame.

        Raises InvalidArgument if it is not available, or not with this model.
        """
        self.require_available()
        if self.reconstruction_error:
            require_autoencoder(model)
            return "reconstruction_error", partial(anomaly, per_feature=self.reconstruction_error_per_feature)
        layer, name = self.deep_features_hidden_layer, self.deep_features_hidden_layer_name
        if layer is not None or name is not None:
            return "deep_features", partial(deep_features, layer=find_layer(model, layer, name))
        return "predictions", reconstruct if model.category is ModelCategory.AUTOENCODER else predict


Asked = Annotated[PredictionRequest, Depends(bound(PredictionRequest))]


@router.post("/4/Predictions/models/{model}/frames/{frame:path}", response_model=JobV3)
def begin_prediction(model: str, frame: str, coordinator: Coordinated, request: Asked) -> JobV3:
    """Begin to predict; the frame of predictions is there when the job is done."""
    scorer, rows = coordinator.store.get(model, Model), coordinator.store.get(frame, Frame)
    _, score = request.scoring(scorer)
    dest = request.predictions_frame or _automatic_key("transformation", model, frame)

    def work(job: Job) -> None:
        predictions = score(coordinator.cloud, scorer, rows, job=job)
        job.check()
        coordinator.store.put(dest, predictions)

    return job_v3(coordinator.jobs.start("transformation", dest, "frame", work))


@router.post("/3/Predictions/models/{model}/frames/{frame:path}", response_model=ModelMetricsListSchemaV3)
def predict_at_once(model: str, frame: str, coordinator: Coordinated, request: Asked) -> Response:
    """Predict, and compare with the response if the frame has it."""
    cloud, store = coordinator.cloud, coordinator.store
    scorer, rows = store.get(model, Model), store.get(frame, Frame)
    kind, score = request.scoring(scorer)
    dest = request.predictions_frame or _automatic_key(kind, model, frame)
    predictions = score(cloud, scorer, rows)
    measured = []
    if scorer.response is None or scorer.response in rows.names:
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
