"""What a request may say of a parse, and what becomes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ECHOED = (
    *("parse_type", "separator", "check_header", "number_columns", "chunk_size", "column_types"),
    *("column_names", "na_strings", "skipped_columns", "single_quotes", "escapechar", "force_col_types"),
    *("custom_non_data_line_markers", "partition_by", "tz_adjust_to_local"),
)


def wire(value: Any) -> str:
    return json.dumps(value) if isinstance(value, list) else str(value)


def imported(rest: Any, path: Path) -> str:
    return json.dumps(rest.post("/3/ImportFilesMulti", paths=f"[{path}]")["destination_frames"])


def parsed(rest: Any, path: Path, changes: dict[str, Any] | None = None, **wishes: Any) -> tuple[Any, Any]:
    """The columns of the frame and the job, as clients get them: ask for the set-up, send it back."""
    sources = imported(rest, path)
    setup = rest.post("/3/ParseSetup", source_frames=sources, **wishes)
    form = {name: setup[name] for name in ECHOED if setup[name] is not None} | (changes or {})
    form = {name: wire(value) for name, value in form.items()}
    job = rest.finish(rest.post("/3/Parse", source_frames=sources, destination_frame="made", **form)["job"])
    assert job["status"] == "DONE"
    columns = rest.get("/3/Frames/made", row_count=10)["frames"][0]["columns"]
    return {column["label"]: column for column in columns}, job


WISHES: dict[str, tuple[str, dict[str, Any], dict[str, list[Any]]]] = {
    "comments": (
        "%x\na,b\n1,2\n%3,4\n#5,6\n",
        {"custom_non_data_line_markers": "%#"},
        {"a": [1], "b": [2]},
    ),
    "no comments": ("1,2\n3,4\n#5,6\n", {"custom_non_data_line_markers": ""}, {"C1": [1, 3, None]}),
    "single quotes": ("a,b\n1,'2'\n3,'4'\n", {"single_quotes": "True"}, {"a": [1, 3], "b": [2, 4]}),
    "an escape": ('a,b\n"1\\"",2\n"3\\"",4\n', {"escapechar": "92"}, {"b": [2, 4]}),
    "a separator": ("a,b;c\n1,2;3\n", {"separator": "59"}, {"c": [3]}),
    "skipped columns": ("a,b\n1,2\n3,4\n", {"skipped_columns": "[0]"}, {"b": [2, 4]}),
}


@pytest.mark.parametrize("name", WISHES)
def test_wishes_travel_from_the_set_up_to_the_parse(rest: Any, tmp_path: Path, name: str) -> None:
    text, wishes, expected = WISHES[name]
    file = tmp_path / "wished.csv"
    file.write_text(text)
    columns, _ = parsed(rest, file, **wishes)
    found = {label: columns[label]["data"] for label in expected}
    assert found == {
        label: ["NaN" if value is None else value for value in values] for label, values in expected.items()
    }


def test_times_are_those_of_the_servers_zone(rest: Any, tmp_path: Path) -> None:
    file = tmp_path / "times.csv"
    file.write_text("when,n\n2020-01-31 10:11:12,1\n2020-07-31,2\n")
    assert parsed(rest, file)[0]["when"]["data"] == [1580465472000, 1596153600000]
    rest.post("/99/Rapids", ast='(setTimeZone "Europe/Berlin")')
    assert parsed(rest, file)[0]["when"]["data"] == [1580461872000, 1596146400000]


def test_types_and_missing_words_replace_the_guess(rest: Any, tmp_path: Path) -> None:
    file = tmp_path / "typed.csv"
    file.write_text("t,u,e\n2020-01-31,x,1\nsoon,550e8400-e29b-41d4-a716-446655440000,-9\n")
    changes = {"column_types": ["time", "uuid", "enum"], "na_strings": [[], [], ["-9"]]}
    columns, job = parsed(rest, file, changes, check_header="1")
    assert [columns[name]["type"] for name in "tue"] == ["time", "uuid", "enum"]
    assert columns["t"]["data"] == [1580428800000, "NaN"]
    assert columns["u"]["string_data"] == [None, "550E8400-E29B-41D4-A716-446655440000"]
    assert (columns["e"]["domain"], columns["e"]["missing_count"]) == (["1"], 1)
    assert [warning.partition("typed.csv, ")[2] for warning in job["warnings"]] == [
        "line 3, column t: 'soon' is not a time and is taken as missing",
        "line 2, column u: 'x' is not a uuid and is taken as missing",
    ]


@pytest.mark.parametrize("partition_by", ['["kind"]', "kind"])
def test_folders_become_columns(rest: Any, tmp_path: Path, partition_by: str) -> None:
    for kind in ("oak", "ash tree"):
        folder = tmp_path / "trees" / f"kind={kind}"
        folder.mkdir(parents=True)
        (folder / "part.csv").write_text("v\n1\n")
    columns, _ = parsed(rest, tmp_path / "trees", partition_by=partition_by)
    assert (columns["kind"]["type"], columns["kind"]["domain"]) == ("enum", ["ash tree", "oak"])


def test_a_set_up_is_shown_in_parts(rest: Any, tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text("apple,axe,bee\n1,2,3\n")
    asked = {"source_frames": imported(rest, file)}
    filtered = rest.post("/3/ParseSetup", **asked, column_name_filter="a.*", column_offset="1")
    assert (filtered["data"], filtered["total_filtered_column_count"]) == ([["2"]], 2)
    assert (filtered["number_columns"], len(filtered["column_types"])) == (3, 3)
    counted = rest.post("/3/ParseSetup", **asked, column_offset="1", column_count="1")
    assert counted["data"] == [["2"]]
    refused = rest.request("POST", "/3/ParseSetup", data={**asked, "column_name_filter": "("})
    assert refused.status_code == 412
    assert "'(' is not a regular expression" in refused.json()["msg"]
