"""Gedeon's importance against its formula, summed term by term."""

from __future__ import annotations

import numpy as np
import pytest
from aquifer_algos.datainfo import DataInfo, Predictor, Response
from aquifer_algos.deeplearning.importance import HASHED, importance, importance_tables
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.topology import Topology
from aquifer_algos.encoding import ENCODINGS, Categories


def network(*hidden: int) -> Network:
    topology = Topology(5, hidden, 3, ("Tanh",) * len(hidden), "softmax")
    return Network.start(topology, seed=3, state_slots=0)


def test_importance_is_the_share_of_paths_from_an_input() -> None:
    net = network(4, 2)
    first, second = np.abs(net.matrix(0)).astype(float), np.abs(net.matrix(1)).astype(float)
    expected = np.zeros(5)
    for k in range(2):
        paths = np.zeros(5)
        for i in range(5):
            for j in range(4):
                paths[i] += first[j, i] / first[j].sum() * second[k, j] / second[k].sum()
        expected += paths / paths.sum()
    np.testing.assert_allclose(importance(net), expected / expected.max(), rtol=1e-6)


def test_without_hidden_layers_it_is_the_sum_of_absolute_weights() -> None:
    net = network()
    expected = np.abs(net.matrix(0)).sum(axis=0)
    np.testing.assert_allclose(importance(net), expected / expected.max(), rtol=1e-6)


def test_the_table_is_ranked_and_units_never_trained_count_nothing() -> None:
    levels = Categories("colour", ("blue", "red"), all_levels=True)
    colour = Predictor("colour", 0, levels.domain, ENCODINGS["OneHotInternal"].encode(levels))
    data = DataInfo((colour, Predictor("a", 3), Predictor("b", 4)), Response("y", ("p", "q", "r")))
    table, _ = importance_tables(network(4), data)
    relative = table.column("relative_importance")
    assert sorted(table.column("variable")) == sorted(data.coefficients)
    assert list(relative) == sorted(relative, reverse=True)
    assert relative[0] == 1.0
    assert table.column("variable")[-1] == "colour.missing(NA)"
    assert relative[-1] == 0.0
    assert sum(table.column("percentage")) == pytest.approx(1.0)  # type: ignore[arg-type]


def test_a_column_counts_the_sum_of_its_inputs() -> None:
    levels = Categories("colour", ("blue", "red"), all_levels=True)
    colour = Predictor(
        "colour", 0, levels.domain, ENCODINGS["OneHotInternal"].encode(levels), missing_seen=True
    )
    data = DataInfo((colour, Predictor("a", 3), Predictor("b", 4)), Response("y", ("p", "q", "r")))
    of_inputs, of_columns = importance_tables(network(4), data)
    shares = dict(zip(of_inputs.column("variable"), of_inputs.column("percentage"), strict=True))
    found = dict(zip(of_columns.column("variable"), of_columns.column("percentage"), strict=True))
    for name in ("a", "b"):
        assert found[name] == pytest.approx(shares[name])
    of_levels = [share for name, share in shares.items() if str(name).startswith("colour.")]
    assert found["colour"] == pytest.approx(sum(of_levels))  # type: ignore[arg-type]
    assert of_columns.column("variable")[0] == "colour"
    assert of_columns.column("scaled_importance")[0] == 1.0


def test_columns_that_share_inputs_count_together() -> None:
    hashed = Predictor("colour", 0, ("blue", "red"), hashed=True)
    data = DataInfo((hashed, Predictor("a", 4)), Response("y", ("p", "q", "r")), hashed=4)
    of_inputs, of_columns = importance_tables(network(4), data)
    assert sorted(of_columns.column("variable")) == sorted([HASHED, "a"])  # type: ignore[type-var]
    assert sum(of_columns.column("relative_importance")) == pytest.approx(  # type: ignore[arg-type]
        sum(of_inputs.column("relative_importance"))  # type: ignore[arg-type]
    )
