"""Models: their parameters and all that training reports."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from aquifer_algos.algorithms import ALGORITHMS
from aquifer_algos.encoding import OneHot
from aquifer_algos.model import Model, ModelStatus
from pydantic import Field, SerializeAsAny

from aquifer_server.measurements import of_training
from aquifer_server.schemas.base import Answer, Meta, Schema
from aquifer_server.schemas.keys import FrameKeyV3, KeyV3, ModelKeyV3
from aquifer_server.schemas.metrics import ModelMetricsBaseV3, metrics_v3
from aquifer_server.schemas.parameters import ModelParameterSchemaV3, parameters_table
from aquifer_server.schemas.two_dim_table import TwoDimTableV3, table_v3


class ModelOutputSchemaV3(Schema, schema_type="ModelOutput"):
    """What training reports; times in milliseconds."""

    names: list[str]
    original_names: list[str] | None = None
    column_types: list[str]
    domains: list[list[str] | None]
    cross_validation_models: list[KeyV3] | None = None
    cross_validation_predictions: list[KeyV3] | None = None
    cross_validation_holdout_predictions_frame_id: KeyV3 | None = None
    cross_validation_fold_assignment_frame_id: KeyV3 | None = None
    category: str = Field(alias="model_category")
    summary: TwoDimTableV3 = Field(alias="model_summary")
    scoring_history: TwoDimTableV3
    cv_scoring_history: list[TwoDimTableV3] | None = None
    reproducibility_information_table: list[TwoDimTableV3] | None = None
    training_metrics: SerializeAsAny[ModelMetricsBaseV3] | None
    validation_metrics: SerializeAsAny[ModelMetricsBaseV3] | None
    cross_validation_metrics: ModelMetricsBaseV3 | None = None
    cross_validation_metrics_summary: TwoDimTableV3 | None = None
    status: str | None
    start_time: int
    end_time: int
    run_time: int
    default_threshold: float
    weights: list[SerializeAsAny[KeyV3]] | None = None
    biases: list[SerializeAsAny[KeyV3]] | None = None
    normmul: list[float] | None = None
    normsub: list[float] | None = None
    normrespmul: list[float] | None = None
    normrespsub: list[float] | None = None
    catoffsets: list[int] | None = None
    variable_importances: TwoDimTableV3 | None
    variable_importances_by_column: TwoDimTableV3 | None


class ModelSynopsisV3(Schema, schema_type="Model"):
    """A model in a list."""

    identity: SerializeAsAny[KeyV3] = Field(alias="model_id")
    algo: str
    algo_full_name: str
    response_column_name: str | None
    treatment_column_name: str | None = None
    data_frame: SerializeAsAny[KeyV3] | None
    timestamp: int
    have_pojo: bool = False
    have_mojo: bool = False


class ModelSchemaV3(ModelSynopsisV3, schema_type="Model"):
    """A model with all its details."""

    parameters: list[ModelParameterSchemaV3]
    output: ModelOutputSchemaV3
    compatible_frames: list[str] | None = None


class ModelsV3(Answer, schema_type="Models"):
    """All models in short, or the one asked for in full."""

    models: list[SerializeAsAny[ModelSynopsisV3]]
    compatible_frames: list[str] | None = None
    export_cross_validation_predictions: bool = False


def synopsis_v3(model: Model) -> ModelSynopsisV3:
    """A model in short."""
    return ModelSynopsisV3(**_synopsis(model))


def model_v3(model: Model) -> ModelSchemaV3:
    """A model in full, under its algorithm's own schema names such as DeepLearningModelV3."""
    name = ALGORITHMS[model.algo].name
    return ModelSchemaV3(
        meta=Meta(schema_name=f"{name}ModelV3", schema_type=f"{name}Model"),
        **_synopsis(model),
        parameters=parameters_table(type(model.parameters), model.parameters, model.effective),
        output=_output(model, name),
    )


def _synopsis(model: Model) -> dict[str, object]:
    training = model.parameters.training_frame
    return {
        "identity": ModelKeyV3.of(model.key),
        "algo": model.algo,
        "algo_full_name": model.algo_full_name,
        "response_column_name": model.response,
        "data_frame": FrameKeyV3.of(training) if training is not None else None,
        "timestamp": round(model.output.ended * 1000),
    }


def _output(model: Model, name: str) -> ModelOutputSchemaV3:
    output = model.output
    measured = [metrics_v3(measurement) for measurement in of_training(model)]
    return ModelOutputSchemaV3(
        meta=Meta(schema_name=f"{name}ModelOutputV3", schema_type=f"{name}ModelOutput"),
        names=list(model.names),
        column_types=list(model.column_types),
        domains=[list(domain) if domain is not None else None for domain in model.domains],
        category=str(model.category),
        summary=table_v3(output.model_summary),
        scoring_history=table_v3(output.scoring_history),
        training_metrics=measured[0],
        validation_metrics=measured[1] if len(measured) > 1 else None,
        status=None if output.status is ModelStatus.TRAINING else str(output.status),
        start_time=round(output.started * 1000),
        end_time=round(output.ended * 1000),
        run_time=round((output.ended - output.started) * 1000),
        default_threshold=model.default_threshold,
        **_layers(model),
        variable_importances=output.variable_importances and table_v3(output.variable_importances),
        variable_importances_by_column=output.importances_by_column
        and table_v3(output.importances_by_column),
    )


def _layers(model: Model) -> dict[str, Any]:
    """The frames of weights and biases, and how inputs and response are scaled; nothing unless asked for."""
    layers, data = model.output.layers, model.data
    if layers is None:
        return {}
    numbers = [predictor for predictor in data.predictors if predictor.encoded is None]
    one_hot = [predictor for predictor in data.predictors if isinstance(predictor.encoded, OneHot)]
    scaled = any((predictor.shift, predictor.scale) != (0.0, 1.0) for predictor in numbers)
    response = data.response
    shown = (response.shift, response.scale) != (0.0, 1.0)
    return {
        "weights": [FrameKeyV3.of(key) for key in layers.weights],
        "biases": [FrameKeyV3.of(key) for key in layers.biases],
        "normmul": [predictor.scale for predictor in numbers] if scaled else None,
        "normsub": [predictor.shift for predictor in numbers] if scaled else None,
        "normrespmul": [response.scale] if shown else None,
        "normrespsub": [response.shift] if shown else None,
        "catoffsets": [0, *accumulate(predictor.width for predictor in one_hot)],
    }
