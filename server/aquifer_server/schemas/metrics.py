"""Model metrics: one schema for each model category."""

from __future__ import annotations

import math

from aquifer_algos.metrics import AutoEncoderMetrics, BinomialMetrics, MultinomialMetrics
from aquifer_algos.table import Table
from pydantic import Field, SerializeAsAny

from aquifer_server.measurements import Measurement
from aquifer_server.schemas.base import Answer, Schema
from aquifer_server.schemas.frames import FrameV3
from aquifer_server.schemas.keys import FrameKeyV3, KeyV3, ModelKeyV3
from aquifer_server.schemas.two_dim_table import TwoDimTableV3, table_v3


class ConfusionMatrixV3(Schema, schema_type="ConfusionMatrix"):
    """A confusion matrix."""

    table: TwoDimTableV3


class ModelMetricsBaseV3(Schema, schema_type="ModelMetrics"):
    """What all categories have: which model on which frame, and the squared error."""

    model: SerializeAsAny[KeyV3]
    model_checksum: int = 0
    frame: SerializeAsAny[KeyV3] | None
    frame_checksum: int = 0
    description: str | None
    category: str = Field(alias="model_category")
    scoring_time: int
    predictions: FrameV3 | None = None
    mse: float = Field(alias="MSE")
    rmse: float = Field(alias="RMSE")
    nobs: int
    custom_metric_name: str | None = None
    custom_metric_value: float = 0.0


class ModelMetricsAutoEncoderV3(ModelMetricsBaseV3, schema_type="ModelMetricsAutoEncoder"):
    """Metrics of a reconstruction."""


class _SupervisedV3(ModelMetricsBaseV3):
    r2: float
    loglikelihood: float = math.nan
    aic: float = Field(default=math.nan, alias="AIC")


class ModelMetricsRegressionV3(_SupervisedV3, schema_type="ModelMetricsRegression"):
    """Metrics of a numeric response."""

    mean_residual_deviance: float
    mae: float
    rmsle: float


class _ClassificationV3(_SupervisedV3):
    logloss: float
    auc: float = Field(alias="AUC")
    pr_auc: float
    mean_per_class_error: float
    cm: ConfusionMatrixV3


class ModelMetricsBinomialV3(_ClassificationV3, schema_type="ModelMetricsBinomial"):
    """Metrics of a response with two classes."""

    gini: float = Field(alias="Gini")
    domain: list[str]
    thresholds_and_metric_scores: TwoDimTableV3
    max_criteria_and_metric_scores: TwoDimTableV3
    gains_lift_table: TwoDimTableV3 | None


class ModelMetricsMultinomialV3(_ClassificationV3, schema_type="ModelMetricsMultinomial"):
    """Metrics of a response with several classes."""

    hit_ratio_table: TwoDimTableV3
    multinomial_auc_table: TwoDimTableV3 | None = None
    multinomial_aucpr_table: TwoDimTableV3 | None = None


class ModelMetricsListSchemaV3(Answer, schema_type="ModelMetricsList"):
    """Metrics, after the request's own parameters."""

    model: SerializeAsAny[KeyV3] | None = None
    frame: SerializeAsAny[KeyV3] | None = None
    predictions_frame: SerializeAsAny[KeyV3] | None = None
    deviances_frame: SerializeAsAny[KeyV3] | None = None
    custom_auuc_thresholds: list[float] | None = None
    output_per_reference: bool = False
    model_metrics: list[SerializeAsAny[ModelMetricsBaseV3]]


def metrics_v3(measurement: Measurement, predictions: FrameV3 | None = None) -> ModelMetricsBaseV3:
    """Metrics as the protocol sends them."""
    metrics = measurement.metrics
    common: dict[str, object] = {
        "model": ModelKeyV3.of(measurement.model),
        "frame": FrameKeyV3.of(measurement.frame) if measurement.frame is not None else None,
        "description": measurement.description,
        "category": measurement.category,
        "scoring_time": round(measurement.made * 1000),
        "predictions": predictions,
        "mse": metrics.mse,
        "rmse": metrics.rmse,
        "nobs": metrics.nobs,
    }
    if isinstance(metrics, AutoEncoderMetrics):
        return ModelMetricsAutoEncoderV3(**common)
    common["r2"] = metrics.r2
    if isinstance(metrics, BinomialMetrics):
        return ModelMetricsBinomialV3(
            **common,
            **_classification(metrics),
            gini=metrics.gini,
            domain=list(metrics.domain),
            thresholds_and_metric_scores=table_v3(metrics.thresholds_and_metric_scores),
            max_criteria_and_metric_scores=table_v3(metrics.max_criteria_and_metric_scores),
            gains_lift_table=_optional_table(metrics.gains_lift_table),
        )
    if isinstance(metrics, MultinomialMetrics):
        return ModelMetricsMultinomialV3(
            **common,
            **_classification(metrics),
            hit_ratio_table=table_v3(metrics.hit_ratio_table),
            multinomial_auc_table=_optional_table(metrics.auc_table),
            multinomial_aucpr_table=_optional_table(metrics.pr_auc_table),
        )
    return ModelMetricsRegressionV3(
        **common,
        mean_residual_deviance=metrics.mean_residual_deviance,
        mae=metrics.mae,
        rmsle=metrics.rmsle,
    )


def _optional_table(table: Table | None) -> TwoDimTableV3 | None:
    return None if table is None else table_v3(table)


def _classification(metrics: BinomialMetrics | MultinomialMetrics) -> dict[str, object]:
    return {
        "logloss": metrics.logloss,
        "auc": metrics.auc,
        "pr_auc": metrics.pr_auc,
        "mean_per_class_error": metrics.mean_per_class_error,
        "cm": ConfusionMatrixV3(table=table_v3(metrics.confusion_matrix)),
    }
