"""Levels as inputs: every encoding against the same built with pandas, in training and in scoring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from aquifer_algos.adaptation import Reader, adapt
from aquifer_algos.datainfo import DataInfo, Response
from aquifer_algos.deeplearning.params import CategoricalEncoding
from aquifer_algos.description import NO_HASHING, describe, input_units
from aquifer_algos.encoding import ENCODINGS, REFUSED, Categories, hashed, leading_eigenvector
from aquifer_algos.expansion import SparseRows, expand, sparse_rows
from aquifer_algos.moments import rolled_up
from aquifer_algos.scaling import Scaling
from aquifer_algos.tally import Tally, tally
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.frame import Frame
from aquifer_cluster.node import Block, Workspace

BOTH = [pytest.param(0, id="embedded"), pytest.param(3, id="ray", marks=pytest.mark.ray)]
ROWS = 200
RANDOM = np.random.default_rng(5)
TOWNS = [f"town{n:02}" for n in range(14)]
TABLE = pd.DataFrame(
    {
        "size": RANDOM.normal(5.0, 2.0, ROWS),
        "town": np.where(
            RANDOM.random(ROWS) < 0.1, None, RANDOM.choice(TOWNS, ROWS, p=np.arange(1, 15) / 105)
        ),
        "sex": RANDOM.choice(["f", "m"], ROWS),
        "y": RANDOM.normal(size=ROWS),
    }
)
DOMAINS = {name: sorted(set(TABLE[name].dropna())) for name in ("town", "sex")}


def frame_dict(table: pd.DataFrame) -> dict[str, list[Any]]:
    return {name: [None if pd.isna(v) else v for v in table[name]] for name in table.columns}


@pytest.fixture
def frame(frame_of: Callable[..., Frame]) -> Frame:
    return frame_of(frame_dict(TABLE))


def lay_out(cloud: Cloud, frame: Frame, name: str, **options: Any) -> DataInfo:
    encoding = ENCODINGS[name]
    scaling = options.pop("scaling", Scaling.of(standardize=True, sparse=False))
    counted = tally(cloud, frame, ("town", "sex"), "y", options.get("weights"))
    return describe(
        frame,
        ("size", "town", "sex"),
        Response("y"),
        rolled_up(frame),
        scaling,
        encoding=encoding,
        tallies=counted,
        **options,
    )


def expand_blocks(workspace: Workspace, blocks: Sequence[Block], reader: Reader) -> list[Any]:
    return [expand(reader, block, 0, block.rows) for block in blocks]


def sparse_blocks(workspace: Workspace, blocks: Sequence[Block], reader: Reader) -> list[SparseRows]:
    return [sparse_rows(reader, block, 0, block.rows) for block in blocks]


def inputs_of(cloud: Cloud, data: DataInfo, frame: Frame, how: Any = expand_blocks) -> np.ndarray[Any, Any]:
    adapted = adapt(data, frame)
    with cloud.workspace() as job:
        nodes = cloud.run(job, how, adapted.reader, frame=adapted.frame)
    parts = [part for node in nodes for part in node]
    return np.concatenate([_dense(part, data.inputs) for part in parts])


def _dense(part: Any, inputs: int) -> np.ndarray[Any, Any]:
    if not isinstance(part, SparseRows):
        return np.asarray(part)
    dense = np.zeros((len(part.indptr) - 1, inputs))
    owner = np.repeat(np.arange(len(dense)), np.diff(part.indptr))
    np.add.at(dense, (owner, part.indices), part.values)
    assert len(set(zip(owner, part.indices, strict=True))) == len(owner), "a unit is listed once in a row"
    return dense


# the encodings once more, from what pandas knows of the table


def standardized(column: pd.Series) -> pd.Series:
    return ((column - column.mean()) / column.std(ddof=1)).fillna(0.0)


def one_hot(name: str, order: Sequence[str], column: pd.Series | None = None) -> dict[str, pd.Series]:
    values = TABLE[name] if column is None else column
    found = {f"{name}.{level}": (values == level).astype(float) for level in order}
    return {**found, f"{name}.missing(NA)": values.isna().astype(float)}


def by_response(name: str) -> list[str]:
    means = TABLE.groupby(name)["y"].mean()
    return list(means.sort_values().index)


def codes(name: str) -> pd.Series:
    return TABLE[name].map({level: code for code, level in enumerate(DOMAINS[name])})


def of_one_hot(order: Callable[[str], Sequence[str]]) -> dict[str, pd.Series]:
    size = {"size": standardized(TABLE["size"])}
    return {**one_hot("town", order("town")), **one_hot("sex", order("sex")), **size}


def of_numbers(suffix: str, number: Callable[[str], pd.Series]) -> dict[str, pd.Series]:
    return {
        "size": standardized(TABLE["size"]),
        f"town{suffix}": standardized(number("town")),
        f"sex{suffix}": standardized(number("sex")),
    }


def of_binary() -> dict[str, pd.Series]:
    found = {"size": standardized(TABLE["size"])}
    for name, bits in (("town", 4), ("sex", 2)):
        numbered = (codes(name) + 1).fillna(0).astype(int)
        found |= {f"{name}:{bit}": standardized(numbered // 2**bit % 2) for bit in range(bits)}
    return found


def of_limited() -> dict[str, pd.Series]:
    counts = TABLE["town"].value_counts()
    ranked = sorted(DOMAINS["town"], key=lambda level: (-counts[level], level))[:10]
    other = TABLE["town"].where(TABLE["town"].isin(ranked) | TABLE["town"].isna(), "other")
    towns = one_hot("town", [*ranked, "other"], other)
    renamed = {name.replace("town.", "town.top_10_levels."): column for name, column in towns.items()}
    return {**renamed, **one_hot("sex", DOMAINS["sex"]), "size": standardized(TABLE["size"])}


def principal(name: str) -> pd.Series:
    """The first principal component of the one-hot columns, by numpy's eigenvectors of their covariance."""
    known = pd.get_dummies(TABLE[name].dropna()).astype(float)
    axis = np.linalg.eigh(np.cov(known.to_numpy().T))[1][:, -1]
    numbers = dict(zip(known.columns, axis * np.sign(axis[known.sum().argmax()]), strict=True))
    return TABLE[name].map(numbers)


REFERENCES: dict[str, Callable[[], dict[str, pd.Series]]] = {
    "AUTO": lambda: of_one_hot(lambda name: DOMAINS[name]),
    "OneHotInternal": lambda: of_one_hot(lambda name: DOMAINS[name]),
    "SortByResponse": lambda: of_one_hot(by_response),
    "EnumLimited": of_limited,
    "LabelEncoder": lambda: of_numbers("", codes),
    "Eigen": lambda: of_numbers(".Eigen", principal),
    "Binary": of_binary,
}


def test_every_value_of_the_parameter_has_an_encoding_or_is_refused() -> None:
    assert {*ENCODINGS, *REFUSED} == set(get_args(CategoricalEncoding))
    assert set(REFERENCES) == set(ENCODINGS)


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("how", [expand_blocks, sparse_blocks])
def test_inputs_and_their_names_are_those_of_the_reference(
    cloud: Cloud, frame: Frame, name: str, how: Any
) -> None:
    data, expected = lay_out(cloud, frame, name), REFERENCES[name]()
    assert data.coefficients == tuple(expected)
    assert data.inputs == len(expected)
    np.testing.assert_allclose(inputs_of(cloud, data, frame, how), pd.DataFrame(expected), atol=1e-5)


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("all_levels", [True, False])
def test_the_inputs_are_counted_before_they_are_laid_out(
    cloud: Cloud, frame: Frame, name: str, all_levels: bool
) -> None:
    for most in (NO_HASHING, 5):
        data = lay_out(cloud, frame, name, all_levels=all_levels, most_one_hot=most)
        counted = input_units(frame, ("size", "town", "sex"), ENCODINGS[name], all_levels, most)
        assert data.inputs == counted == len(data.coefficients)


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("levels", [1, 2, 3, 9, 10, 11, 12, 31, 32, 33, 1000])
def test_the_width_is_told_by_the_number_of_levels(name: str, levels: int) -> None:
    counts = np.arange(levels + 1)
    column = Categories(
        "c",
        tuple(f"l{n}" for n in range(levels)),
        all_levels=True,
        tally=Tally(counts, counts * 1.0, counts * 2.0),
    )
    encoded = ENCODINGS[name].encode(column)
    assert encoded.width == ENCODINGS[name].width(levels) == len(encoded.coefficients)


@pytest.mark.parametrize("name", [name for name in ENCODINGS if ENCODINGS[name].one_hot])
def test_without_all_factor_levels_the_first_in_order_has_no_input(
    cloud: Cloud, frame: Frame, name: str
) -> None:
    expected = list(REFERENCES[name]())
    first = {expected[0], "sex.f" if name != "SortByResponse" else f"sex.{by_response('sex')[0]}"}
    data = lay_out(cloud, frame, name, all_levels=False)
    assert data.coefficients == tuple(one for one in expected if one not in first)


@pytest.mark.parametrize("name", ENCODINGS)
def test_scoring_reads_other_domains_and_takes_what_training_did_not_see_neutrally(
    cloud: Cloud, frame: Frame, frame_of: Callable[..., Frame], name: str
) -> None:
    """Towns were missing in training, sexes were not: an unseen sex says nothing, an unseen town is one like
    the missing, or one of the others."""
    data = lay_out(cloud, frame, name)
    known = TABLE[["size", "town", "sex"]].copy()
    same = frame_of(frame_dict(known), {"town": (*TOWNS[::-1], "new"), "sex": ("x", "m", "f")})
    np.testing.assert_array_equal(inputs_of(cloud, data, same), inputs_of(cloud, data, frame))
    later = frame_of({"size": [5.0, 5.0], "town": ["new", None], "sex": ["x", None]})
    unseen, missing = inputs_of(cloud, data, later)
    sexes = [place for place, one in enumerate(data.coefficients) if one.startswith("sex")]
    assert unseen[sexes].tolist() == missing[sexes].tolist()
    np.testing.assert_allclose(unseen[sexes], 0.0, atol=1e-7)
    towns = [place for place, one in enumerate(data.coefficients) if one.startswith("town")]
    if name == "EnumLimited":
        assert unseen[data.coefficients.index("town.top_10_levels.other")] == 1.0
        assert missing[data.coefficients.index("town.top_10_levels.missing(NA)")] == 1.0
    else:
        assert unseen[towns].tolist() == missing[towns].tolist()


@pytest.mark.parametrize("nodes", BOTH)
def test_weights_of_zero_and_two_count_as_no_row_and_two_rows(
    cloud: Cloud, frame_of: Callable[..., Frame]
) -> None:
    weights = np.arange(ROWS) % 3
    weighted = frame_of({**frame_dict(TABLE), "w": list(weights.astype(float))})
    repeated = frame_of(frame_dict(TABLE.loc[np.repeat(np.arange(ROWS), weights)]), DOMAINS)
    ones = tally(cloud, repeated, ("town", "sex"), "y", None)
    for name, counted in tally(cloud, weighted, ("town", "sex"), "y", "w").items():
        np.testing.assert_allclose(counted.weight, ones[name].weight)
        np.testing.assert_allclose(counted.response, ones[name].response)
        assert counted.rows.sum() == (weights > 0).sum()


def test_rows_without_response_do_not_count(cloud: Cloud, frame_of: Callable[..., Frame]) -> None:
    frame = frame_of({"c": ["a", "b", "b", None], "y": ["no", "yes", None, "yes"]})
    counted = tally(cloud, frame, ("c",), "y", None)["c"]
    assert counted.rows.tolist() == [1, 1, 1]
    assert counted.response.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("how", [expand_blocks, sparse_blocks])
@pytest.mark.parametrize("most", [1, 4])
def test_hashing_adds_each_one_hot_input_to_the_one_it_falls_to(
    cloud: Cloud, frame: Frame, how: Any, most: int
) -> None:
    data = lay_out(cloud, frame, "AUTO", most_one_hot=most)
    every = inputs_of(cloud, lay_out(cloud, frame, "AUTO"), frame)
    expected = np.zeros((ROWS, most + 1))
    for unit, bucket in enumerate(hashed(np.arange(18), most)):
        expected[:, bucket] += every[:, unit]
    expected[:, most] = every[:, 18]
    found = inputs_of(cloud, data, frame, how)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found[:, :most].sum() == pytest.approx(2 * ROWS), "every row has a town and a sex"
    assert data.coefficients == (*(f"hashed.{unit}" for unit in range(most)), "size")


def test_nothing_is_hashed_if_there_are_no_more_one_hot_inputs_than_that(cloud: Cloud, frame: Frame) -> None:
    plain = lay_out(cloud, frame, "AUTO")
    assert lay_out(cloud, frame, "AUTO", most_one_hot=18).coefficients == plain.coefficients
    assert lay_out(cloud, frame, "Binary", most_one_hot=2).hashed == 0, "for one-hot inputs only"


def test_hashing_spreads_levels_evenly() -> None:
    counts = np.bincount(hashed(np.arange(100_000), 100), minlength=100)
    assert 800 < counts.min() <= counts.max() < 1200


@pytest.mark.parametrize(
    "counts", [[5, 3, 1], [1, 1, 1, 1], [7, 7, 2], [1], [4, 0, 0], [1000, 999, *range(500)]]
)
def test_the_leading_eigenvector_is_one_of_the_covariance(counts: list[int]) -> None:
    shares = np.array(counts) / sum(counts)
    vector = leading_eigenvector(shares)
    covariance = np.diag(shares) - np.outer(shares, shares)
    largest = np.linalg.eigvalsh(covariance)[-1]
    np.testing.assert_allclose(covariance @ vector, largest * vector, atol=1e-9)
    assert np.linalg.norm(vector) == pytest.approx(1.0 if largest > 1e-12 else 0.0)
