"""What is on the server, and under which key: listed, fetched, kept, removed."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

from h2o._connection import current
from h2o._expression import Expression
from h2o.exceptions import H2OTypeError
from h2o.frame import H2OFrame
from h2o.model import H2OModel

__all__ = [
    "as_list",
    "assign",
    "deep_copy",
    "frame",
    "frames",
    "get_frame",
    "get_model",
    "interaction",
    "ls",
    "models",
    "remove",
    "remove_all",
]


def get_frame(frame_id: str, **kwargs: Any) -> H2OFrame | None:
    """The frame of that key, or None where there is none; see :meth:`H2OFrame.get_frame`."""
    return H2OFrame.get_frame(frame_id, **kwargs)


def get_model(model_id: str) -> H2OModel:
    """The model of that key; raises H2OResponseError where there is none."""
    return H2OModel.get_model(model_id)


def frame(frame_id: str) -> dict[str, Any]:
    """What the server tells about one frame, as it tells it; raises H2OResponseError where there is none."""
    answer: dict[str, Any] = current().call("GET /3/Frames/{}", frame_id)
    return answer


def frames() -> dict[str, Any]:
    """What the server tells about all frames, as it tells it, under ``"frames"``; for their keys see `ls`."""
    answer: dict[str, Any] = current().call("GET /3/Frames")
    return answer


def models() -> list[str]:
    """The keys of the models on the server."""
    return [model["model_id"]["name"] for model in current().call("GET /3/Models")["models"]]


def ls() -> Any:
    """The keys of everything on the server, as a frame's as_data_frame() gives them."""
    keys = H2OFrame._of(Expression("ls", connection=current()))
    return as_list(keys, use_pandas=importlib.util.find_spec("pandas") is not None)


def as_list(data: H2OFrame, use_pandas: bool = True, header: bool = True) -> Any:
    """The frame here; see :meth:`H2OFrame.as_data_frame`."""
    return data.as_data_frame(use_pandas=use_pandas, header=header)


def assign(data: H2OFrame, xid: str) -> H2OFrame:
    """Keep a frame under the key ``xid``, which outlives this program; returns the frame."""
    data._expression.key(xid)
    return data


def deep_copy(data: H2OFrame, xid: str) -> H2OFrame:
    """Another frame with the same values under the key ``xid``.

    Columns are never changed, only replaced: so the copy takes no memory until one of the two is changed.
    """
    return H2OFrame(data, destination_frame=xid)


def interaction(
    data: H2OFrame,
    factors: Sequence[str | int],
    pairwise: bool,
    max_factors: int,
    min_occurrence: int,
    destination_frame: str | None = None,
) -> H2OFrame:
    """A category out of several categorical columns of ``data``; see :meth:`H2OFrame.interaction`."""
    return data.interaction(factors, pairwise, max_factors, min_occurrence, destination_frame)


def remove(x: str | H2OFrame | H2OModel | Sequence[Any], cascade: bool = True) -> None:
    """Remove frames and models, given by themselves or by key; ``cascade`` also what belongs to them."""
    if isinstance(x, list | tuple):
        for one in x:
            remove(one, cascade)
        return
    if isinstance(x, H2OFrame):
        if not x._expression.pending:
            x._expression.connection.rapids(f"(rm {x.frame_id})")
        x.detach()
        return
    key = x.model_id if isinstance(x, H2OModel) else x
    if not isinstance(key, str):
        raise H2OTypeError(
            f"remove takes a frame, a model, a key, or a list of them, not a {type(x).__name__}"
        )
    current().call("DELETE /3/DKV/{}", key, query={"cascade": cascade})


def remove_all(retained: Sequence[str | H2OFrame | H2OModel] | None = None) -> None:
    """Remove everything except ``retained``, given by themselves or by key."""
    keys = [
        one.frame_id if isinstance(one, H2OFrame) else one.model_id if isinstance(one, H2OModel) else one
        for one in retained or ()
    ]
    current().call("DELETE /3/DKV", query={"retained_keys": keys or None})
