"""Model builders: the algorithms on offer, and what became of a request to build."""

from __future__ import annotations

from collections.abc import Iterable

from aquifer_algos.builder import ModelBuilder
from aquifer_algos.params import Message, ModelParameters, Severity
from pydantic import SerializeAsAny

from aquifer_server.schemas.base import Answer, Meta
from aquifer_server.schemas.error import ValidationMessageV3
from aquifer_server.schemas.jobs import JobV3
from aquifer_server.schemas.parameters import ModelParameterSchemaV3, message_v3, parameters_table


class ModelBuilderSchemaV3(Answer, schema_type="ModelBuilder"):
    """One algorithm with its parameters; a job if a build has begun."""

    job: JobV3 | None
    algo: str
    algo_full_name: str
    can_build: list[str]
    visibility: str = "Stable"
    supervised: bool
    messages: list[ValidationMessageV3]
    error_count: int
    parameters: list[ModelParameterSchemaV3]


class ModelBuildersV3(Answer):
    """The algorithms by name."""

    model_builders: dict[str, SerializeAsAny[ModelBuilderSchemaV3]]


def model_builder_v3(
    builder: ModelBuilder,
    asked: ModelParameters | None = None,
    messages: Iterable[Message] = (),
    job: JobV3 | None = None,
) -> ModelBuilderSchemaV3:
    """An algorithm as clients know it, such as DeepLearningV3."""
    said = list(messages)
    return ModelBuilderSchemaV3(
        meta=Meta(schema_name=f"{builder.name}V3", schema_type=builder.name),
        job=job,
        algo=builder.algo,
        algo_full_name=builder.full_name,
        can_build=list(builder.can_build),
        supervised=builder.supervised,
        messages=[message_v3(message) for message in said],
        error_count=sum(message.severity is Severity.ERROR for message in said),
        parameters=parameters_table(builder.parameters, asked),
    )
