"""The summary of a trained network: one row for each layer."""

from __future__ import annotations

from collections.abc import Sequence

from aquifer_algos.datainfo import ModelCategory, Response
from aquifer_algos.deeplearning.network import LayerStatistics, Network
from aquifer_algos.deeplearning.rule import LearningRule
from aquifer_algos.deeplearning.topology import Topology
from aquifer_algos.distributions import FAMILIES
from aquifer_algos.table import Cell, Table, TableColumn

_COLUMNS = (
    TableColumn("", "string", "%s"),
    TableColumn("layer", "int", "%d"),
    TableColumn("units", "int", "%d"),
    TableColumn("type", "string", "%s"),
    TableColumn("dropout", "double", "%2.2f %%"),
    TableColumn("l1", "double", "%5f"),
    TableColumn("l2", "double", "%5f"),
    TableColumn("mean_rate", "double", "%5f"),
    TableColumn("rate_rms", "double", "%5f"),
    TableColumn("momentum", "double", "%5f"),
    TableColumn("mean_weight", "double", "%5f"),
    TableColumn("weight_rms", "double", "%5f"),
    TableColumn("mean_bias", "double", "%5f"),
    TableColumn("bias_rms", "double", "%5f"),
)
_FROM_L1 = 9


def summary_table(
    network: Network,
    rule: LearningRule,
    response: Response,
    samples: int,
    diagnostics: bool,
    threads: Sequence[int] = (),
) -> Table:
    """The layers as the protocol lists them; without `diagnostics`, weights and rates are left out.

    threads: how many trained last, on each node; empty if none yet.
    """
    topology = network.topology
    statistics = (
        network.statistics(rule.epsilon_of_sums if rule.adaptive_rate else None) if diagnostics else ()
    )
    rows: list[tuple[Cell, ...]] = [("", 1, topology.inputs, "Input", 100 * topology.dropout_ratios[0])]
    rows[0] += (None,) * _FROM_L1
    for index, layer in enumerate(topology.layers):
        last = index == len(topology.hidden)
        dropout = None if last else 100 * topology.dropout_ratios[index + 1]
        found = _details(statistics[index], rule, index, samples) if diagnostics else (None,) * _FROM_L1
        rows.append(("", index + 2, layer.outputs, _kind(topology, index), dropout, *found))
    return Table(
        "Status of Neuron Layers",
        _description(network, rule, response, samples) + _trained_on(threads),
        _COLUMNS,
        tuple(zip(*rows, strict=True)),
    )


def _details(
    statistics: LayerStatistics, rule: LearningRule, layer: int, samples: int
) -> tuple[float | None, ...]:
    momentum = momentum_after(rule, samples)
    rate = rule.rate * rule.rate_decay**layer / (1 + rule.rate_annealing * samples)
    return (
        rule.l1,
        rule.l2,
        statistics.rate_mean if rule.adaptive_rate else rate,
        statistics.rate_rms if rule.adaptive_rate else 0.0,
        momentum,
        statistics.weight_mean,
        statistics.weight_rms,
        statistics.bias_mean,
        statistics.bias_rms,
    )


def momentum_after(rule: LearningRule, samples: int) -> float:
    """The momentum after so many rows; 0 under ADADELTA."""
    if rule.adaptive_rate:
        return 0.0
    done = min(samples / rule.momentum_ramp, 1.0) if rule.momentum_ramp > 0 else 1.0
    return rule.momentum_start + (rule.momentum_stable - rule.momentum_start) * done


def _kind(topology: Topology, index: int) -> str:
    if index == len(topology.hidden):
        return topology.output.capitalize() if topology.output in ("softmax", "linear") else topology.output
    dropout = "Dropout" if topology.hidden_dropout_ratios else ""
    return topology.activations[index] + dropout


def _description(network: Network, rule: LearningRule, response: Response, samples: int) -> str:
    loss = "Automatic" if rule.loss in FAMILIES else rule.loss
    size = 4 * (network.weights.size + network.state.size) / 1024
    return (
        f"{_task(response)}, {loss} loss, "
        f"{network.topology.parameters:,} weights/biases, {size:,.1f} KB, "
        f"{samples:,} training samples, mini-batch size 1"
    )


def _trained_on(threads: Sequence[int]) -> str:
    """Beyond what H2O says: how many threads were worth it."""
    if not threads:
        return ""
    nodes = f" on {len(threads)} nodes" if len(threads) > 1 else ""
    return f", {sum(threads)} thread{'s' if sum(threads) > 1 else ''}{nodes}"


def _task(response: Response) -> str:
    if response.category is ModelCategory.AUTOENCODER:
        return "auto-encoder"
    classes = response.domain
    task = f"regression, {response.distribution.name}"
    if classes is not None:
        family = "bernoulli" if len(classes) == 2 else "multinomial"
        task = f"{len(classes)}-class classification, {family}"
    return f"predicting {response.name}, {task} distribution"
