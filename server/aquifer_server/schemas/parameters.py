"""Parameters of model builders on the wire, derived from their declarations."""

from __future__ import annotations

from typing import Any

from aquifer_algos.algorithms import ALGORITHMS
from aquifer_algos.builder import ModelBuilder
from aquifer_algos.params import Message, ModelParameters, Specification, specifications
from pydantic import create_model

from aquifer_server.schemas.base import Schema
from aquifer_server.schemas.error import ValidationMessageV3
from aquifer_server.schemas.keys import FrameKeyV3, ModelKeyV3


class ColSpecifierV3(Schema, schema_type="VecSpecifier"):
    """A column named by a parameter."""

    column_name: str
    is_member_of_frames: list[str] | None = None


class ModelParameterSchemaV3(Schema):
    """A parameter: what it is, its default, what was asked for (input) and what was used (actual)."""

    name: str
    label: str
    help: str
    required: bool
    type: str
    default_value: Any
    actual_value: Any
    input_value: Any
    level: str
    values: list[str]
    is_member_of_frames: list[str]
    is_mutually_exclusive_with: list[str]
    gridable: bool


_WRAPPERS: dict[str, Any] = {
    "Key<Frame>": FrameKeyV3.of,
    "Key<Model>": ModelKeyV3.of,
    "VecSpecifier": lambda column: ColSpecifierV3(column_name=column),
}


def parameters_table(
    declared: type[ModelParameters],
    asked: ModelParameters | None = None,
    used: ModelParameters | None = None,
) -> list[ModelParameterSchemaV3]:
    """The table of parameters that clients build their own checks and forms from."""
    return [
        ModelParameterSchemaV3(
            name=name,
            label=one.label,
            help=one.help,
            required=one.required,
            type=one.type,
            default_value=_on_wire(one, one.default),
            actual_value=_on_wire(one, getattr(used or asked, name, one.default)),
            input_value=_on_wire(one, getattr(asked, name, one.default)),
            level=str(one.level),
            values=list(one.values),
            is_member_of_frames=list(one.is_member_of_frames),
            is_mutually_exclusive_with=list(one.is_mutually_exclusive_with),
            gridable=one.gridable,
        )
        for name, one in specifications(declared).items()
    ]


def parameters_v3(builder: ModelBuilder, parameters: ModelParameters) -> Schema:
    """The parameters as one object, as errors report them."""
    values = {
        name: _on_wire(one, getattr(parameters, name))
        for name, one in specifications(builder.parameters).items()
    }
    return PARAMETER_SCHEMAS[builder.algo](**values)


def message_v3(message: Message) -> ValidationMessageV3:
    """What validation says, as the protocol sends it."""
    return ValidationMessageV3(
        message_type=str(message.severity), field_name=message.field, message=message.text
    )


def _on_wire(specification: Specification, value: Any) -> Any:
    wrap = _WRAPPERS.get(specification.type)
    if value is None or wrap is None:
        return list(value) if isinstance(value, tuple) else value
    return wrap(value)


def _parameters_schema(builder: ModelBuilder) -> type[Schema]:
    fields: dict[str, Any] = dict.fromkeys(specifications(builder.parameters), (Any, None))
    schema: type[Schema] = create_model(
        f"{builder.name}ParametersV3",
        __base__=Schema,
        __doc__=f"The parameters of {builder.full_name}.",
        __cls_kwargs__={"schema_type": f"{builder.name}Parameters"},
        **fields,
    )
    return schema


PARAMETER_SCHEMAS = {algo: _parameters_schema(builder) for algo, builder in ALGORITHMS.items()}
"""The schema of each algorithm's parameters, such as DeepLearningParametersV3."""
