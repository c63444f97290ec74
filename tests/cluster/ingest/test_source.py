"""What a path names, and what it may not name."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from aquifer_cluster.errors import InvalidArgument, ParseFailure, SourceNotFound
from aquifer_cluster.ingest import Access, Roots, Source, find_sources
from aquifer_cluster.ingest.source import part_read
from aquifer_cluster.ingest.stream import SourceStream, text_bytes

TEXT = b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * 7919 % 1000) for i in range(50_000))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    (inside / "sub").mkdir(parents=True)
    for name in ("b.csv", "a.csv", "sub/deep.csv", "note.txt", ".hidden.csv"):
        (inside / name).write_text("x\n1\n")
    (tmp_path / "secret.csv").write_text("password\n")
    return inside


def names(sources: list[Source]) -> list[str]:
    return [Path(source.name).name for source in sources]


def test_a_file_has_the_key_that_h2o_gives_it(folder: Path) -> None:
    (source,) = find_sources([str(folder / "a.csv")], Access())
    assert source.key == f"nfs:/{folder}/a.csv"
    assert (source.path, source.size) == (f"{folder}/a.csv", 4)


@pytest.mark.parametrize("prefix", ["", "file://", "nfs:/"])
def test_prefixes_name_the_same_file(folder: Path, prefix: str) -> None:
    assert find_sources([f"{prefix}{folder}/a.csv"], Access())[0].path == f"{folder}/a.csv"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (None, ["a.csv", "b.csv", "note.txt", "deep.csv"]),
        ("csv", ["a.csv", "b.csv", "deep.csv"]),
        (r"^a.*\.csv$", ["a.csv"]),
        ("sub/", ["deep.csv"]),
    ],
)
def test_a_folder_stands_for_the_files_below_it(folder: Path, pattern: str | None, found: list[str]) -> None:
    assert names(find_sources([str(folder)], Access(), pattern)) == found


def test_a_glob_stands_for_what_it_matches(folder: Path) -> None:
    assert names(find_sources([f"{folder}/*.csv"], Access())) == ["a.csv", "b.csv"]


def test_a_list_keeps_its_order_and_names_a_file_once(folder: Path) -> None:
    paths = [f"{folder}/b.csv", f"{folder}/a.csv", f"{folder}/b.csv"]
    assert names(find_sources(paths, Access())) == ["b.csv", "a.csv"]


@pytest.mark.parametrize("missing", ["no.csv", "*.parquet"])
def test_a_path_that_names_nothing_is_refused_by_name(folder: Path, missing: str) -> None:
    with pytest.raises(SourceNotFound, match=missing.replace("*", r"\*")):
        find_sources([f"{folder}/a.csv", f"{folder}/{missing}"], Access())


@pytest.mark.parametrize(
    ("sizes", "parts", "part"),
    [
        ((100, 300), (0.5, 0), 0.125),
        ((100, 300), (1, 1 / 3), 0.5),
        ((0, 0), (1, 0), 0.5),
        ((100, None), (0.5, 0), 0.25),
        ((None, None), (1, 0.5), 0.75),
    ],
)
def test_progress_copes_with_sizes_that_nobody_tells(
    sizes: tuple[int | None, ...], parts: tuple[float, ...], part: float
) -> None:
    sources = [Source(f"{i}", f"{i}", "", size) for i, size in enumerate(sizes)]
    assert part_read(sources, parts) == pytest.approx(part)


def test_a_wrong_pattern_is_refused(folder: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"pattern: '\[' is not a regular expression"):
        find_sources([str(folder)], Access(), "[")


@pytest.mark.parametrize("way", ["direct", "dots", "link", "folder link", "glob", "file prefix"])
def test_no_way_leads_out_of_the_allowed_folders(folder: Path, way: str) -> None:
    outside = folder.parent / "secret.csv"
    (folder / "link.csv").symlink_to(outside)
    (folder / "linked").symlink_to(folder.parent, target_is_directory=True)
    paths = {
        "direct": str(outside),
        "dots": f"{folder}/sub/../../secret.csv",
        "link": f"{folder}/link.csv",
        "folder link": f"{folder}/linked/secret.csv",
        "glob": f"{folder}/../*.csv",
        "file prefix": f"file://{outside}",
    }
    with pytest.raises(SourceNotFound, match="outside the folders"):
        find_sources([paths[way]], Access(Roots((folder,))))


def test_a_file_to_be_written_is_resolved_as_well(folder: Path) -> None:
    roots = Roots((folder,))
    assert roots.resolve(f"{folder}/sub/../new.csv") == folder / "new.csv"
    with pytest.raises(SourceNotFound, match="NUL"):
        roots.resolve(f"{folder}/a.csv\0.txt")


def read_all(source: Source) -> bytes:
    with SourceStream(source) as stream:
        return b"".join(iter(stream.read, b""))


def of(path: Path, content: bytes) -> Source:
    path.write_bytes(content)
    return Source.of_file(path, str(path))


def test_gzip_is_told_by_its_content(tmp_path: Path) -> None:
    assert read_all(of(tmp_path / "plain.gz", TEXT)) == TEXT
    assert read_all(of(tmp_path / "packed.csv", gzip.compress(TEXT))) == TEXT


def test_members_of_a_gzip_file_follow_each_other_and_padding_is_left_out(tmp_path: Path) -> None:
    members = gzip.compress(TEXT) + gzip.compress(b"more\n") + b"\0" * 100
    assert read_all(of(tmp_path / "x.gz", members)) == TEXT + b"more\n"


@pytest.mark.parametrize("left", [20, 1000, -1])
def test_a_gzip_file_that_ends_early_is_named(tmp_path: Path, left: int) -> None:
    source = of(tmp_path / "cut.csv.gz", gzip.compress(TEXT)[:left])
    with pytest.raises(ParseFailure, match=r"cut\.csv\.gz .*ends early"):
        read_all(source)


def test_a_damaged_gzip_file_is_named(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(ParseFailure, match=r"bad\.gz .*damaged"):
        read_all(of(tmp_path / "bad.gz", bytes(packed)))


def test_the_size_of_the_text_is_known_before_it_is_read(tmp_path: Path) -> None:
    assert text_bytes(of(tmp_path / "x.csv", TEXT)) == len(TEXT)
    assert text_bytes(of(tmp_path / "x.gz", gzip.compress(TEXT))) == len(TEXT)
    members = gzip.compress(TEXT) + gzip.compress(b"a")
    assert text_bytes(of(tmp_path / "y.gz", members)) == pytest.approx(len(TEXT), rel=0.3)
