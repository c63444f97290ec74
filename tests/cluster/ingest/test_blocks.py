"""Text is cut only where a record ends."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from aquifer_cluster.errors import ParseFailure
from aquifer_cluster.frame import MAX_BLOCK_ROWS
from aquifer_cluster.ingest import Source, blocks
from aquifer_cluster.ingest.blocks import FileText, StreamText, TextBlock, Trait, cut, record_ends, traits
from aquifer_cluster.ingest.dialect import Dialect
from aquifer_cluster.ingest.stream import SourceStream
from hypothesis import given, settings
from hypothesis import strategies as st

COMMA = Dialect(",")
FIELD = st.text(st.sampled_from('ab ,"\n\r1é'), max_size=6)
TABLE = st.lists(st.lists(FIELD, min_size=2, max_size=2), max_size=12)


def pieces(source: Source, size: int, dialect: Dialect = COMMA) -> list[TextBlock]:
    """The blocks of a source, which are the same of a plain file and of a stream of its text."""
    with SourceStream(source) as stream:
        streamed = list(cut(StreamText(stream), size, dialect))
    file = FileText(source)
    loaded = [file.block(block).loaded() for block in cut(file, size, dialect)]
    assert [(block.data.tobytes(), block.line) for block in loaded] == [
        (block.data.tobytes(), block.line) for block in streamed
    ]
    return streamed


def ends(text: bytes, dialect: Dialect = COMMA) -> list[int]:
    return record_ends(np.frombuffer(text, np.uint8), dialect).tolist()


@given(TABLE, st.integers(1, 40))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_blocks_hold_whole_records_and_all_of_the_text(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], size: int
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    path = Path(tmp_path_factory.mktemp("blocks")) / "x.csv"
    path.write_text(written.getvalue(), newline="")
    found = pieces(Source.of_file(path, "x.csv"), size)
    texts = [block.data.tobytes().decode() for block in found]
    assert "".join(texts) == written.getvalue()
    rows = [row for text in texts for row in csv.reader(io.StringIO(text, newline=""))]
    assert rows == table
    for block, before in zip(found, np.cumsum([0, *(text.count("\n") for text in texts)]), strict=False):
        assert block.line == before + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a,b\nc,d\n", [4, 8]),
        (b'a,"b\nc",d\ne\n', [10, 12]),
        (b'a,"x""\n""y"\nb\n', [12, 14]),
        (b'5" pipe,1\n6" pipe,2\n', [10, 20]),  # a quote within a field quotes nothing
        (b'a"b"\n"c\n"\n', [5, 10]),
        (b'"a", "b\nc"\nd\n', [11, 13]),  # a quote may follow a space
        (b"a\rb\r", [2, 4]),
        (b"no end", []),
    ],
)
def test_line_ends_within_quotes_end_no_record(text: bytes, expected: list[int]) -> None:
    assert ends(text) == expected


def test_other_marks_quote_as_well() -> None:
    assert ends(b"'a\nb';1\n", Dialect(";", "'")) == [8]
    assert ends(b'"a\\"\nb",1\n', Dialect(",", '"', "\\")) == [10]


def test_a_block_has_no_more_rows_than_a_block_of_a_frame_may_have(
    source_of: Callable[..., Source],
) -> None:
    found = pieces(source_of(b"1\n" * (MAX_BLOCK_ROWS + 10)), 1 << 30)
    assert [len(block.data) // 2 for block in found] == [MAX_BLOCK_ROWS, 10]


def test_a_byte_order_mark_is_no_text(source_of: Callable[..., Source]) -> None:
    assert pieces(source_of(b"\xef\xbb\xbfa\n1\n"), 100)[0].data.tobytes() == b"a\n1\n"


def test_a_last_line_without_an_end_is_a_record(source_of: Callable[..., Source]) -> None:
    assert [block.data.tobytes() for block in pieces(source_of(b"ab\ncd"), 2)] == [b"ab\n", b"cd"]


def test_a_record_without_end_is_refused_with_its_line(
    source_of: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "MAX_RECORD_BYTES", 1 << 20)
    source = source_of(b'a,b\n1,"never closed\n' + b"2,x\n" * (1 << 20))
    with pytest.raises(ParseFailure, match=r"file\.csv \(line 2\): a record of more than .* quote left open"):
        pieces(source, 100)


def test_a_file_that_became_shorter_since_it_was_cut_is_named(source_of: Callable[..., Source]) -> None:
    source = source_of(b"a,b\n1,2\n")
    text = FileText(source)
    (block,) = [text.block(block) for block in cut(text, 100, COMMA)]
    Path(source.path).write_bytes(b"a,b\n")
    with pytest.raises(ParseFailure, match=r"file\.csv \(at byte 4\): the file became shorter"):
        block.loaded()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a,b\nc,d\n", Trait(0)),
        (b"", Trait(0)),
        (b"a,b\n#c\n", Trait.COMMENTS),
        (b"#c\na#", Trait.COMMENTS),
        (b"a, b\n", Trait.SPACED),
        (b" a\n", Trait.SPACED | Trait.DOUBLE_SPACES),
        (b'"a"', Trait.QUOTED),
        (b'5", b\n', Trait.QUOTED | Trait.SPACED),
        (b'a "b"\n', Trait.QUOTED | Trait.SPACED_QUOTES),
        (b'"b" ,c\n', Trait.QUOTED | Trait.SPACED_QUOTES),
        (b"a  b\n", Trait.DOUBLE_SPACES),
        (b"a \nb\n", Trait.DOUBLE_SPACES),
        (b"a ", Trait.DOUBLE_SPACES),
        ("é\n".encode(), Trait.NOT_ASCII),
        (b"a\nb\xff", Trait.NOT_ASCII),
    ],
)
@pytest.mark.parametrize("before", [0, 254, 255, 256, 1000])
def test_what_is_peculiar_is_noticed_anywhere(text: bytes, expected: Trait, before: int) -> None:
    lines = b"x\n" * (before // 2) + b"\n" * (before % 2)
    assert traits(np.frombuffer(lines + text, np.uint8), COMMA) == expected
