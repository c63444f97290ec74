"""Wrong settings of deep learning: the parameters that H2O names are named, and some that it lets pass.

Each line of `wrong_settings.json` is what H2O 3.46.0.12 answers to …/ModelBuilders/deeplearning/parameters:

    settings    what was sent beyond `COMMON`; an empty text stands for leaving the parameter out
    status      of the answer
    errors      the first error of each parameter, at status 200
    said        the message, at another status
    job         how the training ended that H2O began all the same, if badly
    departure   where ours is another: the parameters `named`, the `status`, and `why`

The frame `f` is `wrong_settings.csv`; `v_without` has its first three columns only, `empty` has no row.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
RECORDED: list[dict[str, Any]] = json.loads((HERE / "wrong_settings.json").read_text())
BUILD = "/3/ModelBuilders/deeplearning"
COMMON = {"training_frame": "f", "response_column": "class", "seed": "1", "epochs": "0.1"}
TYPES = ["numeric"] * 8 + ["enum"] * 3 + ["string"]
SAME_NAME = {"response": "response_column", "weights_columns": "weights_column", "train": "training_frame"}
"""Where H2O's messages do not name the parameter itself."""


@pytest.fixture(scope="module")
def server(furnished: Any) -> Any:
    """A server with the frames of the recording."""
    listed = furnished.post("/3/ImportFilesMulti", paths=f"[{HERE / 'wrong_settings.csv'}]")
    form = {"source_frames": json.dumps(listed["destination_frames"]), "destination_frame": "f"}
    job = furnished.post("/3/Parse", **form, column_types=json.dumps(TYPES), check_header="1")["job"]
    assert furnished.finish(job)["status"] == "DONE"
    furnished.post("/99/Rapids", ast="(tmp= v_without (cols f [0 1 2]))")
    furnished.post("/99/Rapids", ast="(tmp= empty (rows f (> (cols f 0) 1e9)))")
    return furnished


def errors(answer: dict[str, Any]) -> dict[str, str]:
    """The texts of the errors, by the parameter."""
    said = answer["messages"]
    return {m["field_name"]: m["message"] for m in said if m["message_type"] == "ERRR"}


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: json.dumps(row["settings"]))
def test_the_parameters_that_h2o_names_are_named(server: Any, row: dict[str, Any]) -> None:
    form = {name: text for name, text in {**COMMON, **row["settings"]}.items() if text}
    departure = row.get("departure", {})
    expected = departure.get("named", [SAME_NAME.get(name, name) for name in row["errors"]])
    checked = server.request("POST", f"{BUILD}/parameters", data=form)
    if checked.status_code == 200:
        found = errors(checked.json())
        if any("not available yet" in text for text in found.values()):
            assert found.keys() & row["settings"].keys()
            return
        assert sorted(found) == sorted(expected), found
    assert checked.status_code == departure.get("status", row["status"]), checked.text
    if checked.status_code != 200 or expected:
        built = server.request("POST", BUILD, data=form)
        assert built.status_code == (412 if expected else checked.status_code)
        if expected:
            assert built.json()["__meta"]["schema_name"] == "H2OModelBuilderErrorV3"
            assert errors(built.json()) == found


def test_every_departure_is_one() -> None:
    for row in (row for row in RECORDED if "departure" in row):
        theirs = {SAME_NAME.get(name, name) for name in row["errors"]}
        ours = row["departure"]
        assert (
            set(ours.get("named", theirs)) != theirs or ours.get("status", row["status"]) != row["status"]
        ), row
        assert ours["why"]
