"""What a trained model tells of its training: times, tables, and how predictors were prepared."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from h2o.exceptions import H2OValueError
from h2o.two_dim_table import H2OTwoDimTable

__all__ = ["ModelOutput"]


class ModelOutput:
    """What stands in a model's output; a part of :class:`h2o.model.H2OModel`."""

    if TYPE_CHECKING:

        @property
        def _output(self) -> Mapping[str, Any]: ...

        @property
        def model_id(self) -> str: ...

    @property
    def start_time(self) -> int:
        """When the training began, in milliseconds since 1970."""
        return int(self._output["start_time"])

    @property
    def end_time(self) -> int:
        """When the training ended, in milliseconds since 1970."""
        return int(self._output["end_time"])

    @property
    def run_time(self) -> int:
        """How long the training took, in milliseconds."""
        return int(self._output["run_time"])

    def summary(self) -> H2OTwoDimTable:
        """The layers of the network, or what else describes the model."""
        return self._table("model_summary")

    def scoring_history(self, as_data_frame: bool = True) -> Any:
        """The metrics during the training, as a pandas DataFrame where pandas is installed, or as a table."""
        table = self._table("scoring_history")
        return table.as_data_frame() if as_data_frame else table

    score_history = scoring_history

    get_summary = summary

    def show_summary(self) -> None:
        """Print `summary`."""
        print(self.summary())

    def default_threshold(self) -> float:
        """From which probability on predictions are of the second class: that of the largest F1."""
        return float(self._output["default_threshold"])

    def varimp(self, use_pandas: bool = False, *, by_column: bool = False) -> Any:
        """(variable, relative, scaled, percentage): how much each input matters, largest first.

        A categorical column has an input for each level. ``by_column``: each column as the sum of its inputs.
        Raises H2OValueError for a model that was trained without ``variable_importances``.
        """
        table = self._table("variable_importances" + ("_by_column" if by_column else ""))
        if use_pandas and importlib.util.find_spec("pandas") is not None:
            return table.as_data_frame()
        return [tuple(row) for row in table.cell_values]

    def training_model_metrics(self) -> Mapping[str, Any]:
        """The metrics of the training data as the server sent them."""
        metrics: Mapping[str, Any] = self._output["training_metrics"]
        return metrics

    def is_cross_validated(self) -> bool:
        """Whether the model was cross-validated: never, as the server does not do it yet."""
        return False

    def normmul(self) -> list[float] | None:
        """What each numeric predictor was multiplied by, after ``normsub``; None if it was left alone.

        This and the like need ``export_weights_and_biases``.
        """
        return self._output.get("normmul")

    def normsub(self) -> list[float] | None:
        """What was subtracted from each numeric predictor."""
        return self._output.get("normsub")

    def respmul(self) -> list[float] | None:
        """What a numeric response was multiplied by, after ``respsub``."""
        return self._output.get("normrespmul")

    def respsub(self) -> list[float] | None:
        """What was subtracted from a numeric response."""
        return self._output.get("normrespsub")

    def catoffsets(self) -> list[int] | None:
        """The first input of each categorical predictor, and of what follows the last of them."""
        return self._output.get("catoffsets")

    def _table(self, name: str) -> H2OTwoDimTable:
        if not self._output.get(name):
            raise H2OValueError(f"the model {self.model_id} has no {name}")
        return H2OTwoDimTable.from_wire(self._output[name])
