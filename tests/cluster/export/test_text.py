"""Frames come out as CSV as H2O writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.export import CsvEncoder, CsvFormat, encoders, stream
from aquifer_cluster.export.text import TextColumn, lines
from aquifer_cluster.frame import Frame, Layout
from aquifer_cluster.ingest import Access, ParseSetup, find_sources, guess
from aquifer_cluster.jobs import Job
from hypothesis import given, settings
from hypothesis import strategies as st

Parse = Callable[..., tuple[Frame, Job]]

JAVA = [  # what Java 17 prints: Double.toString, Double.toHexString
    (0.0, "0.0", "0x0.0p0"),
    (-0.0, "-0.0", "-0x0.0p0"),
    (1.0, "1.0", "0x1.0p0"),
    (0.1, "0.1", "0x1.999999999999ap-4"),
    (-3.0, "-3.0", "-0x1.8p1"),
    (0.001, "0.001", "0x1.0624dd2f1a9fcp-10"),
    (0.0001234, "1.234E-4", "0x1.02c9dedbc309dp-13"),
    (1e-5, "1.0E-5", "0x1.4f8b588e368f1p-17"),
    (9999999.0, "9999999.0", "0x1.312cfep23"),
    (1e7, "1.0E7", "0x1.312dp23"),
    (12345678.9, "1.23456789E7", "0x1.78c29dccccccdp23"),
    (1234567890123.5, "1.2345678901235E12", "0x1.1f71fb04cb8p40"),
    (1e21, "1.0E21", "0x1.b1ae4d6e2ef5p69"),
    (1e-300, "1.0E-300", "0x1.56e1fc2f8f359p-997"),
    (3.14159265358979, "3.14159265358979", "0x1.921fb54442d11p1"),
    (100.0, "100.0", "0x1.9p6"),
    (1000000.0, "1000000.0", "0x1.e848p19"),
    (9999999.5, "9999999.5", "0x1.312cffp23"),
    (-0.25, "-0.25", "-0x1.0p-2"),
    (1e23, "1.0E23", "0x1.52d02c7e14af6p76"),
    (1.7976931348623157e308, "1.7976931348623157E308", "0x1.fffffffffffffp1023"),
    (float("inf"), "Infinity", "Infinity"),
    (float("-inf"), "-Infinity", "-Infinity"),
]


def make(cloud: Cloud, columns: dict[str, tuple[ColumnType, object, tuple[str, ...] | None]]) -> Frame:
    """A frame of one block on the first node."""
    values = [value for _, value, _ in columns.values()]
    written = cloud.new_columns(type for type, _, _ in columns.values())
    statistics, _ = cloud.write(written, 0, 0, together, values).result()
    layout = Layout((len(values[0]),), (0,))  # type: ignore[arg-type]
    domains = [domain for _, _, domain in columns.values()]
    return Frame(tuple(columns), tuple(cloud.make_columns(written, [statistics], layout, domains)), layout)


def together(values: list[object]) -> tuple[list[object], None]:
    return values, None


def text(cloud: Cloud, frame: Frame, format: CsvFormat | None = None) -> str:
    return b"".join(stream(cloud, frame, CsvEncoder.of(frame, format))).decode()


def written(values: list[float], hex_string: bool = False) -> list[str]:
    """Numbers as a column of real numbers shows them."""
    column, format = (
        TextColumn(ColumnType.NUMERIC, whole=False, levels=None),
        CsvFormat(hex_string=hex_string),
    )
    return lines([np.array(values)], [column], format).decode().splitlines()


@pytest.mark.parametrize(("value", "decimal", "hexadecimal"), JAVA)
@pytest.mark.parametrize("among", [(), (1e-5,)], ids=["alone", "among others"])
def test_numbers_look_as_java_writes_them(
    value: float, decimal: str, hexadecimal: str, among: tuple[float, ...]
) -> None:
    assert written([value, *among])[0] == decimal
    assert written([value, *among], hex_string=True)[0] == hexadecimal


@given(st.lists(st.floats(allow_nan=False) | st.decimals(-999, 999, places=3).map(float), min_size=1))
@settings(derandomize=True, max_examples=300, deadline=None)
def test_written_numbers_read_back_exactly(values: list[float]) -> None:
    decimal, hexadecimal = written(values), written(values, hex_string=True)
    for value, text, hexed in zip(values, decimal, hexadecimal, strict=True):
        assert float(text.replace("Infinity", "inf")).hex() == value.hex()
        assert float.fromhex(hexed.replace("Infinity", "inf")).hex() == value.hex()
        digits = text.replace("Infinity", "inf").lower().strip("-").partition("e")[0].replace(".", "")
        assert len(digits.strip("0")) <= len(repr(abs(value)).partition("e")[0].replace(".", "").strip("0"))


@given(st.lists(st.integers(-(2**63) + 1, 2**63 - 1), min_size=1))
@settings(derandomize=True, deadline=None)
def test_whole_numbers_keep_all_their_digits(values: list[int]) -> None:
    column = TextColumn(ColumnType.NUMERIC, whole=True, levels=None)
    assert lines([np.array(values, np.int64)], [column], CsvFormat()).decode().split() == list(
        map(str, values)
    )


def test_every_type_has_its_look(cloud: Cloud) -> None:
    frame = make(
        cloud,
        {
            "int": (ColumnType.NUMERIC, np.array([1, -2, np.nan, 4e18]), None),
            'real "x"': (ColumnType.NUMERIC, np.array([1, 0.5, np.nan, 1e-5]), None),
            "enum": (ColumnType.ENUM, np.array([0, 1, -1, 2], np.int32), ("", 'a"b', "c,d")),
            "string": (ColumnType.STRING, pa.array(["x\ny", 'q"', None, ""]), None),
            "time": (ColumnType.TIME, np.array([0, 1577836800000, np.iinfo(np.int64).min, -1]), None),
            "uuid": (ColumnType.UUID, pa.array(["6F8B", None, None, "A"]), None),
        },
    )
    assert text(cloud, frame) == (
        '"int","real ""x""","enum","string","time","uuid"\n'
        '1,1.0,"","x\ny",0,6F8B\n'
        '-2,0.5,"a""b","q""",1577836800000,\n'
        ",,,,,\n"
        '4000000000000000000,1.0E-5,"c,d","",-1,A\n'
    )


def test_the_look_can_be_chosen(cloud: Cloud) -> None:
    frame = make(
        cloud,
        {
            "x": (ColumnType.NUMERIC, np.array([0.1, np.nan, 3]), None),
            "s": (ColumnType.STRING, pa.array(['q"', None, "b"]), None),
        },
    )
    assert text(cloud, frame, CsvFormat(hex_string=True)) == (
        '"x","s"\n0x1.999999999999ap-4,"q"""\n,\n0x1.8p1,"b"\n'
    )
    assert text(cloud, frame, CsvFormat(escape_quotes=False, header=False)) == '0.1,"q""\n,\n3.0,"b"\n'
    assert text(cloud, frame, CsvFormat(separator=";", quote_header=False)).startswith('x;s\n0.1;"q"""\n')


def test_a_frame_without_rows_is_its_header(cloud: Cloud, parse_text: Parse) -> None:
    assert text(cloud, parse_text(cloud, "a,b\n")[0]) == '"a","b"\n'


def test_missing_rows_of_a_single_column_are_empty_lines(cloud: Cloud) -> None:
    frame = make(cloud, {"x": (ColumnType.NUMERIC, np.array([1, np.nan, 2.5]), None)})
    assert text(cloud, frame) == '"x"\n1.0\n\n2.5\n'


def test_what_was_written_is_read_back_the_same(cloud: Cloud, parse_text: Parse) -> None:
    rng = np.random.default_rng(11)
    rows = 3000
    numbers = np.where(
        rng.random(rows) < 0.1, np.nan, rng.normal(size=rows) * 10.0 ** rng.integers(-9, 9, rows)
    )
    strings = [None if i % 7 == 0 else f'{i} "x", y\n' for i in range(rows)]
    frame = make(
        cloud,
        {
            "n": (ColumnType.NUMERIC, numbers, None),
            "s": (ColumnType.STRING, pa.array(strings, pa.string()), None),
            "k": (ColumnType.NUMERIC, rng.integers(-5, 5, rows).astype(float), None),
        },
    )
    again, _ = parse_text(cloud, text(cloud, frame))
    for values, expected in zip(cloud.read(again), cloud.read(frame), strict=True):
        if isinstance(values, np.ndarray):
            np.testing.assert_array_equal(values, expected)
        else:
            assert values.to_pylist() == expected.to_pylist()


def test_it_is_written_piece_by_piece(
    cloud: Cloud, parse_text: Parse, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = '"a","b"\n' + "".join(f"{i},{i % 7}\n" for i in range(5000))
    frame, _ = parse_text(cloud, content)
    monkeypatch.setattr(encoders, "MOST_TEXT_ROWS", 500)
    pieces = list(stream(cloud, frame, CsvEncoder.of(frame)))
    assert len(pieces) > 10
    assert b"".join(pieces).decode() == content
    assert all(piece.endswith(b"\n") for piece in pieces if piece)


@pytest.mark.parametrize("name", ["covtype.20k.data", "prostate.csv", "iris_wheader.csv"])
def test_known_files_come_out_as_they_went_in(
    cloud: Cloud,
    test_data: Path,
    parse_with: Callable[[Cloud, ParseSetup], tuple[Frame, Job]],
    name: str,
) -> None:
    setup = guess(find_sources([str(test_data / name)], Access()))
    frame, _ = parse_with(cloud, setup)
    written = text(cloud, frame).replace('"', "").splitlines()[1:]
    source = (test_data / name).read_text().split()[1 if setup.column_names else 0 :]
    for mine, theirs in zip(written, source, strict=True):
        for a, b in zip(mine.split(","), theirs.split(","), strict=True):
            assert a == b or float(a) == float(b)
