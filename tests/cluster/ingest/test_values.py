"""Text becomes numbers, times, uuids and levels; nothing of what it says is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.chunk.base import MISSING_TIME
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import InvalidArgument, ParseFailure
from aquifer_cluster.frame import Frame
from aquifer_cluster.ingest import Header, ParseSetup, Source, Wishes, domains, guess
from aquifer_cluster.ingest.readers import csv_setup
from aquifer_cluster.ingest.times import read_times
from aquifer_cluster.ingest.values import from_text
from aquifer_cluster.jobs import Job
from hypothesis import given, settings
from hypothesis import strategies as st

Make = Callable[..., Source]
Check = Callable[[Cloud], bool]
Parse = Callable[..., tuple[Frame, Job]]
ParseWith = Callable[[Cloud, ParseSetup], tuple[Frame, Job]]

EPOCH = datetime(1970, 1, 1)
ZONES = ["Europe/Berlin", "Asia/Kolkata"]
FORMS = [
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y%m%d-%H:%M:%S.%f",
    "%d-%b-%Y %H:%M:%S.%f",
    "%d%b%Y:%H:%M:%S.%f",
    "%m/%d/%Y %I:%M:%S.%f %p",
    "%m-%d-%Y %H.%M.%S.%f",
    "%B-%Y",
    "%Y-%m",
]


def texts(words: list[str | None]) -> pa.Array:
    return pa.array(words, pa.string())


def milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


@given(st.lists(st.tuples(st.datetimes(datetime(1900, 1, 1)), st.sampled_from(FORMS)), max_size=20))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_times_are_read_in_every_form_alone_and_mixed(written: list[tuple[datetime, str]]) -> None:
    shown = [moment.strftime(form) for moment, form in written]
    expected = [
        milliseconds(datetime.strptime(text, form)) for text, (_, form) in zip(shown, written, strict=True)
    ]
    assert read_times(texts(shown)).tolist() == expected
    assert [int(read_times(texts([text]))[0]) for text in shown] == expected


@given(
    st.datetimes(datetime(1920, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from(["Europe/Berlin", "Asia/Kolkata"]),
)
@settings(deadline=None, derandomize=True, max_examples=100)
def test_local_times_mean_what_the_clocks_of_the_zone_showed(moment: datetime, zone: str) -> None:
    local = moment.replace(tzinfo=ZoneInfo(zone))
    there_and_back = local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    (read,) = read_times(texts([moment.strftime("%m/%d/%Y %H:%M:%S.%f")]), zone).tolist()
    if there_and_back == moment:
        assert read == milliseconds(local.astimezone(UTC).replace(tzinfo=None))
    else:
        assert read == MISSING_TIME, "the clocks left this hour out"


def test_an_offset_says_more_than_the_zone_and_a_lone_clock_less() -> None:
    words = ["2020-01-31T10:11:12+01:00", "2020-01-31T10:11:12Z", "10:11:12", "1580465472000", None]
    expected = [1580461872000, 1580465472000, 36672000, 1580465472000, MISSING_TIME]
    assert read_times(texts(words), "America/New_York").tolist() == expected


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63) + 1, 2**63 - 1)), min_size=1, max_size=30))
@settings(deadline=None, derandomize=True)
def test_whole_numbers_keep_all_their_digits(numbers: list[int | None]) -> None:
    values = from_text(texts([None if n is None else str(n) for n in numbers]), ColumnType.NUMERIC, ()).values
    if values.dtype == np.int64:
        found = [None if value == np.iinfo(np.int64).min else value for value in values.tolist()]
    else:
        found = [None if np.isnan(value) else int(value) for value in values]
    assert found == numbers


@pytest.mark.parametrize("others", ["1.5", "9223372036854775808", "-9223372036854775808"])
def test_what_does_not_fit_among_whole_numbers_makes_them_real(others: str) -> None:
    values = from_text(texts([str(2**53 + 1), others]), ColumnType.NUMERIC, ()).values
    assert values.tolist() == [float(2**53 + 1), float(others)]


def test_percentages_stay_apart_from_long_whole_numbers() -> None:
    values = from_text(texts(["5%", None, str(2**53 + 1), "$3"]), ColumnType.NUMERIC, ()).values
    np.testing.assert_array_equal(values, [0.05, np.nan, 2.0**53, 3])


def test_long_numbers_times_and_uuids_arrive_in_the_frame(cloud: Cloud, parse_text: Parse) -> None:
    frame, job = parse_text(
        cloud,
        "n,t,u\n"
        "9007199254740993,2020-01-31 10:11:12,550e8400-e29b-41d4-a716-446655440000\n"
        ",NA,\n"
        "-9007199254740995,31-Jan-20,6ba7b810-9dad-11d1-80b4-00c04fd430c8\n"
        "7,01/31/2020,550e8400-e29b-41d4-a716-446655440000\n",
    )
    numbers, times, uuids = cloud.read(frame)
    missing = np.iinfo(np.int64).min
    assert [column.type for column in frame.columns] == [ColumnType.NUMERIC, ColumnType.TIME, ColumnType.UUID]
    assert np.asarray(numbers).tolist() == [9007199254740993, missing, -9007199254740995, 7]
    assert times.tolist() == [1580465472000, MISSING_TIME, 1580428800000, 1580428800000]
    first = "550E8400-E29B-41D4-A716-446655440000"
    assert uuids.to_pylist() == [first, None, "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", first]
    assert [column.rollups.missing for column in frame.columns] == [1, 1, 1]
    assert job.warnings == []


def test_numbers_far_beyond_all_times_are_missing() -> None:
    assert read_times(texts(["9" * 20, "-5", "7.9"])).tolist() == [MISSING_TIME, -5, 7]


def test_what_is_no_time_or_uuid_is_missing_with_a_warning(cloud: Cloud, parse_text: Parse) -> None:
    types = (ColumnType.TIME, ColumnType.UUID)
    frame, job = parse_text(cloud, "t,u\n2020-01-01,\nsoon,x\n2020-02-30,\n", column_types=types)
    assert [column.rollups.missing for column in frame.columns] == [2, 3]
    assert [warning.partition("file.csv, ")[2] for warning in job.warnings] == [
        "line 3, column t: 'soon' is not a time and is taken as missing",
        "line 4, column t: '2020-02-30' is not a time and is taken as missing",
        "line 3, column u: 'x' is not a uuid and is taken as missing",
    ]


def test_a_quoted_nothing_stays_a_text_where_records_are_ragged(cloud: Cloud, parse_text: Parse) -> None:
    types = (ColumnType.STRING, ColumnType.ENUM)
    text = 's,e\n"",""\n,\nx\n"","a",1\n'
    frame, _ = parse_text(cloud, text, column_types=types, header=Header.PRESENT)
    strings, codes = cloud.read(frame)
    assert strings.to_pylist() == ["", None, "x", ""]
    assert (frame.columns[1].domain, codes.tolist()) == (("", "a"), [0, -1, -1, 1])


def test_folders_become_columns(cloud: Cloud, tmp_path: Path, parse_with: ParseWith) -> None:
    sources = []
    for year, month, rows in ((2020, "1", "1\n2\n"), (2020, "2", "3\n"), (2021, "1", "4\n5\n")):
        path = tmp_path / f"year={year}" / f"month={month}" / "part.csv"
        path.parent.mkdir(parents=True)
        path.write_text(f"v\n{rows}")
        sources.append(Source.of_file(path, str(path)))
    frame, _ = parse_with(cloud, guess(sources, Wishes(partition_by=("month", "year")), cloud))
    values, months, years = cloud.read(frame)
    assert frame.names == ("v", "month", "year")
    assert [column.domain for column in frame.columns] == [None, ("1", "2"), ("2020", "2021")]
    assert (values.tolist(), months.tolist(), years.tolist()) == (
        [1, 2, 3, 4, 5], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1],
    )  # fmt: skip
    with pytest.raises(InvalidArgument, match=r"partition_by: .*part\.csv is in no folder 'day=…'"):
        guess(sources, Wishes(partition_by=("day",)), cloud)


@pytest.mark.parametrize(
    ("content", "difference"),
    [
        ("a,b,c\n3,4,5\n", "it has 3 columns, not 2"),
        ("a;b\n3;4\n5;6\n", "its separator is ';', not ','"),
        ("c,d\n3,4\n", "its columns are c, d, not a, b"),
    ],
)
def test_files_that_cannot_follow_each_other_are_refused_by_name(
    source_of: Make, content: str, difference: str
) -> None:
    sources = [source_of("a,b\n1,2\n2,3\n", "first.csv"), source_of(content, "second.csv")]
    with pytest.raises(ParseFailure, match=rf"second\.csv .*{difference} as in .*first\.csv"):
        guess(sources)


def test_a_column_of_too_many_categories_is_refused_and_leaves_nothing(
    embedded: Cloud,
    source_of: Make,
    parse_with: ParseWith,
    nothing_left: Check,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(domains, "MAX_LEVELS", 3)
    sources = [source_of("word\na\nb\n", "first.csv"), source_of("word\nc\nd\n", "second.csv")]
    setup = guess(sources, Wishes(column_types=(ColumnType.ENUM,), header=Header.PRESENT))
    with pytest.raises(InvalidArgument, match="word has more than 3 categories; read it as string"):
        parse_with(embedded, setup)
    assert nothing_left(embedded)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (",".join("ab" * 20) + "\n", "the first line.*more than 30 columns; is ',' the separator"),
        ("a" * 10_000 + "\n1\n", "the first line.*it is longer than 0 MB: is a quote left open"),
        ("a,b\n".encode("utf-16"), "it is UTF-16; convert it to UTF-8"),
    ],
    ids=["columns", "length", "encoding"],
)
def test_what_is_too_wide_or_no_text_is_refused_at_its_beginning(
    source_of: Make, monkeypatch: pytest.MonkeyPatch, content: str | bytes, reason: str
) -> None:
    monkeypatch.setattr(csv_setup, "MAX_COLUMNS", 30)
    monkeypatch.setattr(csv_setup, "_HEAD_BYTES", 100)
    monkeypatch.setattr(csv_setup, "_MAX_HEAD_BYTES", 1000)
    with pytest.raises(ParseFailure, match=reason):
        guess([source_of(content)])


def test_a_header_longer_than_the_first_look_is_read_whole(embedded: Cloud, parse_text: Parse) -> None:
    names = [f"a_column_with_the_long_name_{i}" for i in range(5000)]
    frame, _ = parse_text(embedded, ",".join(names) + "\n" + ",".join("1" * 5000) + "\n")
    assert frame.names == tuple(names)
