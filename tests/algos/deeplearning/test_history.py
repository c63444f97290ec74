"""The scoring history as clients print it."""

from __future__ import annotations

import numpy as np
import pytest
from aquifer_algos.datainfo import ModelCategory, Response
from aquifer_algos.deeplearning.history import (
    HistoryRow,
    Progress,
    duration,
    history_table,
    live_row,
    numbers_of,
)
from aquifer_algos.measurement import count, measure


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, " 0.000 sec"), (1.2124, " 1.212 sec"), (123.5, " 2 min  3.500 sec"), (3723.5, " 1:02:03.500")],
)
def test_durations_are_written_as_h2o_writes_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_each_scoring_is_a_row_and_the_untrained_model_has_none_of_the_numbers() -> None:
    response = Response("y")
    metrics = numbers_of(measure(response, count(response, np.array([1.0, 3.0]), np.array([[2.0], [3.0]]))))
    rows = [
        HistoryRow(Progress(0, 0.0, None, 0.0, 0, 0), None, None),
        HistoryRow(Progress(0, 0.5, 200.0, 1.0, 1, 100), metrics, metrics),
    ]
    table = history_table(rows, ModelCategory.REGRESSION, validated=True)
    assert [column.name for column in table.columns] == [
        "",
        "timestamp",
        "duration",
        "training_speed",
        "epochs",
        "iterations",
        "samples",
        "training_rmse",
        "training_deviance",
        "training_mae",
        "training_r2",
        "validation_rmse",
        "validation_deviance",
        "validation_mae",
        "validation_r2",
    ]
    assert table.column("training_speed") == (None, "200 obs/sec")
    assert np.isnan(table.column("validation_mae")[0])  # type: ignore[arg-type]
    assert table.column("validation_mae")[1] == 0.5
    assert live_row(rows[1], ModelCategory.REGRESSION)["training_deviance"] == 0.5
