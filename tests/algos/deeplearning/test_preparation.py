"""How the training matrix is kept: zeros are left out where that is faster, which changes no number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aquifer_algos.builder import Inputs
from aquifer_algos.deeplearning import preparation
from aquifer_algos.deeplearning.layout import lay_out, take_matrix
from aquifer_algos.deeplearning.matrix import DenseMatrix, SparseMatrix, TrainingMatrix
from aquifer_algos.deeplearning.network import Network
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.preparation import prepare
from aquifer_algos.deeplearning.scoring import NetworkScorer
from aquifer_algos.model import Model
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.store import Store

ROWS = 300
RANDOM = np.random.default_rng(3)
LEVELS = [f"l{n}" for n in range(30)]
CODES = RANDOM.integers(0, 30, ROWS)
TABLE: dict[str, list[Any]] = {
    "c": [LEVELS[code] for code in CODES],
    "x": list(RANDOM.normal(100.0, 2.0, ROWS)),
    "y": list(CODES % 3 + RANDOM.normal(0.0, 0.1, ROWS)),
}
ASKED = DeepLearningParameters(
    training_frame="f", response_column="y", hidden=(8,), epochs=3, seed=1, reproducible=True
)


def matrix_of(cloud: Cloud, frame: Frame, parameters: DeepLearningParameters) -> TrainingMatrix:
    prepared = prepare(cloud, parameters, Inputs(frame))
    adapted = prepared.training
    with cloud.workspace() as job:
        lay_out(cloud, job, adapted.frame, adapted.reader, 1.0, prepared.wish)
        (matrix,) = cloud.run(job, lambda workspace, blocks: take_matrix(workspace))
    return matrix


def test_mostly_empty_inputs_are_kept_without_their_zeros_and_centred_all_the_same(
    cloud: Cloud, frame_of: Callable[..., Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = frame_of(TABLE)
    found = matrix_of(cloud, frame, ASKED)
    monkeypatch.setattr(preparation, "SPARSE_SHARE", 0.0)
    dense = matrix_of(cloud, frame, ASKED)
    assert isinstance(found, SparseMatrix)
    assert isinstance(dense, DenseMatrix)
    owner = np.repeat(np.arange(ROWS), np.diff(found.indptr))
    np.testing.assert_array_equal(dense.values[owner, found.indices], found.values)
    assert np.count_nonzero(dense.values) == len(found.values)
    assert dense.values[:, 31].mean() == pytest.approx(0.0, abs=1e-5), "x is centred in both"


def test_it_learns_the_same(
    frame_of: Callable[..., Frame],
    train: Callable[..., Model],
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.put("f", frame_of(TABLE))

    def weights() -> tuple[bool, Network]:
        scorer = train(**ASKED.model_dump(exclude_unset=True)).scorer
        assert isinstance(scorer, NetworkScorer)
        return scorer.network.topology.sparse, scorer.network

    was_sparse, sparse = weights()
    monkeypatch.setattr(preparation, "SPARSE_SHARE", 0.0)
    was_sparse_again, dense = weights()
    assert (was_sparse, was_sparse_again) == (True, False)
    for layer in range(2):
        np.testing.assert_allclose(sparse.matrix(layer), dense.matrix(layer), atol=1e-3)


def test_numbers_are_kept_dense(cloud: Cloud, frame_of: Callable[..., Frame]) -> None:
    frame = frame_of({"a": TABLE["x"], "b": TABLE["y"], "y": TABLE["y"]})
    assert isinstance(matrix_of(cloud, frame, ASKED), DenseMatrix)


def test_the_matrix_grows_with_the_entries_not_with_the_inputs(
    cloud: Cloud, frame_of: Callable[..., Frame]
) -> None:
    levels = tuple(f"level{n}" for n in range(100_000))
    frame = frame_of({**TABLE, "c": [levels[code * 3333] for code in CODES]}, {"c": levels})
    matrix = matrix_of(cloud, frame, ASKED)
    assert matrix.inputs == 100_002
    assert matrix.nbytes <= ROWS * (2 * 8 + 16)
