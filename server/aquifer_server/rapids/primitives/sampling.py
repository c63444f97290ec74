"""Random columns."""

from __future__ import annotations

import secrets

from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.uniform import uniform_column

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.values import FRAME, INTEGER


def _uniform(context: Context, frame: Frame, seed: int) -> Frame:
    return uniform_column(context.cloud, frame, secrets.randbits(63) if seed == -1 else seed)


PRIMITIVES = (
    Primitive(
        "h2o.runif",
        (Argument("frame", FRAME), Argument("seed", INTEGER, -1)),
        "frame",
        "A column of random numbers in [0, 1); the same for the same seed and rows (-1: another each time).",
        _uniform,
    ),
)
