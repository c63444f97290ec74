"""Times are taken apart, made and read as pandas and Python do it, in any time zone."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.time_zones import require_zone, to_local, to_utc, zone_labels
from aquifer_cluster.transform.choice import choose
from aquifer_cluster.transform.date_formats import FIELDS, SHORTHANDS, date_format
from aquifer_cluster.transform.dates import as_date, times_of_texts
from aquifer_cluster.transform.moments import milliseconds, milliseconds_of_numbers, moments, moments_of
from aquifer_cluster.transform.time_parts import (
    MOST_MILLISECONDS,
    PARTS,
    time_part,
    time_part_of_number,
)
from hypothesis import given, settings
from hypothesis import strategies as some

Make = Callable[..., Frame]
Read = Callable[[Frame], pd.DataFrame]

ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata"]
PANDAS: dict[str, Callable[[Any], Any]] = {
    "year": lambda times: times.dt.year,
    "month": lambda times: times.dt.month,
    "week": lambda times: times.dt.isocalendar().week,
    "day": lambda times: times.dt.day,
    "dayOfWeek": lambda times: times.dt.day_name().str[:3],
    "hour": lambda times: times.dt.hour,
    "minute": lambda times: times.dt.minute,
    "second": lambda times: times.dt.second,
    "millis": lambda times: times.dt.microsecond // 1000,
}


@pytest.fixture(scope="module")
def instants() -> pd.Series:
    """Times of two centuries, with the turns of summer time, and a missing one."""
    random = np.random.default_rng(11)
    turns = ["2020-03-29T00:59:59.999", "2020-03-29T01:00", "2020-10-25T00:30", "2020-10-25T01:30"]
    special = pd.to_datetime(
        pd.Series([*turns, "1970-01-01", "1969-12-31T23:59:59.999", None]), format="ISO8601"
    )
    drawn = pd.to_datetime(pd.Series(random.integers(-(2**42), 2**42, 60)), unit="ms")
    return pd.concat([special, drawn], ignore_index=True)


@pytest.mark.parametrize("zone", ZONES)
def test_parts_are_those_of_pandas(
    cloud: Cloud, make: Make, read: Read, instants: pd.Series, zone: str
) -> None:
    assert set(PANDAS) == set(PARTS)
    frame = make(t=instants)
    local = instants.dt.tz_localize("UTC").dt.tz_convert(zone)
    for part, expected in PANDAS.items():
        found = read(time_part(cloud, part, frame, zone))["t"]
        want = expected(local).astype(object).where(instants.notna(), None)
        assert [None if pd.isna(value) else value for value in found] == list(want), part


def test_parts_of_numbers_are_those_of_milliseconds(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(n=[0.0, 86_400_000.5, np.nan, 2 * MOST_MILLISECONDS, np.inf])
    assert list(read(time_part(cloud, "day", frame, "UTC"))["n"].fillna(-1)) == [1, 2, -1, -1, -1]
    assert time_part_of_number("dayOfWeek", 0, "UTC") == "Thu"
    assert np.isnan(time_part_of_number("year", np.nan, "UTC"))


def test_parts_of_other_columns_are_refused(cloud: Cloud, make: Make) -> None:
    with pytest.raises(InvalidArgument, match="year: works on times, but column 's' is string"):
        time_part(cloud, "year", make(s=["2020"]), "UTC")


def test_days_of_the_week_are_levels_even_without_rows(cloud: Cloud, make: Make) -> None:
    empty = make(Layout((0,), (0,)), t=pd.to_datetime(pd.Series([], dtype="datetime64[ms]")))
    found = time_part(cloud, "dayOfWeek", empty, "UTC").columns[0]
    assert (found.type, len(found.domain or ())) == (ColumnType.ENUM, 7)


def test_zones_are_checked_and_listed() -> None:
    require_zone("Europe/Berlin")
    with pytest.raises(InvalidArgument, match="Unacceptable timezone PST given"):
        require_zone("PST")
    assert {"+00:00 UTC", "+01:00 Europe/Berlin", "-03:30 America/St_Johns"} <= set(zone_labels())


@settings(max_examples=200, deadline=None, derandomize=True)
@given(some.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))
def test_moments_are_python_s(moment: datetime) -> None:
    parts = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    found = moments_of([np.array([part], np.float64) for part in (*parts, moment.microsecond // 1000)])
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert np.datetime64(int(found[0]), "ms").astype(datetime) == whole


@pytest.mark.parametrize(
    "parts",
    [(2021, 2, 29), (2020, 13, 1), (2020, 0, 1), (2020, 1, 0), (2020, 1, 32), (2020, 1, 1, 24), (1e9, 1, 1)],
)
def test_there_is_no_such_moment(parts: tuple[float, ...]) -> None:
    full = [*parts, *[0.0] * (7 - len(parts))]
    assert moments_of([np.array([part], np.float64) for part in full])[0] == MISSING_TIME


def test_columns_and_numbers_make_moments(cloud: Cloud, make: Make, read: Read) -> None:
    frame = make(y=[2020.9, 2021, np.nan, 2022], m=[2.0, 2, 3, np.nan])
    year, month, single = frame.select(["y"]), frame.select(["m"]), make(Layout((1,), (0,)), d=[29.0])
    found = moments(cloud, [year, month, single, 12.0, 0.0, 0.0, 0.0])
    assert (found.names, found.columns[0].type) == (("time",), ColumnType.TIME)
    assert list(read(found)["time"].fillna(-1)) == [1582977600000, -1, -1, -1]
    from_zero = milliseconds(cloud, [year, 1.0, 28.0, 12.0, 0.0, 0.0, 0.0])
    assert (from_zero.names, from_zero.columns[0].type) == (("msec",), ColumnType.NUMERIC)
    assert list(read(from_zero)["msec"].fillna(-1)) == [1582977600000, -1, -1, -1]
    assert milliseconds_of_numbers([2020.0, 1.0, 28.0, 12.0, 0.0, 0.0, 0.0]) == 1582977600000
    constant = moments(cloud, [2020.0, 2.0, 29.0, 12.0, 0.0, 0.0, 0.0])
    assert list(read(constant)["time"]) == [1582977600000]


def test_parts_that_do_not_fit_are_named(cloud: Cloud, make: Make) -> None:
    frame = make(y=[2020.0, 2021], s=["a", "b"])
    rest = [1.0] * 6
    with pytest.raises(InvalidArgument, match="year: it is one column or a number, found 2"):
        moments(cloud, [frame, *rest])
    with pytest.raises(InvalidArgument, match="year: it is numeric, found a column of type string"):
        moments(cloud, [frame.select(["s"]), *rest])
    with pytest.raises(InvalidArgument, match="there is no such time: year 2020, month 12"):
        milliseconds_of_numbers([2020.0, 12.0, *[0.0] * 5])


PYTHON_FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%b/%y %I:%M %p",
    "%A, %d %B %Y %H:%M:%S.%f",
    "%Y%m%d%H%M%S",
    "%Y %j",
    "%a %b %d %H:%M:%S %Y",
    "100%% %Y-%m-%d",
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("format", PYTHON_FORMATS)
def test_texts_are_read_as_python_reads_them(format: str, zone: str) -> None:
    random = np.random.default_rng(3)
    drawn = [
        datetime.fromtimestamp(int(seconds), zoneinfo.ZoneInfo("UTC"))
        for seconds in random.integers(0, 2e9, 40)
    ]
    texts = [moment.strftime(format) for moment in drawn]
    want = [
        datetime.strptime(text, format).replace(tzinfo=zoneinfo.ZoneInfo(zone)).timestamp() * 1000
        for text in texts
    ]
    found = times_of_texts(pa.array([*texts, None]), date_format(format), zone)
    known = [
        i
        for i, moment in enumerate(want)
        if datetime.fromtimestamp(moment / 1000, zoneinfo.ZoneInfo(zone)).strftime(format) == texts[i]
    ]
    assert len(known) > 30, "texts of hours that a zone leaves out do not count"
    assert [found[i] for i in known] == [want[i] for i in known]
    assert found[-1] == MISSING_TIME


@pytest.mark.parametrize(
    ("text", "format", "want"),
    [
        ("2020-02-29", "yyyy-MM-dd", "2020-02-29"),
        ("29.2.20 7:05", "dd.MM.yy H:mm", "2020-02-29 07:05"),
        ("2020-02-29T12:34:56.789", "yyyy-MM-dd'T'HH:mm:ss.SSS", "2020-02-29 12:34:56.789"),
        ("Feb 29, 2020 03 o'clock PM", "MMM dd, yyyy hh 'o''clock' a", "2020-02-29 15:00"),
        ("2020'02", "yyyy''MM", "2020-02-01"),
        ("2020-02-29 01:00 +0530", "yyyy-MM-dd HH:mm Z", "2020-02-28 19:30"),
        ("2020-02-29T01:00Z", "%FT%R%z", "2020-02-29 01:00"),
        ("2020-02-29 5", "%F %f", "2020-02-29 00:00:00.5"),
        ("12:00:01 am", "%r", "1970-01-01 00:00:01"),
        ("68", "%y", "2068-01-01"),
        ("69", "%y", "1969-01-01"),
    ],
)
def test_other_forms_are_read(text: str, format: str, want: str) -> None:
    found = times_of_texts(pa.array([text]), date_format(format), "UTC")
    assert pd.Timestamp(int(found[0]), unit="ms") == pd.Timestamp(want)


def test_hours_that_a_zone_repeats_or_leaves_out(embedded: Cloud) -> None:
    texts = pa.array(["2020-10-25 02:30", "2020-03-29 02:30"])
    found = times_of_texts(texts, date_format("%Y-%m-%d %H:%M"), "Europe/Berlin")
    first, shifted = pd.Timestamp("2020-10-25T00:30"), pd.Timestamp("2020-03-29T01:30")
    assert [pd.Timestamp(int(time), unit="ms") for time in found] == [first, shifted]


@pytest.mark.parametrize("zone", ZONES)
def test_zones_are_zoneinfo_s_for_ever(zone: str) -> None:
    random = np.random.default_rng(5)
    times = random.integers(-4_000_000_000, 100_000_000_000, 500)
    rules = zoneinfo.ZoneInfo(zone)
    want = [datetime.fromtimestamp(time, rules).utcoffset() or timedelta() for time in times.tolist()]
    local = to_local(times * 1000, zone)
    assert (local - times * 1000).tolist() == [offset.total_seconds() * 1000 for offset in want]
    assert np.count_nonzero(to_utc(local, zone) != times * 1000) <= 5, "only in hours shown twice"


@pytest.mark.parametrize(
    ("text", "format", "said"),
    [
        ("2021-02-29", "%Y-%m-%d", "'2021-02-29' is no time of the form '%Y-%m-%d'"),
        ("2021-02-01x", "%Y-%m-%d", "is no time of the form"),
        ("13 pm", "%I %p", "is no time of the form"),
        ("x", "%q", "%q is not understood"),
        ("x", "x%", "% is not understood"),
        ("x", "", "it is empty"),
        ("x", "--", "has no field"),
        ("x", "yyyy-bb", "b in 'yyyy-bb' is not understood"),
    ],
)
def test_what_is_not_understood_is_named(cloud: Cloud, make: Make, text: str, format: str, said: str) -> None:
    with pytest.raises(InvalidArgument) as failure:
        as_date(cloud, make(s=[None, text]), format, "UTC")
    assert said in str(failure.value)


def test_every_code_is_in_the_formats_above() -> None:
    used = "".join(PYTHON_FORMATS) + "%z%FT%R%r%h%e%k%l%D%T%c%x%X%n%t"
    assert {code for code in [*FIELDS, *SHORTHANDS] if f"%{code}" not in used} == set()


def test_dates_are_read_from_text_and_categories_alike(cloud: Cloud, make: Make, read: Read) -> None:
    texts = ["01.02.2020", None, "03.02.2020", "01.02.2020"]
    frame = make(text=texts, kind=pd.Categorical(texts))
    want = [1580515200000, -1, 1580688000000, 1580515200000]
    for name in frame.names:
        found = as_date(cloud, frame.select([name]), "%d.%m.%Y", "UTC")
        assert (found.names, found.columns[0].type) == ((name,), ColumnType.NUMERIC)
        assert list(read(found)[name].fillna(-1)) == want


def test_times_are_chosen_and_compared_with_a_moment(cloud: Cloud, make: Make, read: Read) -> None:
    times = pd.to_datetime(pd.Series(["2020-01-01", None, "2022-01-01"]))
    frame, moment = make(t=times, b=[1.0, 0, 0]), moments(cloud, [2021.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    chosen = choose(cloud, frame.select(["b"]), frame.select(["t"]), moment)
    assert chosen.columns[0].type is ColumnType.TIME
    assert list(read(chosen)["C1"]) == [1577836800000, 1609459200000, 1609459200000]
    numbers = choose(cloud, frame.select(["b"]), frame.select(["t"]), 7.0)
    assert numbers.columns[0].type is ColumnType.NUMERIC
    assert list(read(numbers)["C1"]) == [1577836800000, 7, 7]
