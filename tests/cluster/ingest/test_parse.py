"""Files become frames: the same on one embedded node and on three Ray nodes."""

from __future__ import annotations

import gzip
import importlib
import pickle
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import AquiferError, InvalidArgument, MemoryExceeded, ParseFailure, SourceNotFound
from aquifer_cluster.export import CsvEncoder, stream
from aquifer_cluster.frame import MAX_BLOCK_ROWS, Frame
from aquifer_cluster.ingest import (
    Access,
    Header,
    ParseSetup,
    Source,
    Wishes,
    find_sources,
    guess,
    parse,
    require_room,
)
from aquifer_cluster.jobs import Job, Jobs, JobStatus
from aquifer_cluster.ray_reach import RayPending
from hypothesis import given, settings
from hypothesis import strategies as st

N, E, S = ColumnType.NUMERIC, ColumnType.ENUM, ColumnType.STRING
Parse = Callable[..., tuple[Frame, Job]]
ParseWith = Callable[[Cloud, ParseSetup], tuple[Frame, Job]]
Make = Callable[..., Source]
Check = Callable[[Cloud], bool]


def table(cloud: Cloud, frame: Frame) -> dict[str, list[object]]:
    """The frame as Python values; missing is None."""
    found: dict[str, list[object]] = {}
    for name, column, values in zip(frame.names, frame.columns, cloud.read(frame), strict=True):
        if column.domain is not None:
            found[name] = [None if code < 0 else column.domain[code] for code in values]
        elif column.type is N:
            found[name] = [None if np.isnan(value) else value for value in values]
        else:
            found[name] = values.to_pylist()
    return found


CASES: dict[str, tuple[str | bytes, dict[str, object], dict[str, list[object]]]] = {
    "missing values": (
        "n,e,s\n1,x,p\n,,\nNA,y,q\n2.5,x,r\nnan,y,t\n",
        {},
        {
            "n": [1, None, None, 2.5, None],
            "e": ["x", None, "y", "x", "y"],
            "s": ["p", None, "q", "r", "t"],
        },
    ),
    "a word for missing is a level unless it is said to mean missing": (
        "e\nNA\na\nb\na\n",
        {"header": Header.PRESENT, "column_types": (E,)},
        {"e": ["NA", "a", "b", "a"]},
    ),
    "words said to mean missing": (
        "n,e,s\n1,x,p\n-9,NA,-\n3,y,q\n",
        {"na_strings": (("-9",), ("NA",), ("-",)), "column_types": (N, E, S)},
        {"n": [1, None, 3], "e": ["x", None, "y"], "s": ["p", None, "q"]},
    ),
    "a quoted nothing is an empty text": (
        'e,s,n\n"","",1\na,b,""\n,,3\n',
        {"column_types": (E, S, N)},
        {"e": ["", "a", None], "s": ["", "b", None], "n": [1, None, 3]},
    ),
    "quotes": (
        'a,b\n1,"x\ny"\n2,"p""q"\n3,"r,s"\n',
        {},
        {"a": [1, 2, 3], "b": ["x\ny", 'p"q', "r,s"]},
    ),
    "a quote within a field": ('a,b\n5" pipe,1\n6" pipe,2\n', {}, {"a": ['5" pipe', '6" pipe'], "b": [1, 2]}),
    "other quotes": ("a,b\n'x,y',1\n'z',2\n", {"quote": "'"}, {"a": ["x,y", "z"], "b": [1, 2]}),
    "escapes": ('a,b\n"x\\"y",1\n"z",2\n', {"escape": "\\"}, {"a": ['x"y', "z"], "b": [1, 2]}),
    "windows line ends": ("a,b\r\n1,x\r\n2,y\r\n", {}, {"a": [1, 2], "b": ["x", "y"]}),
    "old mac line ends": ("a,b\r1,x\r2,y\r", {}, {"a": [1, 2], "b": ["x", "y"]}),
    "blank lines": ("\na,b\n\n1,2\n\n3,4\n   \n\n", {}, {"a": [1, 3], "b": [2, 4]}),
    "comments": ("# by hand\na,b\n1,2\n#3,4\n5,6\n", {}, {"a": [1, 5], "b": [2, 6]}),
    "spaces before fields": (
        'a,b\n1, x\n 2, "y,z"\n3," w"\n4, x\n',
        {},
        {"a": [1, 2, 3, 4], "b": ["x", "y,z", " w", "x"]},
    ),
    "spaces first of all": (
        '"  x ",1\n" y",2\nz,3\n',
        {"header": Header.NONE},
        {"C1": ["  x ", " y", "z"], "C2": [1, 2, 3]},
    ),
    "nothing in quotes means missing": (
        'a,b\nx,""\n"","y"\n',
        {"header": Header.PRESENT, "na_strings": (("",), ("",))},
        {"a": ["x", None], "b": [None, "y"]},
    ),
    "separated by several spaces": ("a  b\n1   2\n 3 4 \n", {}, {"a": [1, 3], "b": [2, 4]}),
    "a byte order mark": (b"\xef\xbb\xbfa,b\n1,x\n2,y\n", {}, {"a": [1, 2], "b": ["x", "y"]}),
    "utf-8": ("a,b\n1,café\n2,日本\n", {}, {"a": [1, 2], "b": ["café", "日本"]}),
    "latin-1": (b"a,b\n1,caf\xe9\n2,y\n", {}, {"a": [1, 2], "b": ["café", "y"]}),
    "numbers as people write them": (
        "a\n1e5\n1.5E-3\n-2.5\n.5\n5.\n+3\n$10\n5%\n 7 \n-0\n00012\nInf\n-inf\n1E+2\n",
        {},
        {"a": [1e5, 1.5e-3, -2.5, 0.5, 5, 3, 10, 0.05, 7, 0, 12, np.inf, -np.inf, 100]},
    ),
    "numbers as categories": (
        "a,b\n1,2\n10,3\n9,4\n",
        {"column_types": (E, S)},
        {"a": list("1X9"), "b": list("234")},
    ),
    "no header": ("1,x\n2,y\n", {}, {"C1": [1, 2], "C2": ["x", "y"]}),
    "a column without a name": ("a,,b\n1,2,3\n", {}, {"a": [1], "C2": [2], "b": [3]}),
    "skipped columns": ("a,b,c\n1,x,2\n3,y,4\n", {"skipped_columns": (1,)}, {"a": [1, 3], "c": [2, 4]}),
    "only a header": ("a,b\n", {}, {"a": [], "b": []}),
    "a name of one's own": ("a,b\n1,2\n", {"column_names": ("p", "q")}, {"p": [1], "q": [2]}),
}
CASES["numbers as categories"][2]["a"] = ["1", "10", "9"]


@pytest.mark.parametrize("name", CASES)
def test_what_is_in_the_file_is_in_the_frame(cloud: Cloud, parse_text: Parse, name: str) -> None:
    content, wishes, expected = CASES[name]
    frame, job = parse_text(cloud, content, **wishes)
    assert table(cloud, frame) == expected
    assert job.warnings == []
    assert frame.rows == len(next(iter(expected.values())))


def test_records_of_other_lengths_are_mended_with_a_warning(cloud: Cloud, parse_text: Parse) -> None:
    frame, job = parse_text(cloud, "a,b,c\n1,2\n\n1,2,3,4\n5,6,7\n")
    assert table(cloud, frame) == {"a": [1, 1, 5], "b": [2, 2, 6], "c": [None, 3, 7]}
    short, long = job.warnings
    assert short.endswith("file.csv, line 2: 2 fields instead of 3, the others are taken as missing")
    assert long.endswith("file.csv, line 4: 4 fields instead of 3, the rest is left out")


def test_a_word_among_numbers_becomes_missing_with_a_warning(cloud: Cloud, parse_text: Parse) -> None:
    lines = [f"{i},{i}" for i in range(5000)]
    lines[3000] = "oops,3000"
    frame, job = parse_text(cloud, "# note\na,b\n" + "\n".join(lines) + "\n")
    assert frame.column("a").rollups.missing == 1
    assert np.isnan(cloud.read(frame.select(["a"]), 3000, 3001)[0]).all()
    (warning,) = job.warnings
    assert warning.endswith("file.csv, line 3,003, column a: 'oops' is not a number and is taken as missing")


def test_warnings_are_limited(cloud: Cloud, parse_text: Parse) -> None:
    frame, job = parse_text(cloud, "a,b\n" + "1,2\n" * 600 + "x,2\n" * 500)
    assert frame.column("a").rollups.missing == 500
    assert 10 <= len(job.warnings) <= 51


def test_levels_are_sorted_and_mean_the_same_in_all_blocks(cloud: Cloud, parse_text: Parse) -> None:
    rng = np.random.default_rng(3)
    words = [f"w{k}" for k in rng.integers(0, 40, 4000)] + ["zz", "Z", "é", "10", "9"] * 10
    frame, _ = parse_text(cloud, "e,n\n" + "".join(f"{word},1\n" for word in words))
    column = frame.column("e")
    assert column.domain == tuple(sorted(set(words)))
    assert table(cloud, frame)["e"] == words
    assert column.rollups.maximum == len(set(words)) - 1


def test_files_follow_each_other_and_further_headers_are_left_out(
    cloud: Cloud, source_of: Make, parse_with: ParseWith
) -> None:
    sources = [
        source_of("a,b\n1,x\n2,y\n", "one.csv"),
        source_of(gzip.compress(b"a,b\n3,z\n"), "two.csv.gz"),
        source_of("4,x\n", "three.csv"),
        source_of("A,B\n5,w", "four.csv"),
    ]
    frame, _ = parse_with(cloud, guess(sources, Wishes(column_types=(N, E))))
    assert table(cloud, frame) == {"a": [1, 2, 3, 4, 5], "b": ["x", "y", "z", "x", "w"]}
    assert frame.column("b").domain == ("w", "x", "y", "z")


def test_rows_of_a_large_file_keep_their_order(cloud: Cloud, source_of: Make, parse_with: ParseWith) -> None:
    rows = 200_000
    text = "i,x\n" + "".join(f"{i},{i * 0.25}\n" for i in range(rows))
    frame, _ = parse_with(cloud, guess([source_of(text)]))
    i, x = cloud.read(frame)
    np.testing.assert_array_equal(i, np.arange(rows))
    np.testing.assert_array_equal(x, np.arange(rows) * 0.25)
    assert max(frame.layout.block_rows) <= MAX_BLOCK_ROWS


@pytest.mark.parametrize("rows", [150, 20_000])
def test_one_compressed_file_ends_spread_evenly(
    cloud: Cloud, source_of: Make, parse_with: ParseWith, rows: int
) -> None:
    rng = np.random.default_rng(5)
    text = "".join(",".join(map(str, row)) + "\n" for row in rng.integers(0, 100, (rows, 5)).tolist())
    frame, _ = parse_with(cloud, guess([source_of(gzip.compress(text.encode()), "x.csv.gz")]))
    shares = [frame.layout.rows_of(node) for node in range(cloud.size)]
    assert sum(shares) == rows
    assert max(shares) <= 1.2 * min(shares)


def test_progress_is_that_of_the_bytes_read(embedded: Cloud, source_of: Make) -> None:
    seen: list[float] = []

    class Watched(Job):
        def update(self, progress: float, message: str | None = None) -> None:
            seen.append(progress)
            super().update(progress, message)

    setup = guess([source_of("a,b\n" + "12,34\n" * 400_000)])
    parse(embedded, setup, Watched("job_watched", "Parse", "x", "frame"))
    embedded.release("job_watched")
    assert len(seen) > 4
    assert seen == sorted(seen)
    assert 0 < seen[0] < 0.5
    assert seen[-1] <= 1


def test_a_cancelled_parse_stops_within_a_second_and_leaves_nothing(
    cloud: Cloud, source_of: Make, nothing_left: Check
) -> None:
    setup = guess([source_of("a,b,c,d\n" + "12,34,5.25,x\n" * 3_000_000)])
    jobs = Jobs(cloud)
    frames: list[Frame] = []
    job = jobs.start("Parse", "x", "frame", lambda job: frames.append(parse(cloud, setup, job)))
    until = time.monotonic() + 20
    while job.progress == 0 and time.monotonic() < until:
        time.sleep(0.01)
    started = time.monotonic()
    jobs.cancel(job)
    assert job.wait(10)
    assert time.monotonic() - started < 1
    assert (job.status, frames) == (JobStatus.CANCELLED, [])
    assert nothing_left(cloud)


@pytest.mark.ray
def test_a_parse_whose_node_dies_names_it_and_leaves_nothing(
    mortal: Cloud, kill: Callable[[Cloud, int], None], source_of: Make, nothing_left: Check
) -> None:
    setup = guess([source_of("a,b,c,d\n" + "12,34,5.25,x\n" * 3_000_000)])
    frames: list[Frame] = []
    job = Jobs(mortal).start("Parse", "x", "frame", lambda job: frames.append(parse(mortal, setup, job)))
    until = time.monotonic() + 20
    while job.progress == 0 and time.monotonic() < until:
        time.sleep(0.01)
    kill(mortal, 1)
    assert job.wait(60)
    assert (job.status, frames) == (JobStatus.FAILED, [])
    assert job.exception is not None
    assert job.exception.startswith("Node 1 is gone")
    assert nothing_left(mortal)


@pytest.mark.parametrize("step", ["merge_levels", "recoded"])
def test_a_parse_that_is_cancelled_while_it_merges_levels_leaves_nothing(
    cloud: Cloud, source_of: Make, nothing_left: Check, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    jobs = Jobs(cloud)
    module = importlib.import_module("aquifer_cluster.ingest.parse")
    proceed = getattr(module, step)

    def cancel_first(*arguments: object) -> object:
        jobs.cancel(*jobs.all())
        return proceed(*arguments)

    monkeypatch.setattr(module, step, cancel_first)
    words = "".join(f"{word}\n" * 10 for word in range(2000, 2200))
    setup = replace(guess([source_of(f"e\n{words}")], Wishes(column_types=(E,))), chunk_size=4096)
    frames: list[Frame] = []
    job = jobs.start("Parse", "x", "frame", lambda job: frames.append(parse(cloud, setup, job)))
    assert job.wait(60)
    assert (job.status, frames) == (JobStatus.CANCELLED, [])
    assert nothing_left(cloud)


def test_a_gzip_file_that_ends_early_is_named_and_nothing_is_left(
    cloud: Cloud, source_of: Make, parse_with: ParseWith, nothing_left: Check
) -> None:
    rng = np.random.default_rng(5)
    text = "".join(f"{a},{b}\n" for a, b in rng.integers(0, 10**9, (200_000, 2)).tolist())
    source = source_of(gzip.compress(text.encode())[:-100_000], "cut.csv.gz")
    with pytest.raises(ParseFailure, match=r"cut\.csv\.gz .*ends early"):
        parse_with(cloud, guess([source]))
    assert nothing_left(cloud)


def test_a_file_that_went_away_is_named(cloud: Cloud, source_of: Make, parse_with: ParseWith) -> None:
    setup = guess([source_of("1,2\n")])
    Path(setup.sources[0].path).unlink()
    with pytest.raises(SourceNotFound, match=r"file\.csv"):
        parse_with(cloud, setup)


def test_a_name_that_occurs_twice_is_refused_before_anything_is_read(
    cloud: Cloud, source_of: Make, parse_with: ParseWith
) -> None:
    with pytest.raises(InvalidArgument, match="Found duplicate column name a"):
        parse_with(cloud, guess([source_of("a,a,b\n1,2,3\n")]))


def test_a_file_that_would_not_fit_is_refused_up_front(
    embedded: Cloud, source_of: Make, parse_with: ParseWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(5)
    setup = guess([source_of("".join(f"{value}\n" for value in rng.normal(size=100_000).tolist()))])
    monkeypatch.setattr(embedded, "memory", embedded.used_bytes + 100_000)
    with pytest.raises(MemoryExceeded, match=r"Parsing file\.hex needs about 7.* KB, but 97\.7 KB"):
        parse_with(embedded, setup)


def test_a_file_that_turns_out_not_to_fit_is_refused_on_the_way(
    embedded: Cloud,
    source_of: Make,
    parse_with: ParseWith,
    monkeypatch: pytest.MonkeyPatch,
    nothing_left: Check,
) -> None:
    rng = np.random.default_rng(5)
    text = "0\n" * 200_000 + "".join(f"{value}\n" for value in rng.normal(size=1_000_000).tolist())
    setup = guess([source_of(text)])
    monkeypatch.setattr(embedded, "memory", embedded.used_bytes + 2_000_000)
    with pytest.raises(MemoryExceeded, match=r"Parsing file\.hex"):
        parse_with(embedded, setup)
    assert nothing_left(embedded)


def test_two_parses_at_once_do_not_disturb_each_other(
    cloud: Cloud, source_of: Make, parse_with: ParseWith
) -> None:
    setups = [
        guess([source_of("".join(f"{i + k},{k}\n" for i in range(20_000)), f"{k}.csv")]) for k in range(3)
    ]
    frames: dict[int, Frame] = {}

    def work(k: int) -> None:
        frames[k] = parse_with(cloud, setups[k])[0]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, frame in frames.items():
        first, second = cloud.read(frame)
        np.testing.assert_array_equal(first, np.arange(20_000) + k)
        assert (second == k).all()
    assert len(frames) == 3


MANGLED = (
    b"a,b,c\n1,x,2.5\n3,y,4.5\n5,x,6.5\n" * 20,
    b'a;b\n"x\n;y";1\n"z""";2\n' * 20,
    "n\tö\n1\té\n".encode() * 20,
    gzip.compress(b"a,b\n" + b"1,2\n3,4\n" * 300),
)
WEEDS = st.sampled_from([b'"', b"\0", b"\r", b"\n", b",", b"\xff\xfe", b'""\'', b"\\", b"  ", b"#", b"1e999"])
MANGLING = st.tuples(
    st.sampled_from(["insert", "cut out", "cut off", "flip"]), st.floats(0, 1), WEEDS, st.integers(1, 200)
)


@given(st.sampled_from(MANGLED), st.lists(MANGLING, max_size=6))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_a_mangled_file_gives_a_frame_or_a_plain_error(
    clouds: Callable[[int], Cloud],
    tmp_path_factory: pytest.TempPathFactory,
    content: bytes,
    manglings: list[tuple[str, float, bytes, int]],
) -> None:
    mangled = bytearray(content)
    for way, where, weed, length in manglings:
        place = int(where * len(mangled))
        if way == "insert":
            mangled[place:place] = weed
        elif way == "flip" and place < len(mangled):
            mangled[place] ^= 1 << length % 8
        else:
            del mangled[place : place + length if way == "cut out" else len(mangled)]
    path = tmp_path_factory.getbasetemp() / "mangled.csv"
    path.write_bytes(bytes(mangled))
    outcome = attempted(clouds(0), Source.of_file(path, "mangled.csv"))
    assert "mangled.csv" in outcome or outcome.startswith(("frame", "column_names"))


def attempted(cloud: Cloud, source: Source) -> str:
    """What comes of a file: `frame`, or the message of the typed error that refused it."""
    try:
        frame = parse(cloud, guess([source]), Job("job_m", "Parse", "m", "frame"))
        assert b"".join(stream(cloud, frame, CsvEncoder.of(frame))).count(b"\n") >= frame.rows + 1
        return "frame"
    except AquiferError as refused:
        return str(refused)
    finally:
        cloud.release("job_m")


@pytest.mark.slow
def test_mnist_is_spread_evenly_and_passes_by_the_coordinator(
    cloud: Cloud, test_data: Path, parse_with: ParseWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = guess(find_sources([str(test_data / "mnist_test.csv.gz")], Access()))
    received: list[int] = []
    result = RayPending.result

    def counted(call: RayPending, timeout: float | None = None) -> object:
        found = result(call, timeout)
        received.append(len(pickle.dumps(found)))
        return found

    monkeypatch.setattr(RayPending, "result", counted)
    frame, _ = parse_with(cloud, setup)
    assert (frame.rows, len(frame.columns)) == (10_000, 785)
    if cloud.size > 1:
        rows = [frame.layout.rows_of(node) for node in range(cloud.size)]
        assert max(rows) <= 1.2 * min(rows)
        assert 0 < sum(received) < 4 << 20, f"{sum(received):,} bytes of 18 MB of text"
    label = cloud.read(frame.select(["C785"]))[0]
    assert np.bincount(label.astype(int)).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_several_files_keep_their_order_and_number_of_rows(
    cloud: Cloud, source_of: Make, parse_with: ParseWith, nothing_left: Check
) -> None:
    rows = [3000, 1, 50_000, 0, 700]
    texts = [
        "n,s\n" + "".join(f"{number},{place}\n" for place in range(count))
        for number, count in enumerate(rows)
    ]
    packed = [gzip.compress(text.encode()) if number % 2 else text for number, text in enumerate(texts)]
    sources = [source_of(text, f"{number}.csv") for number, text in enumerate(packed)]
    frame, _ = parse_with(cloud, guess(sources))
    number, place = cloud.read(frame)
    np.testing.assert_array_equal(number, np.repeat(np.arange(len(rows)), rows))
    np.testing.assert_array_equal(place, np.concatenate([np.arange(count) for count in rows]))
    assert nothing_left(cloud)


def test_a_broken_file_among_others_is_named_and_nothing_is_left(
    cloud: Cloud, source_of: Make, parse_with: ParseWith, nothing_left: Check
) -> None:
    text = "".join(f"{k},{k}\n" for k in range(100_000)).encode()
    sources = [source_of(gzip.compress(text), f"{k}.csv.gz") for k in range(4)]
    sources[2] = source_of(gzip.compress(text)[:-5000], "broken.csv.gz")
    with pytest.raises(ParseFailure, match=r"broken\.csv\.gz .*ends early"):
        parse_with(cloud, guess(sources))
    assert nothing_left(cloud)


def test_two_parses_that_do_not_fit_together_are_refused_one_of_them(
    embedded: Cloud, source_of: Make, monkeypatch: pytest.MonkeyPatch, nothing_left: Check
) -> None:
    text = "".join(f"{value}\n" for value in np.random.default_rng(5).normal(size=100_000).tolist())
    setup = guess([source_of(text)])
    monkeypatch.setattr(embedded, "memory", embedded.used_bytes + 1_200_000)
    with embedded.reserve("Another parse", 800_000):
        with pytest.raises(MemoryExceeded, match=r"Parsing file\.hex"):
            parse(embedded, setup, Job("job_2", "Parse", "x", "frame"))
        with pytest.raises(MemoryExceeded, match=r"Parsing file\.hex"):
            require_room(embedded, setup)
    require_room(embedded, setup)
    embedded.release("job_2")
    assert nothing_left(embedded)
