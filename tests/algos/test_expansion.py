"""Rows as input units: the same for training and scoring, dense and sparse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from aquifer_algos.adaptation import Adapted, Reader, adapt
from aquifer_algos.datainfo import DataInfo, Response
from aquifer_algos.description import describe
from aquifer_algos.expansion import SparseRows, expand, sparse_rows, trainable
from aquifer_algos.moments import rolled_up
from aquifer_algos.scaling import Scaling
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block, Workspace

TRAINING = {
    "size": [1.0, None, 3.0, 5.0, 0.0],
    "colour": ["red", "blue", None, "green", "red"],
    "sex": ["f", "m", "m", "f", "f"],
    "y": [1.0, 2.0, None, 4.0, 5.0],
}
LEVELS = ("blue", "green", "red", "missing")


def describe_all(frame: Frame, standardize: bool = True, **options: Any) -> DataInfo:
    names = [name for name in frame.names if name != "y"]
    scaling = Scaling.of(standardize, sparse=options.get("sparse", False))
    return describe(frame, names, Response("y"), rolled_up(frame), scaling, **options)


def expand_blocks(workspace: Workspace, blocks: Sequence[Block], reader: Reader) -> list[Any]:
    return [expand(reader, block, 0, block.rows) for block in blocks]


def sparse_blocks(workspace: Workspace, blocks: Sequence[Block], reader: Reader) -> list[SparseRows]:
    return [sparse_rows(reader, block, 0, block.rows) for block in blocks]


def trainable_blocks(workspace: Workspace, blocks: Sequence[Block], reader: Reader) -> list[Any]:
    return [trainable(reader, block) for block in blocks]


def inputs_of(cloud: Cloud, adapted: Adapted) -> np.ndarray[Any, Any]:
    with cloud.workspace() as job:
        (blocks,) = cloud.run(job, expand_blocks, adapted.reader, frame=adapted.frame)
    return np.concatenate(blocks)


def test_inputs_equal_the_formulas(cloud: Cloud, frame_of: Callable[..., Frame]) -> None:
    frame = frame_of(TRAINING)
    inputs = inputs_of(cloud, adapt(describe_all(frame), frame))
    known = np.array([1.0, 3.0, 5.0, 0.0])
    size = (np.array([1.0, known.mean(), 3.0, 5.0, 0.0]) - known.mean()) / known.std(ddof=1)
    colour = np.eye(4)[[LEVELS.index(value or "missing") for value in TRAINING["colour"]]]
    sex = np.eye(3)[[0, 1, 1, 0, 0]]
    np.testing.assert_allclose(inputs, np.column_stack([colour, sex, size]), atol=1e-6)


def test_missing_numbers_are_the_mean_in_training_and_in_scoring(
    cloud: Cloud, frame_of: Callable[..., Frame]
) -> None:
    data = describe_all(frame_of({"size": [1.0, 5.0], "y": [1.0, 2.0]}), standardize=False)
    later = frame_of({"size": [None, np.inf, 2.0]})
    assert inputs_of(cloud, adapt(data, later))[:, 0].tolist() == [3.0, 3.0, 2.0]


def test_levels_unseen_or_never_missing_in_training_are_neutral(
    cloud: Cloud, frame_of: Callable[..., Frame]
) -> None:
    data = describe_all(frame_of(TRAINING))
    adapted = adapt(data, frame_of({"size": [2.0], "colour": ["violet"], "sex": ["x"]}))
    inputs = inputs_of(cloud, adapted)[0]
    assert inputs[:4].tolist() == [0, 0, 0, 1], (
        "training saw colours missing, so there is a trained unit for them"
    )
    assert inputs[4:7].tolist() == [0, 0, 0], "training saw no sex missing: the unit for it knows nothing"
    assert any("violet" in warning for warning in adapted.warnings)


def test_a_frame_with_other_levels_is_recoded(cloud: Cloud, frame_of: Callable[..., Frame]) -> None:
    data = describe_all(frame_of(TRAINING))
    later = frame_of({"sex": ["m", "f"], "colour": ["red", "blue"], "size": [1.0, 1.0]}, {"sex": ("m", "f")})
    assert inputs_of(cloud, adapt(data, later))[:, 4:6].tolist() == [[0, 1], [1, 0]]


def test_numbers_are_read_as_the_levels_that_they_spell(cloud: Cloud, frame_of: Callable[..., Frame]) -> None:
    data = describe_all(frame_of({"x": ["0", "10", "9"], "y": [1.0, 2.0, 3.0]}))
    inputs = inputs_of(cloud, adapt(data, frame_of({"x": [9.0, 0.0, 10.0, 7.0]})))
    assert inputs[:, :3].tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_an_absent_column_counts_as_missing_with_a_warning(
    cloud: Cloud, frame_of: Callable[..., Frame]
) -> None:
    adapted = adapt(describe_all(frame_of(TRAINING)), frame_of({"sex": ["f"], "size": [1.0]}))
    assert inputs_of(cloud, adapted)[0, :4].tolist() == [0, 0, 0, 1]
    assert len(adapted.warnings) == 1
    assert "'colour'" in adapted.warnings[0]


def test_a_warning_lists_some_of_the_levels_and_counts_the_others(frame_of: Callable[..., Frame]) -> None:
    data = describe_all(frame_of(TRAINING))
    unseen = [f"shade{n:02}" for n in range(25)]
    (warning,) = adapt(data, frame_of({"size": [1.0] * 25, "sex": ["f"] * 25, "colour": unseen})).warnings
    assert 'column \'colour\' has levels not trained on: ["shade00", "shade01",' in warning
    assert '"shade19"] and 5 more, taken as missing' in warning


@pytest.mark.parametrize(
    ("columns", "said"),
    [({"other": [1.0]}, "none of the model's 3 predictors"), ({"size": ["big"]}, "'size'")],
)
def test_a_frame_that_cannot_be_read_is_refused(
    frame_of: Callable[..., Frame], columns: dict[str, list[Any]], said: str
) -> None:
    with pytest.raises(InvalidArgument, match=said):
        adapt(describe_all(frame_of(TRAINING)), frame_of(columns))


def test_sparse_rows_are_the_dense_rows_without_zeros(cloud: Cloud, frame_of: Callable[..., Frame]) -> None:
    frame = frame_of(TRAINING)
    adapted = adapt(describe_all(frame, sparse=True), frame)
    dense = inputs_of(cloud, adapted)
    with cloud.workspace() as job:
        (blocks,) = cloud.run(job, sparse_blocks, adapted.reader, frame=adapted.frame)
    row = 0
    for block in blocks:
        for start, stop in zip(block.indptr[:-1], block.indptr[1:], strict=True):
            spread = np.zeros(dense.shape[1], np.float32)
            spread[block.indices[start:stop]] = block.values[start:stop]
            np.testing.assert_allclose(spread, dense[row])
            assert (block.values[start:stop] != 0).all()
            row += 1
    assert row == len(dense)


@pytest.mark.parametrize(
    ("skip", "expected"), [(False, [True, True, False, True, True]), (True, [True, False, False, True, True])]
)
def test_rows_without_response_and_on_demand_without_predictor_are_not_trained(
    cloud: Cloud, frame_of: Callable[..., Frame], skip: bool, expected: list[bool]
) -> None:
    frame = frame_of(TRAINING, blocks=1)
    adapted = adapt(describe_all(frame, skip_missing=skip), frame)
    with cloud.workspace() as job:
        ((mask,),) = cloud.run(job, trainable_blocks, adapted.reader, frame=adapted.frame)
    assert mask.tolist() == expected
