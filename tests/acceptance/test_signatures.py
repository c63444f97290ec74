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
PRINTED = "frames are shown as tables by print() and in notebooks"

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
}

CALLED_OTHERWISE = {
    "h2o.api": "data goes as a form, never as JSON; downloads have functions of their own",
    "h2o.import_file": "a path is needed",
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
