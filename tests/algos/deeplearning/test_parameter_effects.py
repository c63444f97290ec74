"""What each parameter does to a model: a number that changes as predicted when nothing but it is changed.

A parameter that works and has no row in `ROWS` fails.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aquifer_algos.algorithms import ALGORITHMS
from aquifer_algos.builder import inputs_of
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.scoring import NetworkScorer
from aquifer_algos.deeplearning.validation import validate
from aquifer_algos.model import Model
from aquifer_algos.params import Severity, declaration, specifications
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Jobs, JobStatus
from aquifer_cluster.store import Store
from structlog.testing import capture_logs

HERE = Path(__file__).parent
ROWS_OF_F = 200
RATE = 0.01
BASE: dict[str, Any] = {
    "training_frame": "f",
    "response_column": "y",
    "ignored_columns": ["k", "two", "w", "off"],
    "hidden": [8, 8],
    "epochs": 1,
    "seed": 1,
    "reproducible": True,
    "stopping_rounds": 0,
}
ONE_ROW = {"epochs": 1 / ROWS_OF_F}
UNTRAINED = {"epochs": 0}
SGD = {"adaptive_rate": False, "rate": RATE, "rate_annealing": 0.0}
MOMENTUM = {**SGD, "momentum_ramp": 1, "epochs": 0.05}
CLASSES = {"response_column": "k", "ignored_columns": ["y", "two", "w", "off"]}
TWO_CLASSES = {"response_column": "two", "ignored_columns": ["y", "k", "w", "off"]}
LONG = {"epochs": 30, "score_each_iteration": True}

Number = Callable[[Model], float]
Change = Callable[[float, float], bool]


# how a number changes


def greater(before: float, after: float) -> bool:
    return after > before


def less(before: float, after: float) -> bool:
    return after < before


def by(difference: float) -> Change:
    return lambda before, after: after - before == pytest.approx(difference)


def times(factor: float) -> Change:
    return lambda before, after: after / before == pytest.approx(factor, rel=0.01)


def becomes(value: float, within: float = 0.001) -> Change:
    return lambda before, after: after == pytest.approx(value, rel=within) and before != after


# what is measured


def network(model: Model) -> Network:
    assert isinstance(model.scorer, NetworkScorer)
    return model.scorer.network


def way(model: Model, layer: int | None = None) -> float:
    """How far training has moved the weights of a layer, or all of them."""
    now, asked = network(model), model.effective
    assert isinstance(asked, DeepLearningParameters)
    begin = Network.start(
        now.topology, asked.seed, 0, asked.initial_weight_distribution, asked.initial_weight_scale
    )
    if layer is None:
        return float(np.linalg.norm(now.weights - begin.weights))
    return float(np.linalg.norm(now.matrix(layer) - begin.matrix(layer)))


def typical_step(model: Model) -> float:
    """The median step of the output's weights that moved."""
    last = len(network(model).topology.hidden)
    begin = Network.start(network(model).topology, 1, 0)
    steps = np.abs(network(model).matrix(last) - begin.matrix(last))
    return float(np.median(steps[steps > 0]))


def output_bias(model: Model) -> float:
    return float(network(model).bias(len(network(model).topology.hidden))[0])


def size(model: Model) -> float:
    """The sum of the absolute weights."""
    return float(np.abs(network(model).weights).sum())


def spread(model: Model) -> float:
    return float(network(model).matrix(0).std())


def most_squares(model: Model) -> float:
    """The largest sum of squared weights into a hidden unit."""
    return max(float((network(model).matrix(layer) ** 2).sum(axis=1).max()) for layer in (0, 1))


def moved_inputs(model: Model) -> float:
    """How many inputs have a weight that moved."""
    begin = Network.start(network(model).topology, 1, 0)
    return float((network(model).matrix(0) != begin.matrix(0)).any(axis=0).sum())


def output_of_hidden(model: Model) -> float:
    """What an untrained network says of a row of zeros, in the units that are learnt."""
    return float(network(model).predict(np.zeros((1, model.data.inputs), np.float32))[0, 0])


def inputs(model: Model) -> float:
    return model.data.inputs


def shift(model: Model) -> float:
    return next(predictor.shift for predictor in model.data.predictors if predictor.name == "a")


def samples(model: Model) -> float:
    return float(model.output.scoring_history.column("samples")[-1])


def scorings(model: Model) -> float:
    return len(model.output.scoring_history.column("samples")) - 1


def iterations(model: Model) -> float:
    return float(model.output.scoring_history.column("iterations")[-1])


def trained_rows(model: Model) -> float:
    return model.output.training_metrics.nobs


def validated_rows(model: Model) -> float:
    return model.output.validation_metrics.nobs if model.output.validation_metrics else 0


def deviance(model: Model) -> float:
    return float(model.output.training_metrics.mean_residual_deviance)  # type: ignore[union-attr]


def auc(model: Model) -> float:
    return float(model.output.training_metrics.auc)  # type: ignore[union-attr]


def groups(model: Model) -> float:
    table = model.output.training_metrics.gains_lift_table  # type: ignore[union-attr]
    return float(table.rowcount)


def described_layers(model: Model) -> float:
    return sum(value is not None for value in model.output.model_summary.column("mean_weight"))


def importances(model: Model) -> float:
    found = model.output.variable_importances
    return 0 if found is None else len(found.column("variable"))


# the table


@dataclass(frozen=True)
class Effect:
    """`number` changes so when the parameter is `value`, not what `context` or else `BASE` says."""

    value: Any
    number: Number
    change: Change
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Idle:
    """Setting it to `value` does nothing as things stand, and a warning says so."""

    value: Any


@dataclass(frozen=True)
class Elsewhere:
    """Another test module, beside this one unless it has a folder, predicts what it does."""

    module: str


def quantile_step(before: float, after: float) -> bool:
    """A quantile of 0.9 is drawn up by 0.9 of the rate or down by 0.1, as the row is above or below."""
    return after == pytest.approx(0.9 * RATE if before > 0 else -0.1 * RATE, rel=0.01)


NODES = Elsewhere("test_nodes.py")
ROWS: dict[str, Effect | Idle | Elsewhere] = {
    "model_id": Elsewhere("../../server/test_contract.py"),
    "training_frame": Effect("half", trained_rows, becomes(ROWS_OF_F / 2)),
    "validation_frame": Effect("half", validated_rows, becomes(ROWS_OF_F / 2)),
    "keep_cross_validation_models": Idle(False),
    "keep_cross_validation_predictions": Idle(True),
    "keep_cross_validation_fold_assignment": Idle(True),
    "fold_assignment": Idle("Modulo"),
    "response_column": Effect("k", lambda model: len(model.data.response.domain or ()), becomes(3)),
    "ignored_columns": Effect(["k", "two", "w", "off", "a", "b"], inputs, by(-2)),
    "ignore_const_cols": Effect(False, inputs, by(1)),
    "score_each_iteration": Effect(
        True,
        scorings,
        becomes(4),
        {"reproducible": False, "train_samples_per_iteration": ROWS_OF_F // 4, "score_interval": 1000},
    ),
    "weights_column": Effect(
        "w", trained_rows, becomes(ROWS_OF_F - 20), {"ignored_columns": ["k", "two", "off"]}
    ),
    "offset_column": Elsewhere("test_objectives.py"),
    "balance_classes": Elsewhere("test_imbalance.py"),
    "class_sampling_factors": Elsewhere("test_imbalance.py"),
    "max_after_balance_size": Elsewhere("test_imbalance.py"),
    "max_confusion_matrix_size": Idle(5),
    "checkpoint": Elsewhere("test_checkpoint.py"),
    "pretrained_autoencoder": Elsewhere("test_autoencoder.py"),
    "overwrite_with_best_model": Effect(False, deviance, greater, {**SGD, "rate": 0.05, "epochs": 20}),
    "use_all_factor_levels": Effect(False, inputs, by(-1)),
    "standardize": Effect(False, shift, becomes(0)),
    "activation": Effect("Tanh", lambda model: float(network(model).bias(0)[0]), becomes(0), UNTRAINED),
    "hidden": Effect([5], lambda model: network(model).topology.parameters, becomes(5 * (9 + 1) + 5 + 1)),
    "epochs": Effect(2.5, samples, becomes(2.5 * ROWS_OF_F)),
    "train_samples_per_iteration": Effect(ROWS_OF_F // 4, iterations, becomes(4)),
    "target_ratio_comm_to_comp": Idle(0.1),  # with several nodes: test_schedule.py
    "seed": Effect(2, lambda model: float(network(model).matrix(0)[0, 0]), lambda a, b: a != b, UNTRAINED),
    "adaptive_rate": Effect(False, lambda model: network(model).state.shape[0], lambda a, b: a == b == 0),
    "rho": Effect(0.9, typical_step, times(math.sqrt(0.01 / 0.1)), ONE_ROW),
    "epsilon": Effect(1e-6, typical_step, times(10), ONE_ROW),
    "rate": Effect(2 * RATE, way, times(2), {**SGD, **ONE_ROW}),
    "rate_annealing": Effect(1.0, way, less, SGD),
    "rate_decay": Effect(0.5, lambda model: way(model, 1), times(0.5), {**SGD, **ONE_ROW}),
    "momentum_start": Effect(0.5, way, times(0.5), {**SGD, **ONE_ROW}),
    "momentum_ramp": Effect(1e6, way, greater, {**MOMENTUM, "momentum_stable": 0.9}),
    "momentum_stable": Effect(0.9, way, less, MOMENTUM),
    "nesterov_accelerated_gradient": Effect(
        False, way, less, {**SGD, "momentum_start": 0.9, "momentum_stable": 0.9, "epochs": 0.2}
    ),
    "input_dropout_ratio": Effect(0.5, moved_inputs, less, ONE_ROW),
    "hidden_dropout_ratios": Effect(
        [0.75],
        output_of_hidden,
        times(0.5),
        {**UNTRAINED, "activation": "RectifierWithDropout", "hidden": [8]},
    ),
    "l1": Effect(0.01, size, less),
    "l2": Effect(0.01, size, less),
    "max_w2": Effect(0.5, most_squares, lambda before, after: before > 0.6 and after < 0.5001),
    "initial_weight_distribution": Effect("Normal", spread, becomes(1, within=0.3), UNTRAINED),
    "initial_weight_scale": Effect(
        2.0, spread, times(2), {**UNTRAINED, "initial_weight_distribution": "Uniform"}
    ),
    "initial_weights": Elsewhere("test_layers.py"),
    "initial_biases": Elsewhere("test_layers.py"),
    "loss": Effect("Absolute", lambda model: abs(output_bias(model)), becomes(RATE), {**SGD, **ONE_ROW}),
    "distribution": Effect(
        "laplace", lambda model: abs(output_bias(model)), becomes(RATE), {**SGD, **ONE_ROW}
    ),
    "quantile_alpha": Effect(0.9, output_bias, quantile_step, {**SGD, **ONE_ROW, "distribution": "quantile"}),
    "tweedie_power": Elsewhere("test_objectives.py"),
    "huber_alpha": Elsewhere("test_objectives.py"),
    "score_interval": Effect(
        0.0,
        scorings,
        greater,
        {
            "reproducible": False,
            "train_samples_per_iteration": 1,
            "score_interval": 1000.0,
            "score_duty_cycle": 1.0,
        },
    ),
    "score_training_samples": Effect(50, trained_rows, becomes(50)),
    "score_validation_samples": Effect(40, validated_rows, less, {"validation_frame": "f"}),
    "score_duty_cycle": Effect(
        0.0,
        scorings,
        less,
        {
            "reproducible": False,
            "train_samples_per_iteration": 1,
            "score_interval": 0.0,
            "score_duty_cycle": 1.0,
        },
    ),
    "classification_stop": Effect(1.0, scorings, becomes(1), {**CLASSES, **LONG, "epochs": 4}),
    "regression_stop": Effect(1e9, scorings, becomes(1), {**LONG, "epochs": 4}),
    "stopping_rounds": Effect(1, samples, less, {**LONG, "stopping_tolerance": 0.9}),
    "stopping_metric": Effect("misclassification", samples, less, {**CLASSES, **LONG, "stopping_rounds": 1}),
    "stopping_tolerance": Effect(0.9, samples, less, {**LONG, "stopping_rounds": 1}),
    "max_runtime_secs": Elsewhere("test_builder.py"),
    "score_validation_sampling": Elsewhere("test_selection.py"),
    "diagnostics": Effect(False, described_layers, less),
    "fast_mode": Elsewhere("test_kernels.py"),
    "force_load_balance": NODES,
    "variable_importances": Effect(False, importances, becomes(0)),
    "replicate_training_data": NODES,
    "single_node_mode": NODES,
    "shuffle_training_data": NODES,
    "missing_values_handling": Effect("Skip", trained_rows, becomes(ROWS_OF_F - 25)),
    "quiet_mode": Elsewhere("test_parameter_effects.py"),
    "autoencoder": Elsewhere("test_autoencoder.py"),
    "sparse": Effect(True, shift, becomes(0)),
    "average_activation": Elsewhere("test_autoencoder.py"),
    "sparsity_beta": Elsewhere("test_autoencoder.py"),
    "max_categorical_features": Effect(2, inputs, by(2 - 4)),
    "reproducible": Elsewhere("test_builder.py"),
    "export_weights_and_biases": Elsewhere("test_layers.py"),
    "mini_batch_size": Elsewhere("test_batches.py"),
    "categorical_encoding": Effect("LabelEncoder", inputs, by(1 - 4)),
    "elastic_averaging": NODES,
    "elastic_averaging_moving_rate": NODES,
    "elastic_averaging_regularization": NODES,
    "auc_type": Effect("MACRO_OVR", auc, lambda before, after: math.isnan(before) and after > 0.5, CLASSES),
    "gainslift_bins": Effect(5, groups, becomes(5), TWO_CLASSES),
}


def works(name: str) -> bool:
    """Whether everything that its row needs can be chosen."""
    supported, row = declaration(DeepLearningParameters, name).supported, ROWS.get(name)
    return supported is None or (isinstance(row, Effect) and row.value in supported)


PARAMETERS = [name for name in specifications(DeepLearningParameters) if works(name)]


def named(kind: type) -> list[str]:
    return [name for name in PARAMETERS if isinstance(ROWS.get(name), kind)]


@pytest.fixture
def store(frame_of: Callable[..., Frame]) -> Store:
    """A store with the frames `f` and `half`."""
    store = Store()
    for key, rows in (("f", ROWS_OF_F), ("half", ROWS_OF_F // 2)):
        store.put(key, frame_of(columns(rows)))
    return store


def columns(rows: int) -> dict[str, list[Any]]:
    """Five numbers, one with holes; three levels; a constant; weights and an offset; three responses."""
    random = np.random.default_rng(0)
    numbers = random.normal(3.0, 2.0, (5, rows))
    level = random.integers(0, 3, rows)
    y = numbers[0] - 2 * numbers[1] + level + random.normal(0, 0.5, rows)
    holed = [None if row % 8 == 3 else value for row, value in enumerate(numbers[4].tolist())]
    return {
        **{name: numbers[i].tolist() for i, name in enumerate("abcd")},
        "holed": holed,
        "level": [f"level {code}" for code in level],
        "same": [7.0] * rows,
        "w": [0.0 if row % 10 == 0 else 1.0 for row in range(rows)],
        "off": random.normal(0, 1, rows).tolist(),
        "k": [f"class {code}" for code in np.digitize(y, np.quantile(y, [0.4, 0.7]))],
        "two": ["yes" if value > 0 else "no" for value in y],
        "y": y.tolist(),
    }


@pytest.fixture
def build(cloud: Cloud, store: Store, jobs: Jobs) -> Callable[..., Model]:
    """Trains a model on one node."""

    def run(**settings: Any) -> Model:
        asked = DeepLearningParameters.model_validate({**BASE, **settings})
        builder = ALGORITHMS["deeplearning"]

        def work(job: Any) -> None:
            builder.train(cloud, store, asked, inputs_of(store, asked), job, "model")

        job = jobs.start("training", "model", "model", work)
        assert job.wait(180), f"the job still runs: {job.message}"
        assert job.status is JobStatus.DONE, job.stacktrace
        return store.get("model", Model)

    return run


def test_every_parameter_that_works_has_a_row() -> None:
    assert set(PARAMETERS) <= set(ROWS), "say here what it does"


@pytest.mark.parametrize("nodes", [0])
@pytest.mark.parametrize("name", named(Effect))
def test_a_number_changes_as_predicted(name: str, build: Callable[..., Model]) -> None:
    row = ROWS[name]
    assert isinstance(row, Effect)
    before = row.number(build(**row.context))
    after = row.number(build(**{**row.context, name: row.value}))
    assert row.change(before, after), f"{before} became {after}"


@pytest.mark.parametrize("nodes", [0])
@pytest.mark.parametrize("name", named(Idle))
def test_what_does_nothing_is_warned_of(name: str, cloud: Cloud, store: Store) -> None:
    row = ROWS[name]
    assert isinstance(row, Idle)
    asked = DeepLearningParameters.model_validate({**BASE, name: row.value})
    messages = validate(asked, inputs_of(store, asked), cloud)
    assert any(m.field == name and m.severity is Severity.WARNING for m in messages)


@pytest.mark.parametrize("nodes", [0])
def test_a_quiet_training_has_no_line_for_an_iteration(build: Callable[..., Model]) -> None:
    for quiet in (False, True):
        with capture_logs() as lines:
            build(quiet_mode=quiet)
        levels = {line["log_level"] for line in lines if line["event"] == "iteration"}
        assert levels == {"debug" if quiet else "info"}


@pytest.mark.parametrize("name", named(Elsewhere))
def test_the_other_module_names_the_parameter(name: str) -> None:
    row = ROWS[name]
    assert isinstance(row, Elsewhere)
    assert name in (HERE / row.module).read_text()
