"""Rows sorted, merged, grouped, ranked and reshaped, as the client asks for it, against pandas."""

from __future__ import annotations

import math
from collections.abc import Callable

import h2o
import pandas as pd
import pytest
from h2o.exceptions import H2OResponseError, H2OTypeError, H2OValueError
from h2o.group_by import GroupBy

SALES = pd.DataFrame(
    {
        "town": ["Ulm", "Bonn", "Ulm", "Bonn", "Jena", "Ulm"],
        "year": [2, 1, 1, 2, 1, 1],
        "sum": [3.5, 1.0, math.nan, 4.0, 9.5, 0.5],
        "pay": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    }
)
TOWNS = pd.DataFrame({"town": ["Bonn", "Ulm", "Kiel"], "people": [330.0, 126.0, 247.0]})
BY_TOWN = SALES.groupby("town")


def ranked() -> pd.DataFrame:
    frame = SALES.sort_values(["town", "pay"], ascending=[True, False])
    return frame.assign(place=frame.groupby("town").cumcount() + 1)


def molten(ids: list[str], values: list[str]) -> pd.DataFrame:
    """As pandas melts it, but row by row."""
    frame = SALES.reset_index().melt(["index", *ids], values)
    return frame.sort_values("index", kind="stable").drop(columns="index")


def grouped(**columns: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(columns).reset_index()


def towns() -> h2o.H2OFrame:
    """Names that are all different would be taken for text."""
    return h2o.H2OFrame(TOWNS, column_types={"town": "enum"})


Operation = Callable[[h2o.H2OFrame, h2o.H2OFrame], h2o.H2OFrame]

FRAMES: dict[str, tuple[Operation, pd.DataFrame]] = {
    "sort": (lambda s, t: s.sort("pay", ascending=False), SALES.sort_values("pay", ascending=False)),
    "sort by two": (
        lambda s, t: s.sort(["year", 3], [True, False]),
        SALES.sort_values(["year", "pay"], ascending=[True, False]),
    ),
    "merge": (lambda s, t: s.merge(t), SALES.merge(TOWNS).sort_values("town", kind="stable")),
    "merge left": (
        lambda s, t: s.merge(t, all_x=True, by_x=["town"], by_y=[0]),
        SALES.merge(TOWNS, how="left").sort_values("town", kind="stable"),
    ),
    "merge right": (lambda s, t: s[["town", "pay"]].merge(t, all_y=True),
                    SALES[["town", "pay"]].merge(TOWNS, how="right").sort_values("town", kind="stable")),
    "group_by": (
        lambda s, t: s.group_by("town").count().sum("pay").mean("sum", na="rm").get_frame(),
        grouped(nrow=BY_TOWN.size(), sum_pay=BY_TOWN["pay"].sum(), mean_sum=BY_TOWN["sum"].mean()),
    ),
    "group_by all others": (
        lambda s, t: s[["town", "pay", "year"]].group_by([0]).max().frame,
        grouped(max_pay=BY_TOWN["pay"].max(), max_year=BY_TOWN["year"].max()),
    ),
    "group_by every aggregate": (
        lambda s, t: (
            s.group_by("year").min("pay").var("pay").sd("pay").ss("pay").median("pay").mode("town").frame
        ),
        grouped(
            min_pay=SALES.groupby("year")["pay"].min(),
            var_pay=SALES.groupby("year")["pay"].var(),
            sdev_pay=SALES.groupby("year")["pay"].std(),
            sumSquares_pay=(SALES["pay"] ** 2).groupby(SALES["year"]).sum(),
            median_pay=SALES.groupby("year")["pay"].median(),
            mode_town=pd.Series({1: 2, 2: 0}).rename_axis("year") * 1.0,
        ),
    ),
    "drop_duplicates": (lambda s, t: s.drop_duplicates(["town"]), SALES.drop_duplicates(["town"])),
    "drop_duplicates but the last": (
        lambda s, t: s.drop_duplicates([0, 1], keep="last"),
        SALES.drop_duplicates(["town", "year"], keep="last"),
    ),
    "rank_within_group_by": (
        lambda s, t: s.rank_within_group_by("town", "pay", ascending=False, new_col_name="place"),
        ranked(),
    ),
    "rank_within_group_by, sorted": (
        lambda s, t: s.rank_within_group_by(["town"], ["pay"], [False], "place", sort_cols_sorted=True),
        ranked().sort_values("pay", ascending=False),
    ),
    "pivot": (
        lambda s, t: s.pivot("town", "year", "pay"),
        SALES.pivot_table(index="town", columns="year", values="pay", aggfunc="first").reset_index(),
    ),
    "melt": (
        lambda s, t: s.melt(["town"], ["sum", "pay"], skipna=True),
        molten(["town"], ["sum", "pay"]).dropna(),
    ),
    "melt the rest": (
        lambda s, t: s[["year", "pay"]].melt(["year"], var_name="what", value_name="much"),
        molten(["year"], ["pay"]).set_axis(["year", "what", "much"], axis=1),
    ),
    "topN": (
        lambda s, t: s.topN("pay", 34),
        pd.DataFrame({"Original_Row_Indices": [5, 4], "pay": [6.0, 5.0]}),
    ),
    "bottomN": (
        lambda s, t: s.bottomN(3, 34),
        pd.DataFrame({"Original_Row_Indices": [0, 1], "pay": [1.0, 2.0]}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_frames_are_those_of_pandas(server: h2o.Connection, name: str) -> None:
    operation, expected = FRAMES[name]
    found = operation(h2o.H2OFrame(SALES), towns()).as_data_frame()
    want = expected.reset_index(drop=True)
    want.columns = pd.Index([str(column) for column in want.columns])
    pd.testing.assert_frame_equal(found, want, check_dtype=False)


def test_a_grouping_says_what_it_is_and_is_computed_once(server: h2o.Connection) -> None:
    groups = h2o.H2OFrame(SALES).group_by(["town", "year"]).mean("pay").sd([2, 3])
    assert isinstance(groups, GroupBy)
    assert repr(groups) == "GroupBy(by=['town', 'year'], aggregates=['mean(pay)', 'sdev(sum)', 'sdev(pay)'])"
    assert groups.get_frame() is groups.frame


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda s, t: s.sort("price"), "price"),
        (lambda s, t: s.sort(["year", "pay"], [True]), "2 columns need as many flags"),
        (lambda s, t: s[["pay"]].merge(t), "no column in common"),
        (lambda s, t: s.merge(t, by_x=["town", "pay"]), "by_x names 2 columns and by_y 1"),
        (lambda s, t: s.group_by("city"), "city"),
        (lambda s, t: s.drop_duplicates(["town", "city"]), "city"),
        (lambda s, t: s.pivot("town", "years", "pay"), "years"),
        (lambda s, t: s.melt(["town"], ["pays"]), "pays"),
        (lambda s, t: s.topN(9), "9"),
    ],
)
def test_a_wrong_wish_is_refused_before_it_is_sent(
    server: h2o.Connection, operation: Operation, message: str
) -> None:
    with pytest.raises(H2OValueError, match=message):
        operation(h2o.H2OFrame(SALES), towns())


def test_a_frame_without_rows_joins(server: h2o.Connection) -> None:
    one, none = h2o.H2OFrame({"a": [1], "b": [0]}), h2o.H2OFrame({"a": [], "b": []})
    assert none.shape == (0, 2)
    assert one.merge(none).nrow == 0
    assert one.merge(none, all_x=True).as_data_frame(use_pandas=False) == [["a", "b"], ["1", "0"]]


def test_only_frames_and_numbers_stand_side_by_side(server: h2o.Connection) -> None:
    frame = h2o.H2OFrame({"a": [1, 2]})
    assert frame.cbind([frame, 5]).shape == (2, 3)
    with pytest.raises(H2OTypeError, match="cbind takes frames and numbers, not a str"):
        frame.cbind("a")


def test_one_cell_is_as_true_as_its_value(server: h2o.Connection) -> None:
    frame = h2o.H2OFrame({"a": [1, 2]})
    assert frame[1, :] == 2
    assert not bool(frame[1, :] == 3)
    with pytest.raises(H2OTypeError, match="neither true nor false"):
        bool(frame == frame)


def test_a_function_may_count_what_is_missing(server: h2o.Connection) -> None:
    frame = h2o.H2OFrame({"a": [1, None], "b": [None, None]}, column_types=["real", "real"])
    counts = frame.apply(lambda column: column.nacnt()).as_data_frame(use_pandas=False, header=False)
    assert counts == [["1", "2"]]


def test_what_the_server_refuses_is_read_as_h2o_s_scripts_do(server: h2o.Connection) -> None:
    with pytest.raises(H2OResponseError) as refused:
        h2o.rapids("(cols nothing 0)")
    assert refused.value.args[0].exception_msg == "Name lookup of 'nothing' failed"
