"""Weights that come out of a model and go into another, and training that goes on from a model, over REST."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

RECORDED: dict[str, Any] = {
    "normmul": [0.15, 0.05, 0.88],
    "normsub": [65.8, 15.5, 6.4],
    "normrespmul": None,
    "normrespsub": None,
    "catoffsets": [0, 4],
}
"""H2O's own answer for a model of two classes from a category of three levels and three numbers."""
OPTIONS = {"training_frame": "trees", "response_column": "kind", "ignored_columns": '["note"]', "epochs": "1"}


@pytest.fixture
def model(rest: Any, trees_csv: Path) -> dict[str, Any]:
    """The output of model `m`, with its layers as frames."""
    rest.parse(trees_csv, "trees")
    rest.train("m", export_weights_and_biases="True", **OPTIONS)
    output: dict[str, Any] = rest.get("/3/Models/m")["models"][0]["output"]
    return output


def keys(output: dict[str, Any], name: str) -> list[str]:
    return [key["name"] for key in output[name]]


def test_a_model_lists_its_layers_and_how_its_inputs_are_scaled(rest: Any, model: dict[str, Any]) -> None:
    assert keys(model, "weights") == ["m.weights.0", "m.weights.1"]
    assert keys(model, "biases") == ["m.biases.0", "m.biases.1"]
    assert model["weights"][0]["URL"] == "/3/Frames/m.weights.0"
    for name, like in RECORDED.items():
        assert type(model[name]) is type(like), name
    (frame,) = rest.get("/3/Frames/m.weights.0")["frames"]
    numbers, first_number = len(model["normmul"]), model["catoffsets"][-1]
    assert frame["num_columns"] == first_number + numbers
    assert len(model["normsub"]) == numbers


@pytest.mark.parametrize("way", ["model", "key", "expression"])
def test_the_layers_go_with_the_model_however_it_is_removed(
    rest: Any, model: dict[str, Any], way: str
) -> None:
    if way == "expression":
        rest.post("/99/Rapids", ast="(rm m)")
    else:
        rest.delete("/3/Models/m" if way == "model" else "/3/DKV/m")
    for key in (*keys(model, "weights"), *keys(model, "biases")):
        assert rest.request("GET", f"/3/Frames/{key}").status_code == 404


def test_layers_are_taken_from_frames_and_left_out_as_clients_write_it(
    rest: Any, model: dict[str, Any]
) -> None:
    first = keys(model, "weights")[0]
    for written in (f'["{first}","None"]', f"[{first},null]", f'["{first}", ""]'):
        rest.train(
            "n", export_weights_and_biases="true", initial_weights=written, **{**OPTIONS, "epochs": "0"}
        )
        rows = [rest.get(f"/3/Frames/{key}.weights.0")["frames"][0]["columns"][0]["data"] for key in "mn"]
        assert rows[0] == rows[1]


def test_training_goes_on_from_a_model_and_says_what_does_not_fit(rest: Any, model: dict[str, Any]) -> None:
    rest.train("n", checkpoint="m", **{**OPTIONS, "epochs": "3"})
    (column,) = [
        values
        for about, values in zip(
            *(
                rest.get("/3/Models/n")["models"][0]["output"]["scoring_history"][part]
                for part in ("columns", "data")
            ),
            strict=True,
        )
        if about["name"] == "epochs"
    ]
    assert column[0] == 0
    assert column[-1] == 3
    form = {**OPTIONS, "checkpoint": "m", "activation": "Tanh", "rate": "0.1"}
    refused = rest.request("POST", "/3/ModelBuilders/deeplearning", data=form)
    assert refused.status_code == 412
    fields = {one["field_name"] for one in refused.json()["messages"] if one["message_type"] == "ERRR"}
    assert fields == {"epochs", "activation", "rate", "hidden"}


@pytest.mark.parametrize(
    ("key", "said"), [("nope", "no model of that name"), ("trees", "is a frame, not a model")]
)
def test_a_checkpoint_must_be_a_model(rest: Any, model: dict[str, Any], key: str, said: str) -> None:
    refused = rest.request("POST", "/3/ModelBuilders/deeplearning", data={**OPTIONS, "checkpoint": key})
    assert 400 <= refused.status_code < 500
    assert said in json.dumps(refused.json())
