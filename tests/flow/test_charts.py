"""Charts: what is drawn says what the values say."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest
from aquifer_flow.charts import Series, bar, heat, histogram, line_chart, round_step, scale_of


def drawing(markup: str) -> ElementTree.Element:
    """Well-formed XML, or the test fails here."""
    return ElementTree.fromstring(str(markup))


def texts(figure: ElementTree.Element, style: str) -> list[str]:
    return ["".join(node.itertext()) for node in figure.iter("text") if style in node.get("class", "")]


@pytest.mark.parametrize(
    ("span", "step"), [(1.0, 0.2), (10.0, 2.0), (7.0, 2.0), (0.003, 0.001), (24.0, 5.0), (60_000.0, 20_000.0)]
)
def test_ticks_are_at_round_values(span: float, step: float) -> None:
    assert round_step(span) == pytest.approx(step)


@pytest.mark.parametrize("values", [[3.0], [0.0], [-2.0, -2.0], [1e-9, 2e-9], [-5.0, 1e6], []])
def test_a_scale_holds_all_values_and_has_a_span(values: list[float]) -> None:
    scale = scale_of(values, 0, 100, zero=False)
    assert scale.low < scale.high
    assert all(0 <= scale(value) <= 100 for value in values)
    assert 2 <= len(scale.ticks) <= 7


def test_a_line_passes_through_its_values() -> None:
    figure = drawing(
        line_chart([Series("training", (0, 5, 10), (1.0, 0.5, 0.0))], "Error", "epochs", "error")
    )
    path = next(node for node in figure.iter("path") if "line" in node.get("class", ""))
    points = [tuple(map(float, pair.split())) for pair in re.split("[ML]", path.get("d", "")) if pair]
    (x0, y0), (x1, y1), (x2, y2) = points
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y1 - y0 == pytest.approx(y2 - y1, abs=0.2)
    assert y0 < y2, "larger values are drawn higher"


def test_axes_are_labelled_and_their_ticks_numbered() -> None:
    figure = drawing(line_chart([Series("training", (0, 10), (1.0, 0.2))], "Error", "epochs", "error"))
    assert texts(figure, "label") == ["epochs", "error"]
    assert texts(figure, "tick x") == ["0", "2", "4", "6", "8", "10"]
    assert texts(figure, "tick y") == ["0", "0.2", "0.4", "0.6", "0.8", "1"]


def test_several_lines_have_a_legend_and_one_has_none() -> None:
    one, two = Series("training", (0, 1), (1, 2)), Series("validation", (0, 1), (2, 3))
    assert "legend" not in line_chart([one], "t", "x", "y")
    legend = re.search('class="legend">(.*?)</figcaption>', line_chart([one, two], "t", "x", "y"))
    assert legend
    assert "training" in legend[1]
    assert "validation" in legend[1]


def test_missing_values_leave_a_gap() -> None:
    line = Series("loss", (0, 1, 2, 3, 4), (1.0, 0.9, math.nan, None, 0.5))
    figure = drawing(line_chart([line], "t", "x", "y"))
    runs = [node.get("d", "") for node in figure.iter("path")]
    assert [run.count("L") + 1 for run in runs] == [2, 1]


def test_long_lines_are_thinned_to_what_can_be_seen_but_keep_their_end() -> None:
    many = 100_000
    line = Series("loss", tuple(map(float, range(many))), tuple(1 / (1 + i) for i in range(many)))
    figure = line_chart([line], "t", "x", "y")
    assert len(figure) < 40_000
    assert "loss 0.00001 at x 99,999" in figure or "loss 1e-05 at x 99,999" in figure


def test_a_chart_without_values_says_so() -> None:
    assert "Nothing was scored yet" in line_chart([Series("loss", (None,), (None,))], "Loss", "x", "y")


def test_names_are_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    for markup in (
        line_chart([Series(hostile, (0, 1), (0, 1))] * 2, hostile, hostile, hostile),
        histogram([1], hostile),
    ):
        assert "<script" not in markup
        drawing(markup)


def test_no_inline_style_that_the_content_security_policy_would_refuse() -> None:
    markup = line_chart([Series("a", (0, 1), (0, 1))], "t", "x", "y") + bar(0.5) + histogram([1, 2], "l")
    assert "style=" not in markup


@pytest.mark.parametrize(
    ("share", "width"), [(0.25, 25), (0, 0), (1.5, 100), (-1, 0), (None, 0), (math.nan, 0)]
)
def test_a_bar_is_as_wide_as_its_share(share: float | None, width: float) -> None:
    value = next(node for node in drawing(bar(share)).iter("rect") if node.get("class") == "value")
    assert float(value.get("width", "")) == width


def test_a_histogram_has_the_tallest_bar_at_the_most_frequent_value() -> None:
    (path,) = drawing(histogram([1, 4, 0, 2], "l")).iter("path")
    bars = re.findall(r"M(\d+) 24v-([\d.]+)h", path.get("d", ""))
    assert [(int(left), float(height)) for left, height in bars] == [(0, 6.0), (4, 24.0), (12, 12.0)]
    assert histogram([], "l") == histogram([0, 0], "l") == ""


@pytest.mark.parametrize(
    ("value", "style"), [(0, "heat-0"), (1, "heat-1"), (50, "heat-5"), (100, "heat-10"), (300, "heat-10")]
)
def test_heat_grows_with_the_value(value: float, style: str) -> None:
    assert heat(value, 100) == style
