"""From parameters and frames to everything a training needs to know before its first row."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import cast

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame

from aquifer_algos.adaptation import Adapted, adapt
from aquifer_algos.datainfo import DataInfo, ModelCategory, Response, Scaling, describe, usable_predictors
from aquifer_algos.deeplearning.iteration import LearningRule, Loss
from aquifer_algos.deeplearning.network import Activation, Topology
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.shard import Plan, Start
from aquifer_algos.deeplearning.validation import excluded_columns
from aquifer_algos.moments import rolled_up, weighted
from aquifer_algos.stopping import automatic_stopping_metric

_DISTRIBUTIONS = {
    ModelCategory.BINOMIAL: "bernoulli",
    ModelCategory.MULTINOMIAL: "multinomial",
    ModelCategory.REGRESSION: "gaussian",
}
DEFAULT_DROPOUT = 0.5


@dataclass(frozen=True, eq=False)
class Prepared:
    """A training that is ready to start.

    asked, effective: the parameters as given, and with seed, loss, distribution … decided.
    mean_weight: of the observation weights above 0; 1 if there are none.
    """

    asked: DeepLearningParameters
    effective: DeepLearningParameters
    data: DataInfo
    training: Adapted
    validation: Adapted | None
    mean_weight: float

    @property
    def plan(self) -> Plan:
        """What the nodes need."""
        return Plan(
            reader=self.training.reader,
            start=Start(
                topology_of(self.effective, self.data),
                self.effective.seed,
                self.effective.initial_weight_distribution,
                self.effective.initial_weight_scale,
            ),
            rule=rule_of(self.effective),
            mean_weight=self.mean_weight,
            sample_share=_share(self.effective.score_training_samples, self.training.frame.rows),
            threads=1 if self.effective.reproducible else None,
        )

    @property
    def validation_share(self) -> float:
        """The share of the validation rows that is scored."""
        rows = self.validation.frame.rows if self.validation else 0
        return _share(self.effective.score_validation_samples, rows)


def prepare(
    cloud: Cloud,
    parameters: DeepLearningParameters,
    training: Frame,
    validation: Frame | None,
    job: str | None = None,
) -> Prepared:
    """Decide what was left open and lay out the inputs. The parameters are valid."""
    names, _ = usable_predictors(training, excluded_columns(parameters), parameters.ignore_const_cols)
    moments, mean_weight = rolled_up(training), 1.0
    if parameters.weights_column is not None:
        used = (*names, parameters.response_column or "", parameters.weights_column)
        of_rows, mean_weight = weighted(cloud, training.select(used), parameters.weights_column, job)
        moments |= of_rows
    scaling = Scaling.of(parameters.standardize, parameters.sparse)
    response = parameters.response_column or ""
    domain = training.column(response).domain
    if domain is None and parameters.standardize:
        shift, scale = Scaling(centre=True, scale=True).shift_and_scale(moments[response])
        described = Response(response, None, shift, scale)
    else:
        described = Response(response, domain)
    data = describe(
        training,
        names,
        described,
        moments,
        scaling,
        all_levels=parameters.use_all_factor_levels,
        weights=parameters.weights_column,
        skip_missing=parameters.missing_values_handling == "Skip",
        sparse=parameters.sparse,
    )
    return Prepared(
        parameters,
        decide(parameters, described.category),
        data,
        adapt(data, training, "training frame"),
        None if validation is None else adapt(data, validation, "validation frame"),
        mean_weight,
    )


def decide(parameters: DeepLearningParameters, category: ModelCategory) -> DeepLearningParameters:
    """The parameters with all that was left open: seed, loss, distribution, stopping metric, dropout."""
    classes = category is not ModelCategory.REGRESSION
    decided: dict[str, object] = {"distribution": _DISTRIBUTIONS[category]}
    if parameters.seed == -1:
        decided["seed"] = secrets.randbits(63)
    if parameters.loss == "Automatic":
        decided["loss"] = "CrossEntropy" if classes else "Quadratic"
    if parameters.stopping_metric == "AUTO":
        decided["stopping_metric"] = automatic_stopping_metric(classes)
    if parameters.activation.endswith("WithDropout") and parameters.hidden_dropout_ratios is None:
        decided["hidden_dropout_ratios"] = (DEFAULT_DROPOUT,) * len(parameters.hidden)
    if parameters.reproducible:
        decided["score_each_iteration"] = True
        if parameters.train_samples_per_iteration == -2:
            decided["train_samples_per_iteration"] = -1
    return parameters.model_copy(update=decided)


def topology_of(parameters: DeepLearningParameters, data: DataInfo) -> Topology:
    """The network's shape."""
    activation = cast(Activation, parameters.activation.removesuffix("WithDropout"))
    classes = data.response.domain
    return Topology(
        inputs=data.inputs,
        hidden=parameters.hidden,
        outputs=len(classes or (None,)),
        activations=(activation,) * len(parameters.hidden),
        output="linear" if classes is None else "softmax",
        sparse=parameters.sparse,
        input_dropout_ratio=parameters.input_dropout_ratio,
        hidden_dropout_ratios=parameters.hidden_dropout_ratios or (),
    )


def rule_of(parameters: DeepLearningParameters) -> LearningRule:
    """The step rule."""
    return LearningRule(
        loss=cast(Loss, parameters.loss),
        adaptive_rate=parameters.adaptive_rate,
        rho=parameters.rho,
        epsilon=parameters.epsilon,
        rate=parameters.rate,
        rate_annealing=parameters.rate_annealing,
        rate_decay=parameters.rate_decay,
        momentum_start=parameters.momentum_start,
        momentum_ramp=parameters.momentum_ramp,
        momentum_stable=parameters.momentum_stable,
        nesterov_accelerated_gradient=parameters.nesterov_accelerated_gradient,
        l1=parameters.l1,
        l2=parameters.l2,
    )


def _share(wanted: int, rows: int) -> float:
    return 1.0 if wanted == 0 or rows <= wanted else wanted / rows
