"""Data of this process becomes CSV, and the caller's wishes override the server's guess of how to parse."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import h2o
import numpy
import pandas
import polars
import pyarrow
import pytest
import scipy.sparse
from h2o._csv import to_csv
from h2o._parse import ParseOptions, override
from h2o.exceptions import H2OJobFailed, H2OTypeError, H2OValueError

WRITTEN: dict[str, tuple[Any, list[str], str]] = {
    "a column": ([1, 2.5, None], ["C1"], '1\n2.5\n""\n'),
    "rows": ([[1, "a"], [2, None]], ["C1", "C2"], '1,"a"\n2,\n'),
    "tuples": (((1, 2), (3, 4)), ["C1", "C2"], "1,2\n3,4\n"),
    "columns": ({"x": [1, 2], "y": ["a,b", 'say "hi"']}, ["x", "y"], '1,"a,b"\n2,"say ""hi"""\n'),
    "single values": ({"x": 1, "y": "a"}, ["x", "y"], '1,"a"\n'),
    "texts that are blank": ([[" a ", ""], ["", None]], ["C1", "C2"], '" a ",""\n"",\n'),
    "a missing number": ([[float("nan"), 1]], ["C1", "C2"], ",1\n"),
    "all digits": ([0.1 + 0.2], ["C1"], "0.30000000000000004\n"),
    "a vector": (numpy.array([1, 2]), ["C1"], "1\n2\n"),
    "a matrix": (numpy.array([[1.5, numpy.nan]]), ["C1", "C2"], "1.5,\n"),
    "pandas": (pandas.DataFrame({"a": [1, 2], "b": ["x", None]}), ["a", "b"], '1,"x"\n2,\n'),
    "a pandas series": (pandas.Series([1, 2], name="s"), ["s"], "1\n2\n"),
    "polars": (polars.DataFrame({"a": [1, None]}), ["a"], "1\n\n"),
    "polars with texts": (polars.DataFrame({"a": [1, None], "b": [" x", None]}), ["a", "b"], '1," x"\n,\n'),
    "a sparse matrix": (scipy.sparse.csr_matrix([[0, 1.5], [2, 0]]), ["C1", "C2"], "0.0,1.5\n2.0,0.0\n"),
    "pyarrow": (pyarrow.table({"a": [1, 2]}), ["a"], "1\n2\n"),
}


@pytest.mark.parametrize(("data", "names", "text"), WRITTEN.values(), ids=WRITTEN.keys())
def test_data_becomes_csv(data: Any, names: list[str], text: str) -> None:
    written = to_csv(data)
    assert list(written.names) == names
    assert written.content.decode() == text


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("kind", ["float64", "float32", "int64", "uint8", "float16", "bool"])
def test_numbers_are_the_same_by_whichever_writer(
    kind: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = numpy.random.default_rng(5)
    data = (random.normal(size=(60, width)) * 10.0 ** random.integers(-9, 9, (60, width))).astype("float64")
    if kind.startswith("float"):
        data[5] = numpy.nan
        data[6] = numpy.inf
    with numpy.errstate(over="ignore", invalid="ignore"):
        data = (data % 200 if kind in ("uint8", "float16") else data).astype(kind)
    for given in (data, pandas.DataFrame(data)):
        fast = to_csv(given)
        with monkeypatch.context() as patch:
            patch.setattr("importlib.util.find_spec", lambda name: None)
            slow = to_csv(given)
        assert fast.names == slow.names
        read = [pandas.read_csv(io.BytesIO(text.content), header=None) for text in (fast, slow)]
        pandas.testing.assert_frame_equal(*read, check_dtype=False)
        assert len(read[0]) == 60


TEXTS = pandas.DataFrame(
    {
        "plain": ["a", "b", None, "d"],
        "odd": ["", ' "quoted", ', "two\nlines", "é"],
        "mixed": ["a", 1, None, 2.5],
        "truth": [True, False, True, True],
        "category": pandas.Categorical(["x", None, "y", "x"]),
        "nullable": pandas.array([1, None, 3, 4], "Int64"),
        "string": pandas.array(["p", pandas.NA, "q", "r"], "string"),
        "time": pandas.to_datetime(["2020-01-01", None, "2020-01-02", "2021-01-01"]),
    }
)


@pytest.mark.parametrize("names", [[name] for name in TEXTS] + [["plain", "odd", "category", "nullable"]])
def test_texts_are_the_same_by_whichever_writer(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    fast = to_csv(TEXTS[names])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert to_csv(TEXTS[names]) == fast


CATEGORICAL: dict[str, Any] = {
    "pandas": pandas.DataFrame({"n": [1, 2], "k": pandas.Categorical(["7", "8"])}),
    "polars": polars.DataFrame({"n": [1, 2], "k": ["7", "8"]}, schema_overrides={"k": polars.Categorical}),
    "pyarrow": pyarrow.table({"n": [1, 2], "k": pyarrow.array(["7", "8"]).dictionary_encode()}),
}


@pytest.mark.parametrize("data", CATEGORICAL.values(), ids=CATEGORICAL.keys())
def test_categories_stay_categories(data: Any) -> None:
    text = to_csv(data, ["first", "second"])
    assert text.types == {"second": "enum"}
    assert text.content.decode().replace('"', "") == "1,7\n2,8\n"


def test_rows_that_end_early_have_missing_values_there() -> None:
    assert to_csv([[1], [2, "x"], [3, "y", 4.5]]).content == b'1,,\n2,"x",\n3,"y",4.5\n'


def test_a_table_without_rows_is_its_header() -> None:
    text = to_csv({"a": [], 'b"': []})
    assert (text.content, text.header) == (b"", b'"a","b"""\n')


REFUSED: dict[str, tuple[Any, Any, str]] = {
    "unequal columns": ({"a": [1], "b": [1, 2]}, H2OValueError, "'b': 2"),
    "a mixture": ([[1], 2], H2OTypeError, "not of both"),
    "nothing": ([], H2OValueError, "empty"),
    "a file's name": ("data.csv", H2OTypeError, "upload_file"),
    "a cube": (numpy.zeros((2, 2, 2)), H2OValueError, r"3: shape \(2, 2, 2\)"),
}


@pytest.mark.parametrize(("data", "error", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_table_is_refused(data: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        to_csv(data)


def test_the_number_of_names_must_fit() -> None:
    with pytest.raises(H2OValueError, match="3 column names were given for 2 columns"):
        to_csv([[1, 2]], ["a", "b", "c"])


SETUP = {
    "source_frames": [{"name": "raw"}],
    "destination_frame": "guessed.hex",
    "number_columns": 2,
    "column_names": ["a", "b"],
    "column_types": ["Numeric", "Enum"],
    "na_strings": None,
    "separator": 44,
    "check_header": 1,
}
WISHES: dict[str, tuple[dict[str, Any], str, Any]] = {
    "nothing": ({}, "column_types", ["Numeric", "Enum"]),
    "a name for the frame": ({"destination_frame": "mine"}, "destination_frame", "mine"),
    "names": ({"col_names": ["x", "y"]}, "column_names", ["x", "y"]),
    "types by name": ({"col_types": {"a": "enum"}}, "column_types", ["Enum", "Enum"]),
    "types in order": ({"col_types": [None, "string"]}, "column_types", ["Numeric", "String"]),
    "types by other names": ({"col_types": ["Factor", "REAL"]}, "column_types", ["Enum", "Numeric"]),
    "types by new names": (
        {"col_names": ["x", "y"], "col_types": {"y": "string"}}, "column_types", ["Numeric", "String"],
    ),
    "missing texts": ({"na_strings": ["-", "?"]}, "na_strings", [["-", "?"], ["-", "?"]]),
    "missing texts by column": ({"na_strings": [["-"], []]}, "na_strings", [["-"], []]),
    "missing texts by name": ({"na_strings": {"b": "?"}}, "na_strings", [[], ["?"]]),
}  # fmt: skip


@pytest.mark.parametrize(("wish", "field", "value"), WISHES.values(), ids=WISHES.keys())
def test_wishes_override_the_guess(wish: dict[str, Any], field: str, value: Any) -> None:
    assert override(SETUP, ParseOptions(**wish))[field] == value


MISTAKES: dict[str, tuple[dict[str, Any], Any, str]] = {
    "a misspelt type": ({"col_types": {"a": "enmu"}}, H2OValueError, "did you mean 'enum'"),
    "a misspelt column": ({"col_types": {"bb": "enum"}}, H2OValueError, "did you mean 'b'"),
    "too few types": ({"col_types": ["enum"]}, H2OValueError, "1 column types were given for 2"),
    "too many names": ({"col_names": ["x", "y", "z"]}, H2OValueError, "3 column names were given for 2"),
    "missing texts in one text": ({"na_strings": "NA"}, H2OTypeError, r"\['NA'\]"),
    "missing texts of a misspelt column": ({"na_strings": {"c": "?"}}, H2OValueError, "unknown column 'c'"),
    "missing texts for too few columns": ({"na_strings": [["-"]]}, H2OValueError, "for 1 columns"),
    "header": ({"header": 2}, H2OValueError, "header is 1"),
    "separator": ({"sep": "::"}, H2OValueError, "single character"),
    "a frame's name": ({"destination_frame": "my frame"}, H2OValueError, "my frame"),
}


@pytest.mark.parametrize(("wish", "error", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistaken_wishes_are_refused(wish: dict[str, Any], error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        override(SETUP, ParseOptions(**wish))


def parsing(**more: Any) -> dict[str, Any]:
    job = {"key": {"name": "j"}, "dest": {"name": "guessed.hex"}, "status": "DONE", "progress": 1.0}
    return {
        "POST /3/PostFile": {"destination_frame": "raw"},
        "POST /3/ImportFilesMulti": {"fails": [], "destination_frames": ["raw"]},
        "POST /3/ParseSetup": SETUP,
        "POST /3/Parse": {"job": job},
        "GET /3/Jobs/j": {"jobs": [job]},
        "DELETE /3/DKV/raw": {},
        **more,
    }


def test_an_upload_goes_to_the_server_and_is_parsed_there(scripted: Any, tmp_path: Path) -> None:
    _, transport = scripted(parsing())
    file = tmp_path / "data.csv"
    file.write_text("a,b\n1,x\n")
    assert h2o.upload_file(file, header=1).frame_id == "guessed.hex"
    setup, parse = (request.form for request in transport.requests[1:3])
    assert (setup["source_frames"], setup["check_header"]) == ('["raw"]', "1")
    assert (parse["source_frames"], parse["column_names"]) == ('["raw"]', '["a","b"]')
    assert (parse["column_types"], parse["delete_on_done"]) == ('["Numeric","Enum"]', "True")


def test_wishes_that_do_not_fit_leave_no_raw_data_behind(scripted: Any) -> None:
    _, transport = scripted(parsing())
    with pytest.raises(H2OValueError, match="unknown column"):
        h2o.import_file("/data/x.csv", col_types={"nope": "enum"})
    assert transport.requests[-1].path == "/3/DKV/raw"


def test_a_failed_parse_says_why(scripted: Any) -> None:
    failed = {
        "key": {"name": "j"},
        "dest": None,
        "status": "FAILED",
        "progress": 0.5,
        "exception": "bad gzip",
    }
    scripted(parsing(**{"GET /3/Jobs/j": {"jobs": [failed]}}))
    with pytest.raises(H2OJobFailed, match="bad gzip"):
        h2o.import_file("/data/x.csv.gz")


def test_a_file_that_is_here_is_named_in_full(scripted: Any, tmp_path: Path, monkeypatch: Any) -> None:
    _, transport = scripted(parsing())
    (tmp_path / "x.csv").write_text("a,b\n")
    monkeypatch.chdir(tmp_path)
    h2o.import_file(["x.csv", "elsewhere.csv", "https://example.org/x.csv"])
    expected = f'["{tmp_path / "x.csv"}","elsewhere.csv","https://example.org/x.csv"]'
    assert transport.requests[0].form["paths"] == expected


def test_a_file_that_is_not_here_cannot_be_uploaded(scripted: Any) -> None:
    scripted()
    with pytest.raises(H2OValueError, match=r"no file /no/such\.csv here"):
        h2o.upload_file("/no/such.csv")


def test_what_the_server_cannot_read_is_named(scripted: Any) -> None:
    scripted(parsing(**{"POST /3/ImportFilesMulti": {"fails": ["/x.csv"], "destination_frames": []}}))
    with pytest.raises(H2OValueError, match=r"cannot read /x\.csv"):
        h2o.import_file("/x.csv")


def test_nothing_that_matches_is_an_error(scripted: Any) -> None:
    scripted(parsing(**{"POST /3/ImportFilesMulti": {"fails": [], "destination_frames": []}}))
    with pytest.raises(H2OValueError, match="nothing to import in /data like ecg"):
        h2o.import_file("/data", pattern="ecg")
