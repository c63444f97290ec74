"""What an autoencoder makes of the rows of a frame: its reconstruction, and how far off that is."""

from __future__ import annotations

from typing import Any

import numpy as np
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from numpy.typing import NDArray

from aquifer_algos.datainfo import DataInfo, ModelCategory
from aquifer_algos.expansion import InputRows, dense
from aquifer_algos.metrics.autoencoder import row_errors
from aquifer_algos.model import Model, Scorer
from aquifer_algos.prediction import derive

RECONSTRUCTION_ERROR = "Reconstruction.MSE"
"""The column of the rows' errors."""


def reconstruct(cloud: Cloud, model: Model, frame: Frame, job: Job | None = None) -> Frame:
    """The model's reconstruction of every row: a column `reconstr_<input>` for each input.

    Numbers are in their own units; of a category each level has a column that is near 1 where the row has it.
    Raises InvalidArgument.
    """
    names = tuple(f"reconstr_{name}" for name in model.data.coefficients)
    return derive(cloud, model, frame, names, reconstruction_of, job)


def anomaly(
    cloud: Cloud, model: Model, frame: Frame, per_feature: bool = False, job: Job | None = None
) -> Frame:
    """How badly the model reconstructs every row: the larger, the less the row is like the training rows.

    The column `Reconstruction.MSE` is the mean over the inputs of the squared error, of numbers in units of
    their range; `per_feature` gives instead each input's squared error, in a column `reconstr_<input>.SE`.
    Raises InvalidArgument if the model is no autoencoder.
    """
    require_autoencoder(model)
    if per_feature:
        names = tuple(f"reconstr_{name}.SE" for name in model.data.coefficients)
        return derive(cloud, model, frame, names, squared_errors_of, job)
    return derive(cloud, model, frame, (RECONSTRUCTION_ERROR,), errors_of, job)


def require_autoencoder(model: Model) -> None:
    """Raise InvalidArgument if the model has nothing that could be reconstructed."""
    if model.category is not ModelCategory.AUTOENCODER:
        raise InvalidArgument(
            "model", f"'{model.key}' is no autoencoder, so it has no reconstruction error: use predictions"
        )


def reconstruction_of(data: DataInfo, scorer: Scorer, rows: InputRows) -> NDArray[np.floating[Any]]:
    """The inputs (rows, inputs) as the model gives them back, in the columns' own units."""
    return data.restored(scorer.scores(rows))


def squared_errors_of(data: DataInfo, scorer: Scorer, rows: InputRows) -> NDArray[np.floating[Any]]:
    """The squared error (rows, inputs) of each input."""
    errors: NDArray[np.float64] = np.square(
        np.subtract(scorer.scores(rows), dense(rows, data.inputs), dtype=np.float64)
    )
    return errors


def errors_of(data: DataInfo, scorer: Scorer, rows: InputRows) -> NDArray[np.floating[Any]]:
    """The error (rows, 1) of each row."""
    return row_errors(dense(rows, data.inputs), scorer.scores(rows))[:, None]
