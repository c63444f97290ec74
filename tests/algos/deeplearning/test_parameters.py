"""The parameters as declared, against the table that H2O 3.46.0.12 serves for its deep-learning builder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.params import declaration, range_messages, specifications, unsupported_messages
from pydantic import ValidationError

RECORDED: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("recorded_parameters.json").read_text(encoding="utf-8")
)
DECLARED = specifications(DeepLearningParameters)
BEYOND_H2O = {"activation": ["ExpRectifier", "ExpRectifierWithDropout"]}
"""Choices that H2O computes as well, but does not offer."""

LIMITED = {name: declaration(DeepLearningParameters, name).supported for name in DECLARED}


def unsupported(name: str) -> Any:
    """A value of the parameter's type that is not among the supported ones."""
    declared, supported = DECLARED[name], LIMITED[name] or ()
    if declared.values:
        return next(value for value in declared.values if value not in supported)
    if declared.default is None:
        return ["some"] if declared.type.endswith("[]") else "some"
    return not declared.default if declared.type == "boolean" else declared.default + 1


def test_the_parameters_are_h2os_in_h2os_order() -> None:
    assert list(DECLARED) == [row["name"] for row in RECORDED]


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: row["name"])
def test_each_parameter_has_h2os_type_default_level_and_values(row: dict[str, Any]) -> None:
    declared = DECLARED[row["name"]]
    default = list(declared.default) if isinstance(declared.default, tuple) else declared.default
    assert {
        "name": declared.name,
        "type": declared.type,
        "required": declared.required,
        "default_value": default,
        "level": str(declared.level),
        "values": list(declared.values),
        "gridable": declared.gridable,
        "is_member_of_frames": list(declared.is_member_of_frames),
        "is_mutually_exclusive_with": list(declared.is_mutually_exclusive_with),
    } == {**row, "values": row["values"] + BEYOND_H2O.get(row["name"], [])}
    assert declared.help.endswith(".")


@pytest.mark.parametrize("name", DECLARED)
def test_every_default_is_in_range_and_supported(name: str) -> None:
    declared = declaration(DeepLearningParameters, name)
    assert declared.supported is None or DECLARED[name].default in declared.supported
    assert not range_messages(DeepLearningParameters())
    assert not unsupported_messages(DeepLearningParameters())


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("rectifier_with_dropout", "RectifierWithDropout"),
        ("TANH", "Tanh"),
        ("RectifierWithDropout", "RectifierWithDropout"),
    ],
)
def test_choices_are_matched_whatever_their_case_and_underscores(given: str, meant: str) -> None:
    assert DeepLearningParameters.model_validate({"activation": given}).activation == meant


@pytest.mark.parametrize(
    "wrong", [{"activation": "Sigmoid"}, {"epohcs": 3}, {"hidden": "many"}, {"epochs": "abc"}]
)
def test_unknown_names_choices_and_types_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        DeepLearningParameters.model_validate(wrong)


@pytest.mark.parametrize("name", [name for name in DECLARED if LIMITED[name]])
def test_what_cannot_be_done_yet_is_refused_by_name(name: str) -> None:
    value = unsupported(name)
    (message,) = unsupported_messages(DeepLearningParameters.model_validate({name: value}))
    assert message.field == name
    assert message.text.startswith(f"{name} is {value}, which is not available yet: use ")


@pytest.mark.parametrize(
    ("name", "value", "valid"),
    [
        ("hidden", [20, 0], ">= 1"),
        ("epochs", -1, ">= 0"),
        ("input_dropout_ratio", 1.0, ">= 0 and < 1"),
        ("hidden_dropout_ratios", [0.5, 1.5], ">= 0 and < 1"),
        ("rho", 0.0, "> 0 and < 1"),
        ("epsilon", 0.0, "> 0"),
        ("l1", -1e-9, ">= 0"),
        ("score_duty_cycle", 1.1, ">= 0 and <= 1"),
        ("train_samples_per_iteration", -3, ">= -2"),
        ("max_runtime_secs", -1, ">= 0"),
        ("mini_batch_size", 0, ">= 1 and <= 1024"),
        ("mini_batch_size", 1025, ">= 1 and <= 1024"),
    ],
)
def test_a_number_out_of_range_is_named_with_its_value_and_the_range(
    name: str, value: Any, valid: str
) -> None:
    (message,) = range_messages(DeepLearningParameters.model_validate({name: value}))
    assert message.field == name
    assert str(value) in message.text or str(float(value)) in message.text
    assert message.text.endswith(f"must be {valid}.")
