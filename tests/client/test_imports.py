"""Files on their way to the server: by path, by upload, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h2o
import pytest
from h2o.exceptions import H2OValueError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("a.csv", "x;y;z\n1;'p;q';u\n"), ("b.csv", "x;y;z\n2;r;v\n"), ("note.txt", "hello\n")):
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "paths",
    [
        lambda folder: {"path": [folder / "a.csv", folder / "b.csv"]},
        lambda folder: {"path": f"{folder}/*.csv"},
        lambda folder: {"path": folder, "pattern": "csv$"},
    ],
    ids=["list", "glob", "pattern"],
)
def test_several_files_become_one_frame(server: Any, folder: Path, paths: Any) -> None:
    frame = h2o.import_file(**paths(folder), sep=";", quotechar="'")
    assert frame.names == ["x", "y", "z"]
    assert frame.as_data_frame(use_pandas=False)[1:] == [["1", "p;q", "u"], ["2", "r", "v"]]


def test_sources_are_found_first_and_parsed_later(server: Any, folder: Path) -> None:
    keys = h2o.lazy_import(folder / "a.csv")
    assert keys == h2o.import_file(folder / "a.csv", parse=False) == [f"nfs:/{folder}/a.csv"]
    setup = h2o.parse_setup(keys, separator=";", quotechar="'", column_types={"z": "string"})
    frame = h2o.parse_raw(setup, id="later", first_line_is_header=1)
    assert (frame.frame_id, frame.shape) == ("later", (1, 3))
    assert frame.types["z"] == "string"


def test_an_upload_may_be_quoted_otherwise_and_leave_columns_out(server: Any, folder: Path) -> None:
    frame = h2o.upload_file(
        folder / "a.csv",
        sep=";",
        quotechar="'",
        skipped_columns=[0],
        col_names=["b", "c"],
        col_types=[None, "string"],
    )
    assert frame.names == ["b", "c"]
    assert frame.types["c"] == "string"


def test_credentials_are_set_and_forgotten(server: Any) -> None:
    h2o.persist.set_s3_credentials("key", "secret", "token")
    h2o.persist.remove_s3_credentials()
    for missing in (("", "secret"), ("key", "")):
        with pytest.raises(H2OValueError, match="is missing"):
            h2o.persist.set_s3_credentials(*missing)


def test_what_cannot_be_asked_for_is_refused_here(server: Any, folder: Path) -> None:
    for wish in ({"quotechar": "|"}, {"escapechar": "ab"}, {"sep": ";;"}):
        with pytest.raises(H2OValueError, match=r"single (character|or a double quote)"):
            h2o.import_file(folder / "a.csv", **wish)
    with pytest.raises(H2OValueError, match="no path"):
        h2o.import_file([])
