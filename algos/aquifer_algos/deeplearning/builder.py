"""Deep learning as a model builder: from parameters in a job to a model in the store."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import cast

from aquifer_cluster.cloud import Cloud
from aquifer_cluster.errors import JobCancelled
from aquifer_cluster.frame import Frame
from aquifer_cluster.jobs import Job
from aquifer_cluster.store import Store

from aquifer_algos.builder import Inputs, ModelBuilder, require_valid
from aquifer_algos.deeplearning.checkpoint import Checkpoint
from aquifer_algos.deeplearning.history import history_table
from aquifer_algos.deeplearning.importance import importance_tables
from aquifer_algos.deeplearning.layers import layer_frames
from aquifer_algos.deeplearning.params import DeepLearningParameters
from aquifer_algos.deeplearning.preparation import prepare
from aquifer_algos.deeplearning.training import Kept, Training
from aquifer_algos.deeplearning.validation import validate
from aquifer_algos.model import LayerKeys, Model, ModelOutput, ModelStatus
from aquifer_algos.params import Message, ModelParameters, Severity


def validate_parameters(parameters: ModelParameters, inputs: Inputs, cloud: Cloud) -> tuple[Message, ...]:
    """Every error, warning and hint at once; see `validation.validate`."""
    return validate(cast(DeepLearningParameters, parameters), inputs, cloud)


def train(
    cloud: Cloud, store: Store, parameters: ModelParameters, inputs: Inputs, job: Job, key: str
) -> Model:
    """Train a network and put the model into the store under `key`.

    A cancelled job leaves the best model so far, marked as cancelled, or nothing if none was scored yet; a
    failed one leaves nothing. Raises InvalidParameters, JobCancelled, NetworkUnstable.
    """
    asked = cast(DeepLearningParameters, parameters)
    began = time.time()
    messages = validate(asked, inputs, cloud)
    require_valid(messages)
    assert inputs.training is not None
    prepared = prepare(cloud, asked, inputs, job.key)
    for warning in prepared.validation.warnings if prepared.validation else ():
        job.warn(warning)
    run = Training(cloud, job, prepared, began)
    said = [message.text for message in messages if message.severity is Severity.WARNING]
    job.preview = lambda: None if run.kept is None else _model(key, run, run.kept, said, ModelStatus.TRAINING)
    try:
        run.run()
    except JobCancelled:
        if run.kept is not None:
            _conclude(store, key, run, said, ModelStatus.CANCELLED)
        raise
    return _conclude(store, key, run, said, run.status)


def _conclude(store: Store, key: str, run: Training, said: Sequence[str], status: ModelStatus) -> Model:
    """Make a model of what was kept, and put it into the store."""
    assert run.kept is not None
    kept = run.kept.in_memory()
    model = _model(key, run, kept, said, status)
    _put(store, model, _layers(run, kept))
    return model


def _layers(run: Training, kept: Kept) -> tuple[Sequence[Frame], Sequence[Frame]]:
    """The frames of weights and of biases, if they were asked for."""
    if not run.prepared.effective.export_weights_and_biases:
        return (), ()
    return layer_frames(run.cloud, kept.scorer.network, kept.data.coefficients)


def _put(store: Store, model: Model, layers: tuple[Sequence[Frame], Sequence[Frame]]) -> None:
    """Put a model into the store, after the frames that go with it."""
    keys = model.output.layers or LayerKeys((), ())
    for frame_key, frame in zip((*keys.weights, *keys.biases), (*layers[0], *layers[1]), strict=True):
        store.put(frame_key, frame)
    store.put(model.key, model)


def _model(key: str, run: Training, kept: Kept, said: Sequence[str], status: ModelStatus) -> Model:
    prepared = run.prepared
    exported = range(len(kept.scorer.network.topology.layers))
    network, category = kept.scorer.network, prepared.data.response.category
    of_inputs, of_columns = (
        importance_tables(network, prepared.data) if prepared.effective.variable_importances else (None, None)
    )
    output = ModelOutput(
        training_metrics=kept.training,
        validation_metrics=kept.validation,
        scoring_history=history_table(tuple(run.history), category, prepared.validation is not None),
        model_summary=kept.summary,
        variable_importances=of_inputs,
        importances_by_column=of_columns,
        status=status,
        warnings=(*said, *run.job.warnings),
        started=run.began,
        ended=time.time(),
        descriptions=_descriptions(run),
        layers=(
            LayerKeys(
                tuple(f"{key}.weights.{layer}" for layer in exported),
                tuple(f"{key}.biases.{layer}" for layer in exported),
            )
            if prepared.effective.export_weights_and_biases and status is not ModelStatus.TRAINING
            else None
        ),
    )
    decisive = kept.validation or kept.training
    return Model(
        key=key,
        algo=DEEP_LEARNING.algo,
        algo_full_name=DEEP_LEARNING.full_name,
        parameters=prepared.asked,
        effective=prepared.effective,
        data=kept.data,
        scorer=kept.scorer,
        output=output,
        default_threshold=getattr(decisive, "default_threshold", 0.5),
        checkpoint=Checkpoint(kept.state, kept.history, kept.trained, run.history[-1].progress.epochs),
    )


def _descriptions(run: Training) -> tuple[str, str]:
    """What the training and the validation metrics were computed on."""
    prepared = run.prepared
    training = "full training frame"
    if prepared.plan.sample_share < 1:
        training = f"temporary training frame with {run.replicas.sampled} samples"
    validation = ""
    if prepared.validation is not None:
        draw = prepared.validation_draw
        validation = "full validation frame" if draw is None else f"{draw.share:.1%} of the validation frame"
        validation += " (stratified sampling)" if draw is not None and draw.stratified else ""
    said = "Metrics reported on "
    return said + training, said + validation if validation else ""


DEEP_LEARNING = ModelBuilder(
    algo="deeplearning",
    name="DeepLearning",
    full_name="Deep Learning",
    can_build=("Regression", "Binomial", "Multinomial"),
    supervised=True,
    parameters=DeepLearningParameters,
    validate=validate_parameters,
    train=train,
)
