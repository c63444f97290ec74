"""Every compression: told by content, read in bounded pieces, named where it is broken."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import ParseFailure
from aquifer_cluster.ingest import ParseSetup, Source, blocks, guess, stream
from aquifer_cluster.ingest.compression import COMPRESSIONS
from aquifer_cluster.ingest.stream import PIECE_BYTES, SourceStream, head, parts, text_bytes

_random = random.Random(3)
TEXT = b"a,b\n" + b"".join(b"%d,%f\n" % (i, _random.random()) for i in range(15_000))


def zipped(content: bytes, name: str = "data.csv") -> bytes:
    return archive({name: content})


def archive(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as zip:
        for name, content in files.items():
            zip.writestr(name, content)
    return written.getvalue()


def by_arrow(codec: str) -> Callable[[bytes], bytes]:
    def pack(content: bytes) -> bytes:
        written = pa.BufferOutputStream()
        with pa.CompressedOutputStream(written, codec) as out:
            out.write(content)
        return bytes(written.getvalue())

    return pack


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zip": zipped,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": by_arrow("zstd"),
    "lz4": by_arrow("lz4"),
}
each = pytest.mark.parametrize("name", [compression.name for compression in COMPRESSIONS])
one_after_the_other = pytest.mark.parametrize("name", [name for name in PACK if name != "zip"])


@pytest.fixture
def of(tmp_path: Path) -> Callable[[bytes], Source]:
    """A source of some bytes; its name says nothing."""

    def make(content: bytes) -> Source:
        path = tmp_path / "table"
        path.write_bytes(content)
        return Source.of_file(path, "table")

    return make


def read_all(source: Source) -> bytes:
    with SourceStream(source) as stream:
        return b"".join(iter(stream.read, b""))


@each
@pytest.mark.parametrize("content", [TEXT, b""], ids=["text", "nothing"])
def test_what_was_packed_comes_back(of: Callable[[bytes], Source], name: str, content: bytes) -> None:
    assert read_all(of(PACK[name](content))) == content


@each
def test_progress_is_told_in_stored_bytes(of: Callable[[bytes], Source], name: str) -> None:
    source = of(PACK[name](TEXT))
    with SourceStream(source) as stream:
        assert stream.consumed == 0
        seen = [stream.consumed for _ in iter(stream.read, b"")]
    assert source.size is not None
    assert seen == sorted(seen)
    assert 0.9 * source.size <= seen[-1] <= source.size


@one_after_the_other
def test_members_follow_each_other(of: Callable[[bytes], Source], name: str) -> None:
    assert read_all(of(PACK[name](TEXT) + PACK[name](b"more\n"))) == TEXT + b"more\n"


@pytest.mark.parametrize("name", ["gzip", "bzip2"])
def test_padding_after_the_last_member_is_no_data(of: Callable[[bytes], Source], name: str) -> None:
    assert read_all(of(PACK[name](TEXT) + bytes(100))) == TEXT


@each
@pytest.mark.parametrize("left", [25, 1000, -1])
def test_a_file_that_was_cut_off_is_named(of: Callable[[bytes], Source], name: str, left: int) -> None:
    with pytest.raises(ParseFailure, match=r"table \(at byte [\d,]+\): the compressed data ends early"):
        read_all(of(PACK[name](TEXT)[:left]))


@pytest.mark.parametrize("name", ["gzip", "zip", "bzip2", "xz"])
def test_a_damaged_file_is_named(of: Callable[[bytes], Source], name: str) -> None:
    packed = bytearray(PACK[name](TEXT))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(ParseFailure, match=r"table \(at byte [\d,]+\): the compressed data is damaged"):
        read_all(of(bytes(packed)))


@each
def test_a_bomb_takes_no_memory(of: Callable[[bytes], Source], name: str) -> None:
    source = of(PACK[name](bytes(32 << 20)))
    assert source.size is not None
    assert source.size < 1 << 20
    tracemalloc.start()
    with SourceStream(source) as stream:
        sizes = [len(piece) for piece in iter(stream.read, b"")]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) == 32 << 20
    assert max(sizes) <= PIECE_BYTES
    assert peak < 16 << 20


@each
def test_the_size_of_the_text_is_about_known_before_it_is_read(
    of: Callable[[bytes], Source], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = of(PACK[name](TEXT))
    assert text_bytes(source) == len(TEXT)
    monkeypatch.setattr(stream, "PIECE_BYTES", 1 << 14)
    monkeypatch.setattr(stream, "_TYPICAL_BYTES", len(TEXT) // 2)
    assert len(TEXT) / 3 < text_bytes(source) < len(TEXT) * 3


@pytest.mark.parametrize("text", [b"BZh,1\n", b"PK,2\n", b"", b"x"])
def test_text_is_not_taken_for_compressed(of: Callable[[bytes], Source], text: bytes) -> None:
    source = of(text)
    assert read_all(source) == text
    assert head(source, 10) == (text, True)


def test_an_archive_of_no_files_or_with_a_password_is_named(of: Callable[[bytes], Source]) -> None:
    with pytest.raises(ParseFailure, match="holds no file"):
        read_all(of(archive({"folder/": b"", "__MACOSX/x.csv": b"", ".hidden": b""})))
    locked = bytearray(zipped(TEXT))
    for signature, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        locked[locked.index(signature) + flags] |= 1
    with pytest.raises(ParseFailure, match=r"cannot be decompressed.*password"):
        read_all(of(bytes(locked)))


def test_the_tables_of_an_archive_are_read_one_after_the_other(
    of: Callable[[bytes], Source],
    embedded: Cloud,
    parse_with: Callable[[Cloud, ParseSetup], tuple[object, object]],
) -> None:
    files = {
        "__MACOSX/a.csv": b"?",
        "a.csv": b"x,y\n1,2\n",
        "b.csv": b"x,y\n3,4",
        "note.txt": b"hello",
        "c.csv": b"5,6\n",
    }
    source = of(archive(files))
    assert [part.member for part in parts(source)] == ["a.csv", "b.csv", "c.csv"]
    frame, _ = parse_with(embedded, guess([source]))
    assert embedded.read(frame, 0, 9)[0].tolist() == [1, 3, 5]  # type: ignore[arg-type]


def test_a_bomb_without_line_ends_fails_by_name(
    of: Callable[[bytes], Source],
    embedded: Cloud,
    parse_with: Callable[[Cloud, ParseSetup], tuple[object, object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "MAX_RECORD_BYTES", 4 << 20)
    with pytest.raises(ParseFailure, match="a record of more than 4 MB"):
        parse_with(embedded, guess([of(gzip.compress(b"1" * (12 << 20)))]))
