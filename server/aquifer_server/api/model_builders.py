"""Model builders: the algorithms, the check of their parameters, and the build as a job."""

from __future__ import annotations

from aquifer_algos.algorithms import ALGORITHMS
from aquifer_algos.builder import ModelBuilder, inputs_of
from aquifer_algos.params import Severity
from aquifer_cluster.errors import KeyNotFound
from aquifer_cluster.jobs import Job
from fastapi import APIRouter
from starlette.responses import Response

from aquifer_server.api.dependencies import Client, Coordinated, Given
from aquifer_server.api.responses import json_response
from aquifer_server.binding import bind
from aquifer_server.errors import IllegalParameters
from aquifer_server.schemas.jobs import job_v3
from aquifer_server.schemas.model_builders import ModelBuilderSchemaV3, ModelBuildersV3, model_builder_v3
from aquifer_server.schemas.parameters import message_v3, parameters_v3

router = APIRouter(tags=["model builders"])


@router.get("/3/ModelBuilders", response_model=ModelBuildersV3)
async def list_builders() -> ModelBuildersV3:
    """All algorithms with their parameters."""
    return ModelBuildersV3(
        model_builders={algo: model_builder_v3(builder) for algo, builder in ALGORITHMS.items()}
    )


@router.get("/3/ModelBuilders/{algo}", response_model=ModelBuildersV3)
async def get_builder(algo: str) -> ModelBuildersV3:
    """One algorithm with its parameters."""
    return ModelBuildersV3(model_builders={algo: model_builder_v3(_builder(algo))})


@router.post("/3/ModelBuilders/{algo}/parameters", response_model=ModelBuilderSchemaV3)
def check_parameters(algo: str, given: Given, coordinator: Coordinated) -> Response:
    """What is wrong with parameters, without building anything."""
    builder = _builder(algo)
    parameters = bind(builder.parameters, given)
    inputs = inputs_of(coordinator.store, parameters)
    messages = builder.validate(parameters, inputs, coordinator.cloud)
    return json_response(model_builder_v3(builder, parameters, messages))


@router.post("/3/ModelBuilders/{algo}", response_model=ModelBuilderSchemaV3)
def build_model(algo: str, given: Given, coordinator: Coordinated, client: Client) -> Response:
    """Begin to build a model; it is there when the job is done."""
    builder = _builder(algo)
    asked = bind(builder.parameters, given)
    key = asked.model_id or coordinator.model_key(builder.name, client)
    asked = asked.model_copy(update={"model_id": key})
    inputs = inputs_of(coordinator.store, asked)
    messages = builder.validate(asked, inputs, coordinator.cloud)
    if any(message.severity is Severity.ERROR for message in messages):
        said = [message_v3(message) for message in messages]
        raise IllegalParameters(builder.name, key, parameters_v3(builder, asked), said)

    def work(job: Job) -> None:
        builder.train(coordinator.cloud, coordinator.store, asked, inputs, job, key)

    job = coordinator.jobs.start(builder.name, key, "model", work)
    return json_response(model_builder_v3(builder, asked, messages, job_v3(job)))


def _builder(algo: str) -> ModelBuilder:
    if algo not in ALGORITHMS:
        raise KeyNotFound(algo, "algorithm")
    return ALGORITHMS[algo]
