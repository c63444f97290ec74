"""Variable importance from the weights: the method of Gedeon (1997), on the first two layers.

P1[i, j] = |W1[j, i]| / Σᵢ |W1[j, i]| is the share of input i in hidden unit j, P2[j, k] likewise the share
of j in unit k of the next layer; Q = P1 · P2, made to sum to 1 for each k, summed over k, is the importance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aquifer_algos.datainfo import DataInfo
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.table import Table, TableColumn, as_cells

HASHED = "hashed columns"
"""What stands for all columns whose inputs are shared."""
_COLUMNS = (
    TableColumn("variable", "string", "%s"),
    TableColumn("relative_importance", "double", "%5f"),
    TableColumn("scaled_importance", "double", "%5f"),
    TableColumn("percentage", "double", "%5f"),
)


def importance(network: Network) -> NDArray[np.float64]:
    """The importance of each input unit relative to the largest, which is 1: shape (inputs,)."""
    first = _magnitudes(network, 0)
    if network.topology.hidden:
        second = _magnitudes(network, 1)
        shares = _shares(first.T) @ _shares(second.T)
        values = _shares(shares).sum(axis=1)
    else:
        values = first.sum(axis=0)
    largest = float(values.max(initial=0.0))
    relative: NDArray[np.float64] = values / largest if largest > 0 else values
    return relative


def importance_tables(network: Network, data: DataInfo) -> tuple[Table, Table]:
    """The importance of each input, and of each column, largest first, as the protocol lays it out.

    Units for missing levels that training never saw missing count as 0. A column counts the sum of its
    inputs; columns whose inputs are shared by hashing count together.
    """
    values = importance(network)
    for predictor in data.predictors:
        if predictor.untrained_unit is not None:
            values[predictor.untrained_unit] = 0.0
    widths = {HASHED: data.hashed, **{predictor.name: predictor.width for predictor in data.predictors}}
    own = [name for name, width in widths.items() if width]
    starts = np.cumsum([0, *(widths[name] for name in own[:-1])])
    return (
        _ranked("Variable Importances", data.coefficients, values),
        _ranked("Variable Importances By Column", own, np.add.reduceat(values, starts)),
    )


def _ranked(title: str, names: Sequence[str], values: NDArray[np.float64]) -> Table:
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    largest, total = ranked[0] or 1.0, ranked.sum() or 1.0
    columns = (as_cells(ranked), as_cells(ranked / largest), as_cells(ranked / total))
    return Table(title, "", _COLUMNS, (tuple(names[place] for place in order), *columns))


def _magnitudes(network: Network, layer: int) -> NDArray[np.float64]:
    """The weights' absolute values (outputs, inputs); those of Maxout's channels are added up."""
    place = network.topology.layers[layer]
    sizes = np.abs(network.matrix(layer).astype(np.float64))
    magnitudes: NDArray[np.float64] = sizes.reshape(place.channels, place.outputs, place.inputs).sum(axis=0)
    return magnitudes


def _shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns made to sum to 1; one of zeros stays so."""
    sums = values.sum(axis=0)
    return values / np.where(sums > 0, sums, 1.0)
