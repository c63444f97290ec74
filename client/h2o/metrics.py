"""How well a model fits some data, as the server measured it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from h2o.display import Table, to_html, to_text
from h2o.exceptions import H2OValueError, unknown
from h2o.two_dim_table import H2OTwoDimTable

__all__ = ["SCALARS", "TABLES", "H2OModelMetrics"]

# The method's name, the field's name on the wire, and what it is.
SCALARS = {
    "mse": ("MSE", "The mean squared error; for classes, of 1 − the probability given to the true class."),
    "rmse": ("RMSE", "The square root of the mean squared error."),
    "nobs": ("nobs", "The number of rows that were scored."),
    "r2": ("r2", "R², the share of the response's variance that is explained."),
    "mae": ("mae", "The mean absolute error."),
    "rmsle": ("rmsle", "The root of the mean squared error of log(1 + value)."),
    "mean_residual_deviance": ("mean_residual_deviance", "The mean deviance under the model's distribution."),
    "logloss": ("logloss", "The mean of −log of the probability given to the true class."),
    "mean_per_class_error": (
        "mean_per_class_error",
        "The mean over classes of the share of wrong predictions.",
    ),
    "auc": ("AUC", "The area under the ROC curve."),
    "aucpr": ("pr_auc", "The area under the precision-recall curve."),
    "gini": ("Gini", "2 · AUC − 1."),
    "null_deviance": ("null_deviance", "The deviance of a model that knows only the response's mean."),
    "residual_deviance": ("residual_deviance", "The deviance of the model."),
}
# The method's name, where the table is on the wire, and what it is.
TABLES = {
    "confusion_matrix": (("cm", "table"), "Rows: true classes. Columns: predicted classes, error and rate."),
    "hit_ratio_table": (("hit_ratio_table",), "How often the true class is among the k most probable."),
    "multinomial_auc_table": (
        ("multinomial_auc_table",),
        "AUC of each class against the rest and of each pair, and their means; see ``auc_type``.",
    ),
    "multinomial_aucpr_table": (
        ("multinomial_aucpr_table",),
        "The same of the area under the precision-recall curve.",
    ),
    "max_criteria_and_metric_scores": (
        ("max_criteria_and_metric_scores",),
        "The best threshold for each metric.",
    ),
    "gains_lift": (("gains_lift_table",), "Gains and lift by groups of rows, most probable first."),
    "thresholds_and_metric_scores": (("thresholds_and_metric_scores",), "Every metric at many thresholds."),
}
_NOT_PRINTED = ("thresholds_and_metric_scores",)
# What the user calls a metric by thresholds, and its column's name.
THRESHOLD_METRICS = {
    "F1": "f1",
    "F2": "f2",
    "F0point5": "f0point5",
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "specificity": "specificity",
    "mcc": "absolute_mcc",
    "min_per_class_accuracy": "min_per_class_accuracy",
    "mean_per_class_accuracy": "mean_per_class_accuracy",
    "tnr": "tnr",
    "fnr": "fnr",
    "fpr": "fpr",
    "tpr": "tpr",
}


def _scalar(name: str) -> Callable[[H2OModelMetrics], float]:
    field, meaning = SCALARS[name]

    def read(self: H2OModelMetrics) -> float:
        return float(self._field(name, field))

    read.__name__, read.__doc__ = name, meaning
    return read


def _table(name: str) -> Callable[[H2OModelMetrics], H2OTwoDimTable]:
    path, meaning = TABLES[name]

    def read(self: H2OModelMetrics) -> H2OTwoDimTable:
        wire: Any = self._field(name, path[0])
        for step in path[1:]:
            wire = wire[step]
        return H2OTwoDimTable.from_wire(wire)

    read.__name__, read.__doc__ = name, meaning
    return read


def _by_threshold(name: str, meaning: str) -> Callable[..., list[list[float]]]:
    def read(self: H2OModelMetrics, thresholds: Sequence[float] | None = None) -> list[list[float]]:
        return self.metric(name, thresholds)

    read.__name__, read.__doc__ = name, f"[[threshold, value]]: {meaning[0].lower()}{meaning[1:]}"
    return read


class H2OModelMetrics:
    """The metrics of one model on one set of rows; ``wire`` is the server's answer, ``on`` names the rows.

    A metric that its kind of model does not have is refused with H2OValueError, naming those that it has.
    """

    def __init__(self, wire: Mapping[str, Any], on: str) -> None:
        self._wire = wire
        self.on = on
        self.category: str = wire.get("model_category") or _category(wire)

    mse, rmse, nobs, r2 = _scalar("mse"), _scalar("rmse"), _scalar("nobs"), _scalar("r2")
    mae, rmsle, mean_residual_deviance = _scalar("mae"), _scalar("rmsle"), _scalar("mean_residual_deviance")
    logloss, mean_per_class_error = _scalar("logloss"), _scalar("mean_per_class_error")
    auc, aucpr, gini = _scalar("auc"), _scalar("aucpr"), _scalar("gini")
    pr_auc = aucpr
    null_deviance, residual_deviance = _scalar("null_deviance"), _scalar("residual_deviance")
    hit_ratio_table = _table("hit_ratio_table")
    multinomial_auc_table = _table("multinomial_auc_table")
    multinomial_aucpr_table = _table("multinomial_aucpr_table")
    gains_lift = _table("gains_lift")
    max_criteria_and_metric_scores = _table("max_criteria_and_metric_scores")
    thresholds_and_metric_scores = _table("thresholds_and_metric_scores")
    _confusion_matrix = _table("confusion_matrix")

    def __getitem__(self, name: str) -> Any:
        """A field of the server's answer by its name on the wire."""
        if name not in self._wire:
            raise unknown("metric", name, self._wire)
        return self._wire[name]

    def _field(self, name: str, field: str) -> Any:
        value = self._wire.get(field)
        if value is None:
            known = ", ".join(self.names())
            raise H2OValueError(
                f"{name} is not measured for a {self.category} model on {self.on}: there are {known}"
            )
        return value

    def names(self) -> list[str]:
        """The metrics that there are."""
        scalars = [name for name, (field, _) in SCALARS.items() if self._wire.get(field) is not None]
        return scalars + [name for name, (path, _) in TABLES.items() if self._wire.get(path[0]) is not None]

    def metric(self, metric: str, thresholds: Sequence[float] | None = None) -> list[list[float]]:
        """[[threshold, value], …] of a two-class metric: F1, accuracy, precision, recall, mcc …

        Without ``thresholds`` at the one where the metric is largest. A threshold that was not measured
        stands for the nearest that was.
        """
        if metric not in THRESHOLD_METRICS:
            raise unknown("metric", metric, THRESHOLD_METRICS)
        table = self.thresholds_and_metric_scores()
        values, measured = table[THRESHOLD_METRICS[metric]], table["threshold"]
        if thresholds is None:
            best = max(range(len(values)), key=lambda i: values[i])
            return [[measured[best], values[best]]]
        return [[threshold, values[_nearest(measured, threshold)]] for threshold in thresholds]

    F1 = _by_threshold("F1", "The harmonic mean of precision and recall.")
    F2 = _by_threshold("F2", "The same with recall counting twice as much as precision.")
    F0point5 = _by_threshold("F0point5", "The same with precision counting twice as much as recall.")
    accuracy = _by_threshold("accuracy", "The share of right predictions.")
    precision = _by_threshold("precision", "Of the rows predicted positive, the share that is.")
    recall = _by_threshold("recall", "Of the positive rows, the share that is predicted so.")
    tpr = _by_threshold("tpr", "The true positive rate, recall.")
    tnr = _by_threshold("tnr", "The true negative rate: of the negative rows, the share predicted so.")
    fnr = _by_threshold("fnr", "The false negative rate, 1 − tpr.")
    fpr = _by_threshold("fpr", "The false positive rate, 1 − tnr.")
    mcc = _by_threshold("mcc", "The absolute Matthews correlation coefficient.")
    sensitivity, specificity, fallout, missrate = tpr, tnr, fpr, fnr

    def error(self, thresholds: Sequence[float] | None = None) -> list[list[float]]:
        """[[threshold, share of wrong predictions]]; without thresholds at the one where it is smallest."""
        return [[at, 1 - value] for at, value in self.accuracy(thresholds)]

    def max_per_class_error(self, thresholds: Sequence[float] | None = None) -> list[list[float]]:
        """[[threshold, the larger of the two classes' shares of wrong predictions]], as ``error``."""
        return [[at, 1 - value] for at, value in self.metric("min_per_class_accuracy", thresholds)]

    def find_idx_by_threshold(self, threshold: float) -> int:
        """The row of ``thresholds_and_metric_scores`` whose threshold is nearest."""
        return _nearest(self.thresholds_and_metric_scores()["threshold"], threshold)

    def find_threshold_by_max_metric(self, metric: str) -> float:
        """The threshold at which a two-class metric is largest."""
        return self.metric(metric)[0][0]

    def confusion_matrix(self, threshold: float | None = None) -> H2OTwoDimTable:
        """Rows: true classes; columns: predicted classes, error and rate.

        For two classes at the ``threshold`` of the second class's probability, by default that of largest F1.
        """
        if threshold is None and self._wire.get("cm"):
            return _labelled(self._confusion_matrix())
        table = self.thresholds_and_metric_scores()
        if threshold is None:
            threshold = self.find_threshold_by_max_metric("F1")
        index = _nearest(table["threshold"], threshold)
        counts = [int(table[name][index]) for name in ("tns", "fps", "fns", "tps")]
        return _two_class_matrix(counts, [str(level) for level in self["domain"]], table["threshold"][index])

    def roc(self) -> tuple[list[float], list[float]]:
        """(false positive rates, true positive rates): the points of the ROC curve."""
        table = self.thresholds_and_metric_scores()
        return table["fpr"], table["tpr"]

    def _summary(self) -> Table:
        rows = [
            [name, self._wire[field]]
            for name, (field, _) in SCALARS.items()
            if _is_number(self._wire.get(field))
        ]
        return Table(["metric", "value"], rows, title=f"{self.category} metrics on {self.on}")

    def _tables(self) -> list[Table]:
        names = [name for name in self.names() if name in TABLES and name not in _NOT_PRINTED]
        tables: list[Table] = [getattr(self, name)().table() for name in names]
        return [self._summary(), *(table for table in tables if table.rows)]

    def show(self) -> None:
        """Print the metrics."""
        print(self)

    def __repr__(self) -> str:
        return "\n\n".join(to_text(table) for table in self._tables())

    def _repr_html_(self) -> str:
        return "".join(to_html(table) for table in self._tables())


def _category(wire: Mapping[str, Any]) -> str:
    schema = (wire.get("__meta") or {}).get("schema_name", "ModelMetrics")
    return str(schema).removeprefix("ModelMetrics").removesuffix("V3")


def _is_number(value: Any) -> bool:
    return value is not None and value != "NaN"


def _labelled(matrix: H2OTwoDimTable) -> H2OTwoDimTable:
    """The matrix with its rows named, which it does not always come with: as its columns, then the total."""
    if matrix.col_header[0] == "":
        return matrix
    labels = [*matrix.col_header[:-2], "Total"]
    rows = [[label, *row] for label, row in zip(labels, matrix.cell_values, strict=True)]
    return H2OTwoDimTable(matrix.table_header, ["", *matrix.col_header], ["string", *matrix.col_types], rows)


def _nearest(values: list[float], wanted: float) -> int:
    return min(range(len(values)), key=lambda i: abs(values[i] - wanted))


def _two_class_matrix(counts: list[int], domain: list[str], threshold: float) -> H2OTwoDimTable:
    """The confusion matrix of [true negatives, false positives, false negatives, true positives]."""
    true_no, false_yes, false_no, true_yes = counts

    def line(label: str, no: int, yes: int, wrong: int) -> list[Any]:
        total = no + yes
        return [label, no, yes, wrong / total if total else float("nan"), f"{wrong} / {total}"]

    rows = [
        line(domain[0], true_no, false_yes, false_yes),
        line(domain[1], false_no, true_yes, false_no),
        line("Total", true_no + false_no, false_yes + true_yes, false_yes + false_no),
    ]
    title = f"Confusion Matrix at threshold {threshold:.6g}"
    return H2OTwoDimTable(
        title, ["", *domain, "Error", "Rate"], ["string", "long", "long", "double", "string"], rows
    )
