"""Our client has what H2O's own client has, called the same way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SIGNATURES = Path(__file__).with_name("signatures.py")

HIVE = "the server does not speak to Hive"
SQL = "the server does not speak to databases"
GRIDS = "the server has no grids"
SAVED = "the server saves no models"
MOJO = "the server makes no MOJO and no POJO"
PRINTED = "it is shown as a table by print() and in notebooks"
LINEAR = "it is of linear models"
TREES = "it is of trees"
CROSS_VALIDATION = "the server does not cross-validate"
EXPLAINED = "the client explains no models"

LEFT_OUT = {
    "H2OFrame.convert_H2OFrame_2_DMatrix": "the server has no XGBoost",
    "H2OFrame.convert_with_polars": "as_data_frame reads Arrow's format",
    "H2OFrame.save_to_hive": HIVE,
    "H2OFrame.to_html": PRINTED,
    "H2OFrame.to_pretty_str": PRINTED,
    "H2OFrame.to_str": PRINTED,
    "h2o.cluster_info": "old name of h2o.cluster().show_status",
    "h2o.cluster_status": "old name of h2o.cluster().show_status",
    "h2o.demo": "no demonstrations are shipped with the client",
    "h2o.download_all_logs": "the log is one file: GET /3/Logs/download",
    "h2o.download_model": SAVED,
    "h2o.download_pojo": MOJO,
    "h2o.enable_expr_optimizations": "expressions are always sent whole",
    "h2o.estimate_cluster_mem": "it is a rule of thumb for Java's heap",
    "h2o.get_grid": GRIDS,
    "h2o.import_hive_table": HIVE,
    "h2o.import_mojo": MOJO,
    "h2o.import_sql_select": SQL,
    "h2o.import_sql_table": SQL,
    "h2o.is_expr_optimizations_enabled": "expressions are always sent whole",
    "h2o.load_dataset": "no data sets are shipped with the client",
    "h2o.load_grid": GRIDS,
    "h2o.load_model": SAVED,
    "h2o.make_leaderboard": "the server has no leaderboards",
    "h2o.make_metrics": "the server makes metrics of models only",
    "h2o.mojo_predict_csv": MOJO,
    "h2o.mojo_predict_pandas": MOJO,
    "h2o.network_test": "the server has no test of the network",
    "h2o.open": "not H2O's: a name that its modules leave behind",
    "h2o.print_mojo": MOJO,
    "h2o.resume": "the server does not recover jobs",
    "h2o.save_grid": GRIDS,
    "h2o.save_model": SAVED,
    "h2o.set_telemetry": "the client sends no telemetry",
    "h2o.telemetry_enabled": "the client sends no telemetry",
    "h2o.upload_custom_distribution": "the server runs no code of its users",
    "h2o.upload_custom_metric": "the server runs no code of its users",
    "h2o.upload_model": SAVED,
    "h2o.upload_mojo": MOJO,
    "model.aic": LINEAR,
    "model.average_objective": LINEAR,
    "model.calibrate": TREES,
    "model.coef": LINEAR,
    "model.coef_names": LINEAR,
    "model.coef_norm": LINEAR,
    "model.coef_with_p_values": LINEAR,
    "model.cross_validation_fold_assignment": CROSS_VALIDATION,
    "model.cross_validation_holdout_predictions": CROSS_VALIDATION,
    "model.cross_validation_metrics_summary": CROSS_VALIDATION,
    "model.cross_validation_models": CROSS_VALIDATION,
    "model.cross_validation_predictions": CROSS_VALIDATION,
    "model.download_model": SAVED,
    "model.download_mojo": MOJO,
    "model.download_pojo": MOJO,
    "model.explain": EXPLAINED,
    "model.explain_row": EXPLAINED,
    "model.feature_frequencies": TREES,
    "model.feature_interaction": TREES,
    "model.fit": "it is of scikit-learn; get_params and set_params are there",
    "model.gains_lift_plot": "the columns of gains_lift can be plotted",
    "model.get_variable_inflation_factors": LINEAR,
    "model.get_xval_models": CROSS_VALIDATION,
    "model.h": TREES,
    "model.ice_plot": EXPLAINED,
    "model.kolmogorov_smirnov": "the largest of gains_lift's column of that name",
    "model.loglikelihood": LINEAR,
    "model.negative_log_likelihood": LINEAR,
    "model.ntrees_actual": TREES,
    "model.null_degrees_of_freedom": LINEAR,
    "model.partial_plot": EXPLAINED,
    "model.pd_plot": EXPLAINED,
    "model.permutation_importance": EXPLAINED,
    "model.permutation_importance_plot": EXPLAINED,
    "model.pprint_coef": LINEAR,
    "model.predict_contributions": TREES,
    "model.predict_leaf_node_assignment": TREES,
    "model.predicted_vs_actual_by_variable": EXPLAINED,
    "model.residual_analysis_plot": EXPLAINED,
    "model.residual_degrees_of_freedom": LINEAR,
    "model.rotation": "it is of principal components",
    "model.row_to_tree_assignment": TREES,
    "model.save_model_details": SAVED,
    "model.save_mojo": MOJO,
    "model.shap_explain_row_plot": TREES,
    "model.shap_summary_plot": TREES,
    "model.staged_predict_proba": TREES,
    "model.std_coef_plot": LINEAR,
    "model.to_html": PRINTED,
    "model.to_pretty_str": PRINTED,
    "model.to_str": PRINTED,
    "model.train_segments": "the server trains no model for each segment",
    "model.update_tree_weights": TREES,
    "model.xval_keys": CROSS_VALIDATION,
    "model.xvals": CROSS_VALIDATION,
}

CALLED_OTHERWISE = {
    "h2o.api": "data goes as a form, never as JSON; downloads have functions of their own",
    "h2o.import_file": "a path is needed",
    "model.confusion_matrix": "without data it is of the training, or of the part that is named",
    "model.learning_curve_plot": "H2O's takes anything, and passes it on to what has these parameters",
    "model.model_performance": "how AUC is measured of several classes is a parameter of the model",
    "model.plot": "H2O's takes anything more, without effect",
    "model.predict": "the server runs no code of its users",
    "model.residual_deviance": "xval is False by default, as everywhere",
    "model.score_history": "as_data_frame may be given, as to scoring_history",
    "model.show": "print() shows models in one form",
}


def signatures(python: list[str]) -> dict[str, Any]:
    found = subprocess.run(
        [*python, "-W", "ignore", str(SIGNATURES)], capture_output=True, text=True, check=True, timeout=60
    )
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer


@pytest.fixture(scope="module")
def official(official_python: list[str]) -> dict[str, Any]:
    return signatures(official_python)


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    return signatures([sys.executable])


def same(theirs: Any, own: Any) -> bool:
    """Whether every call that theirs takes ours takes too: ours may have more that is given by name."""
    if theirs == "property" or own == "property":
        return bool(theirs == own)
    named = [one for one in theirs if one[2] != "VAR_KEYWORD"]
    more = own[len(named) :]
    return own[: len(named)] == named and all(kind in ("KEYWORD_ONLY", "VAR_KEYWORD") for *_, kind in more)


@pytest.mark.official
def test_nothing_is_missing_but_what_is_listed(official: dict[str, Any], ours: dict[str, Any]) -> None:
    assert official.keys() - ours.keys() == LEFT_OUT.keys()


@pytest.mark.official
def test_everything_is_called_as_in_the_official_client(
    official: dict[str, Any], ours: dict[str, Any]
) -> None:
    common = official.keys() & ours.keys()
    assert {name for name in common if not same(official[name], ours[name])} == CALLED_OTHERWISE.keys()
