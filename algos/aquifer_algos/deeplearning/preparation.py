"""From parameters and frames to everything a training needs to know before its first row."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame

from aquifer_algos.adaptation import Adapted, adapt
from aquifer_algos.balance import balance
from aquifer_algos.builder import Inputs
from aquifer_algos.datainfo import DataInfo, ModelCategory, Response
from aquifer_algos.deeplearning import huber
from aquifer_algos.deeplearning.checkpoint import Checkpoint, checkpoint_of, continued, network_of
from aquifer_algos.deeplearning.dealing import Wish
from aquifer_algos.deeplearning.elastic import Elastic
from aquifer_algos.deeplearning.layers import starts_from_layers, with_given_layers
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.params import NO_LIMIT, DeepLearningParameters
from aquifer_algos.deeplearning.pretraining import with_hidden_layers_of
from aquifer_algos.deeplearning.rule import LearningRule, Loss
from aquifer_algos.deeplearning.shard import Plan, Start
from aquifer_algos.deeplearning.topology import Activation, Output, Topology
from aquifer_algos.deeplearning.validation import excluded_columns
from aquifer_algos.description import describe, most_entries, usable_predictors
from aquifer_algos.distributions import Distribution
from aquifer_algos.draw import Draw
from aquifer_algos.encoding import ENCODINGS
from aquifer_algos.moments import rolled_up, weighted
from aquifer_algos.scaling import Moments, Scaling
from aquifer_algos.stopping import automatic_stopping_metric
from aquifer_algos.tally import tally

_OF_CLASSES = {ModelCategory.BINOMIAL: "bernoulli", ModelCategory.MULTINOMIAL: "multinomial"}
_OF_LOSS = {"Absolute": "laplace", "Huber": "huber", "Quantile": "quantile"}
_LOSS_OF = {"gaussian": "Quadratic", **{distribution: loss for loss, distribution in _OF_LOSS.items()}}
DEFAULT_DROPOUT = 0.5
SPARSE_SHARE = 0.25
"""Up to this share of inputs that are not 0, leaving out the others is faster: see the second table of
benchmarks/kernels.py."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A training that is ready to start.

    asked, effective: the parameters as given, and with seed, loss, distribution … decided.
    mean_weight: of the observation weights above 0; 1 if there are none.
    start: the network to start from, if not from random weights.
    checkpoint: where a training stood that is continued.
    """

    asked: DeepLearningParameters
    effective: DeepLearningParameters
    data: DataInfo
    training: Adapted
    validation: Adapted | None
    mean_weight: float
    start: Network | None = None
    checkpoint: Checkpoint | None = None

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
            threads=1 if self.effective.reproducible and not self.effective.force_load_balance else None,
            in_order=self.effective.reproducible,
            elastic=elastic_of(self.effective),
        )

    @property
    def wish(self) -> Wish:
        """How rows are to be dealt to nodes."""
        return Wish(
            replicate=self.effective.replicate_training_data,
            single_node=self.effective.single_node_mode,
            shuffle=self.effective.shuffle_training_data,
            balance=self.effective.force_load_balance,
        )

    @property
    def validation_draw(self) -> Draw | None:
        """The validation rows that are scored; None for all."""
        wanted = self.effective.score_validation_samples
        share = _share(wanted, self.validation.frame.rows if self.validation else 0)
        classes = self.effective.score_validation_sampling == "Stratified" and self.data.response.domain
        return Draw(share, self.effective.seed + 1, bool(classes)) if share < 1 else None


def prepare(
    cloud: Cloud,
    parameters: DeepLearningParameters,
    inputs: Inputs,
    job: str | None = None,
) -> Prepared:
    """Decide what was left open and lay out the inputs. The parameters are valid."""
    training, validation = inputs.training, inputs.validation
    assert training is not None
    names, _ = usable_predictors(training, excluded_columns(parameters), parameters.ignore_const_cols)
    moments, mean_weight = rolled_up(training), 1.0
    if parameters.weights_column is not None:
        response = () if parameters.autoencoder else (parameters.response_column or "",)
        used = (*names, *response, parameters.weights_column)
        of_rows, mean_weight = weighted(cloud, training.select(used), parameters.weights_column, job)
        moments |= of_rows
    scaling_of = Scaling.of_autoencoder if parameters.autoencoder else Scaling.of
    scaling = scaling_of(parameters.standardize, parameters.sparse)
    described = describe_response(parameters, training, moments)
    encoding = ENCODINGS[parameters.categorical_encoding]
    categorical = [name for name in names if training.column(name).domain is not None]
    tallies = (
        tally(cloud, training, categorical, described.name, parameters.weights_column, job)
        if encoding.uses_tally and categorical
        else {}
    )
    data = describe(
        training,
        names,
        described,
        moments,
        scaling,
        encoding=encoding,
        tallies=tallies,
        all_levels=parameters.use_all_factor_levels or parameters.autoencoder,
        most_one_hot=parameters.max_categorical_features,
        weights=parameters.weights_column,
        skip_missing=parameters.missing_values_handling == "Skip",
        offset=parameters.offset_column,
    )
    data = replace(data, sparse=_is_sparse(parameters, data, training))
    model = inputs.models.get("checkpoint")
    checkpoint = checkpoint_of(model)
    if model is not None:
        data = continued(model.data, data, training)
    effective = decide(parameters, described.category)
    adapted = adapt(data, training, "training frame")
    if effective.balance_classes:
        adapted, effective = _balanced(cloud, adapted, effective, job)
        data = adapted.reader.data
    prepared = Prepared(
        parameters,
        effective,
        data,
        adapted,
        None if validation is None else adapt(data, validation, "validation frame"),
        mean_weight,
    )
    return replace(prepared, start=_start(cloud, inputs, prepared.plan), checkpoint=checkpoint)


def _start(cloud: Cloud, inputs: Inputs, plan: Plan) -> Network | None:
    """The network to start from: a checkpoint's, or one with some layers known; None if all are random."""
    model = inputs.models.get("checkpoint")
    checkpoint = checkpoint_of(model)
    if model is not None and checkpoint is not None:
        return network_of(model, checkpoint, plan.start.topology)
    autoencoder = inputs.models.get("pretrained_autoencoder")
    if autoencoder is None and not starts_from_layers(inputs):
        return None
    network = plan.start.network(plan.rule)
    if autoencoder is not None:
        network = with_hidden_layers_of(autoencoder, network)
    return with_given_layers(cloud, network, inputs) if starts_from_layers(inputs) else network


def describe_response(
    parameters: DeepLearningParameters, training: Frame, moments: Mapping[str, Moments]
) -> Response:
    """What is to be learnt."""
    name = parameters.response_column or ""
    if parameters.autoencoder:
        return Response(None)
    domain = training.column(name).domain
    if domain is not None:
        return Response(name, domain, auc_type=parameters.auc_type, gainslift_bins=parameters.gainslift_bins)
    return describe_number(decide(parameters, ModelCategory.REGRESSION), name, moments[name])


def _is_sparse(parameters: DeepLearningParameters, data: DataInfo, training: Frame) -> bool:
    """Whether zeros are left out: if that is asked for, or if it is faster and learns the same."""
    if parameters.sparse or parameters.autoencoder or not parameters.fast_mode:
        return parameters.sparse
    return most_entries(data, training) <= SPARSE_SHARE * training.rows * data.inputs


def _balanced(
    cloud: Cloud, training: Adapted, parameters: DeepLearningParameters, job: str | None
) -> tuple[Adapted, DeepLearningParameters]:
    """The rows to train on instead, and the parameters with the factors that they were drawn by."""
    found = balance(
        cloud,
        training,
        parameters.class_sampling_factors,
        parameters.max_after_balance_size,
        parameters.seed,
        job,
    )
    return found.training, parameters.model_copy(update={"class_sampling_factors": found.factors})


def decide(parameters: DeepLearningParameters, category: ModelCategory) -> DeepLearningParameters:
    """The parameters with all that was left open: seed, loss, distribution, stopping metric, dropout."""
    classes = category in _OF_CLASSES
    distribution: str = parameters.distribution
    if distribution == "AUTO":
        distribution = _OF_CLASSES.get(category) or _OF_LOSS.get(parameters.loss, "gaussian")
    decided: dict[str, object] = {"distribution": distribution}
    if parameters.seed == -1:
        decided["seed"] = secrets.randbits(63)
    if parameters.loss == "Automatic":
        decided["loss"] = "CrossEntropy" if classes else _LOSS_OF.get(distribution, "Automatic")
    if parameters.stopping_metric == "AUTO":
        decided["stopping_metric"] = "MSE" if parameters.autoencoder else automatic_stopping_metric(classes)
    if parameters.activation.endswith("WithDropout") and parameters.hidden_dropout_ratios is None:
        decided["hidden_dropout_ratios"] = (DEFAULT_DROPOUT,) * len(parameters.hidden)
    if parameters.reproducible:
        decided["score_each_iteration"] = True
        decided["replicate_training_data"] = False
        if parameters.train_samples_per_iteration == -2:
            decided["train_samples_per_iteration"] = -1
    return parameters.model_copy(update=decided)


def describe_number(parameters: DeepLearningParameters, name: str, moments: Moments) -> Response:
    """A numeric response; it is standardised if it is the mean itself that is learnt, not its logarithm.

    The parameters are decided.
    """
    numbers = {"tweedie": parameters.tweedie_power, "quantile": parameters.quantile_alpha}
    family = parameters.distribution
    distribution = Distribution(family, numbers.get(family, math.nan))
    shift, scale = 0.0, 1.0
    if parameters.standardize and not distribution.has_log_link:
        shift, scale = Scaling(centre=True, scale=True).shift_and_scale(moments)
    if family == "huber":
        distribution = Distribution(family, huber.START / scale)
    return Response(name, None, shift, scale, distribution)


def topology_of(parameters: DeepLearningParameters, data: DataInfo) -> Topology:
    """The network's shape; an autoencoder's output is like its input, and activated like its hidden units."""
    activation = cast(Activation, parameters.activation.removesuffix("WithDropout"))
    classes = data.response.domain
    outputs = len(classes or (None,))
    output: Output = "linear" if classes is None else "softmax"
    if data.response.category is ModelCategory.AUTOENCODER:
        outputs, output = data.inputs, cast(Output, activation)
    return Topology(
        inputs=data.inputs,
        hidden=parameters.hidden,
        outputs=outputs,
        activations=(activation,) * len(parameters.hidden),
        output=output,
        sparse=data.sparse,
        input_dropout_ratio=parameters.input_dropout_ratio,
        hidden_dropout_ratios=parameters.hidden_dropout_ratios or (),
    )


def elastic_of(parameters: DeepLearningParameters) -> Elastic | None:
    """How nodes average elastically, if they do."""
    if not parameters.elastic_averaging:
        return None
    return Elastic(parameters.elastic_averaging_moving_rate, parameters.elastic_averaging_regularization)


def rule_of(parameters: DeepLearningParameters) -> LearningRule:
    """The step rule."""
    return LearningRule(
        loss=cast(Loss, parameters.distribution if parameters.loss == "Automatic" else parameters.loss),
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
        max_w2=None if parameters.max_w2 >= NO_LIMIT else parameters.max_w2,
        quantile_alpha=parameters.quantile_alpha,
        tweedie_power=parameters.tweedie_power,
        average_activation=parameters.average_activation,
        sparsity_beta=parameters.sparsity_beta,
        mini_batch_size=parameters.mini_batch_size,
        fast_mode=parameters.fast_mode,
    )


def _share(wanted: int, rows: int) -> float:
    return 1.0 if wanted == 0 or rows <= wanted else wanted / rows
