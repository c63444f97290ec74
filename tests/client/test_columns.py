"""Text, times and categories: what the methods send is what H2O's client sends, and it works on a server."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import h2o
import pytest
from h2o._expression import Expression
from h2o.exceptions import H2OResponseError, H2OTypeError, H2OValueError
from h2o.frame import H2OFrame

Call = Callable[[Any], Any]

CALLS: list[tuple[Call, str]] = [
    (lambda f: f.toupper(), "(toupper f)"),
    (lambda f: f.tolower(), "(tolower f)"),
    (lambda f: f.trim(), "(trim f)"),
    (lambda f: f.lstrip(), "(lstrip f ' ')"),
    (lambda f: f.lstrip(None), "(lstrip f ' ')"),
    (lambda f: f.rstrip("xy"), "(rstrip f 'xy')"),
    (lambda f: f.nchar(), "(strlen f)"),
    (lambda f: f.entropy(), "(entropy f)"),
    (lambda f: f.substring(0, 3), "(substring f 0 3)"),
    (lambda f: f.substring(1), "(substring f 1 [])"),
    (lambda f: f.sub("a", "b"), "(replacefirst f 'a' 'b' False)"),
    (lambda f: f.gsub("a", "b", ignore_case=True), "(replaceall f 'a' 'b' True)"),
    (lambda f: f.strsplit("-"), "(strsplit f '-')"),
    (lambda f: f.tokenize(" "), "(tokenize f ' ')"),
    (lambda f: f.countmatches(["a", "b"]), "(countmatches f ['a' 'b'])"),
    (lambda f: f.grep("a", output_logical=True), "(grep f 'a' False False True)"),
    (lambda f: f.strdistance(f, "lv"), "(strDistance f f 'lv' True)"),
    (lambda f: f.num_valid_substrings("/words"), "(num_valid_substrings f '/words')"),
    (lambda f: f.year(), "(year f)"),
    (lambda f: f.month(), "(month f)"),
    (lambda f: f.week(), "(week f)"),
    (lambda f: f.day(), "(day f)"),
    (lambda f: f.dayOfWeek(), "(dayOfWeek f)"),
    (lambda f: f.hour(), "(hour f)"),
    (lambda f: f.minute(), "(minute f)"),
    (lambda f: f.second(), "(second f)"),
    (lambda f: f.as_date("%Y-%m-%d"), "(as.Date f '%Y-%m-%d')"),
    (lambda f: f.mktime(f, 1), "(mktime f 1 0 0 0 0 0)"),
    (lambda f: f.mktime(2020, 1, 28), "(cbind (mktime 2020 1 28 0 0 0 0))"),
    (lambda f: f.moment(2020, 2, f, msec=7), "(moment 2020 2 f 0 0 0 7)"),
    (
        lambda f: f.moment(date=datetime.datetime(2020, 2, 29, 12, 34, 56, 789000)),
        "(moment 2020 2 29 12 34 56 789)",
    ),
    (
        lambda f: f.moment(date=datetime.date(2020, 2, 29), time=datetime.time(1, 2)),
        "(moment 2020 2 29 1 2 0 0)",
    ),
    (lambda f: f.set_level("a"), "(setLevel f 'a')"),
    (lambda f: f.set_levels(["a", "b"]), "(setDomain f False ['a' 'b'])"),
    (lambda f: f.append_levels(["c"]), "(appendLevels f False ['c'])"),
    (lambda f: f.relevel("a"), "(relevel f 'a')"),
    (lambda f: f.relevel_by_frequency(), "(relevel.by.freq f [] -1)"),
    (lambda f: f.relevel_by_frequency("w", 2), "(relevel.by.freq f 'w' 2)"),
    (lambda f: f.match(["a", "b"]), "(match f ['a' 'b'] nan 1)"),
    (lambda f: f.match([1, 2], nomatch=0, start_index=0), "(match f [1 2] 0 0)"),
    (lambda f: f.cut([0, 1]), "(cut f [0 1] [] False True 3)"),
    (lambda f: f.cut([0, 1, 2], ["a", "b"], True, False, 1), "(cut f [0 1 2] ['a' 'b'] True False 1)"),
    (lambda f: f.isin("a"), "(== f 'a')"),
    (lambda f: f.ascharacter(), "(as.character f)"),
    (lambda f: f.asnumeric(), "(as.numeric f)"),
    (lambda f: f.unique(include_nas=True), "(unique f True)"),
    (lambda f: f.quantile([0.5], "low"), "(quantile f [0.5] 'low' '_')"),
    (lambda f: f.quantile([0.5], weights_column="w"), "(quantile f [0.5] 'interpolate' 'w')"),
    (lambda f: f.na_omit(), "(na.omit f)"),
    (lambda f: f.logical_negation(), "(not f)"),
    (lambda f: f.round(2), "(round f 2)"),
    (lambda f: f.isax(3, 4, optimize_card=True), "(isax f 3 4 True)"),
    (lambda f: f.distance(f), "(distance f f 'l2')"),
]


@pytest.mark.parametrize(("call", "text"), CALLS, ids=[text for _, text in CALLS])
def test_each_method_sends_its_expression(scripted: Any, call: Call, text: str) -> None:
    connection, transport = scripted()
    made = call(H2OFrame._of(Expression.of_key("f", connection)))
    assert made.frame_id
    sent = transport.expressions[-1]
    assert sent[sent.index("(", 1) : -1] == text


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda f: f.moment(2020, 1), H2OValueError, "year, month and day, or a date"),
        (lambda f: f.moment(2020, date=datetime.date(2020, 1, 1)), H2OValueError, "give no year"),
        (lambda f: f.moment(2020, 1, 1, 5, time=datetime.time(1)), H2OValueError, "give no hour"),
        (
            lambda f: f.moment(date=datetime.datetime(2020, 1, 1), time=datetime.time(1)),
            H2OValueError,
            "complete",
        ),
        (lambda f: f.countmatches([1]), H2OTypeError, "a list of texts"),
    ],
)
def test_a_mistake_is_named_before_it_is_sent(
    scripted: Any, call: Call, error: type[Exception], said: str
) -> None:
    connection, transport = scripted()
    with pytest.raises(error, match=said):
        call(H2OFrame._of(Expression.of_key("f", connection)))
    assert transport.expressions == []


def cells(frame: H2OFrame) -> list[list[str]]:
    """The rows as texts."""
    rows: list[list[str]] = frame.as_data_frame(use_pandas=False, header=False)
    return rows


def column(frame: H2OFrame) -> list[str]:
    """The rows of one column as texts."""
    return [row[0] if row else "" for row in cells(frame)]


def test_texts_are_changed_split_and_found(server: h2o.Connection) -> None:
    frame = h2o.H2OFrame({"s": ["Foo-bar", "x", "a-b-c"]}, column_types={"s": "string"})
    assert column(frame.toupper()) == ["FOO-BAR", "X", "A-B-C"]
    assert column(frame.gsub("[A-Za-z]+", "<$0>")) == ["<Foo>-<bar>", "<x>", "<a>-<b>-<c>"]
    assert cells(frame.strsplit("-")) == [["Foo", "bar", ""], ["x", "", ""], ["a", "b", "c"]]
    assert column(frame.tokenize("-")) == ["Foo", "bar", "", "x", "", "a", "b", "c", ""]
    assert column(frame.nchar()) == ["7", "1", "5"]
    assert column(frame.grep("-")) == ["0", "2"]
    assert column(frame[frame.grep("-", output_logical=True), :]) == ["Foo-bar", "a-b-c"]
    assert column(frame.strdistance(frame.tolower(), "lv")) == ["0.8571428571428572", "1.0", "1.0"]
    with pytest.raises(H2OResponseError, match=r"'\[' is no regular expression"):
        frame.sub("[", "").frame_id  # noqa: B018


def test_times_are_made_taken_apart_and_compared(server: h2o.Connection) -> None:
    frame = h2o.H2OFrame({"d": ["29.02.2020", "31.12.1969"]}, column_types={"d": "string"})
    frame["t"] = frame["d"].as_date("%d.%m.%Y")
    assert column(frame["t"]) == ["1582934400000", "-86400000"]
    assert column(frame["t"].year()) == ["2020", "1969"]
    assert column(frame["t"].dayOfWeek()) == ["Sat", "Wed"]
    made = h2o.H2OFrame.moment(frame["t"].year(), frame["t"].month(), frame["t"].day())
    assert made.types == {"time": "time"}
    assert column(made) == column(frame["t"])
    assert column(made > h2o.H2OFrame.moment(date=datetime.date(2000, 1, 1))) == ["1", "0"]
    assert column(h2o.H2OFrame.mktime(1970, 0, 1)) == ["86400000"]


def test_the_time_zone_is_the_cluster_s(server: h2o.Connection) -> None:
    cluster = h2o.cluster()
    assert cluster.timezone == "UTC"
    frame = h2o.H2OFrame([0], column_names=["t"])
    cluster.timezone = "Europe/Berlin"
    try:
        assert column(frame.hour()) == ["1"]
        assert "+01:00 Europe/Berlin" in column(cluster.list_timezones())
    finally:
        cluster.timezone = "UTC"


def test_levels_are_renamed_ordered_and_combined(server: h2o.Connection) -> None:
    frame = h2o.H2OFrame(
        {"k": ["b", "a", "b", "c"], "g": ["x", "y", "x", "x"]}, column_types={"k": "enum", "g": "enum"}
    )
    k = frame["k"]
    assert k.categories() == ["a", "b", "c"]
    assert k.relevel("b").categories() == ["b", "a", "c"]
    assert k.relevel_by_frequency().categories() == ["b", "a", "c"]
    assert k.set_levels(["one", "two", "one"]).categories() == ["one", "two"]
    assert k.append_levels(["d"]).categories() == ["a", "b", "c", "d"]
    assert column(k.set_level("c")) == ["c"] * 4
    assert column(k.match(["b", "a"])) == ["1", "2", "1", ""]
    assert column(k.isin(["b", "c"])) == ["1", "0", "1", "1"]
    assert frame.anyfactor()
    assert frame.columns_by_type("categorical") == [0, 1]
    combined = h2o.interaction(frame, ["k", 1], pairwise=False, max_factors=9, min_occurrence=1)
    assert combined.names == ["k_g"]
    assert column(combined) == ["b_x", "a_y", "b_x", "c_x"]
    with pytest.raises(H2OValueError, match="single categorical column"):
        frame.categories()


def test_numbers_are_cut_and_looked_up(server: h2o.Connection) -> None:
    frame = h2o.H2OFrame([1, 5, 10, None], column_names=["n"])
    assert column(frame.cut([0, 5, 10])) == ["(0.0,5.0]", "(0.0,5.0]", "(5.0,10.0]", ""]
    assert column(frame.cut([0, 5, 10], ["low", "high"])) == ["low", "low", "high", ""]
    assert column(frame.isin([10, 1])) == ["1", "0", "1", "0"]
