"""Keys: binding, renaming, removing and listing them."""

from __future__ import annotations

import numpy as np
from aquifer_cluster.chunk import ColumnType
from aquifer_cluster.frame import Frame
from aquifer_cluster.transform.creation import NewColumn, make_small_frame

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.values import FRAME, KEY


def _bind_temporary(context: Context, key: str, frame: Frame) -> Frame:
    return context.bind(key, frame, temporary=True)


def _bind_lasting(context: Context, key: str, frame: Frame) -> Frame:
    return context.bind(key, frame, temporary=False)


def _remove(context: Context, key: str) -> float:
    return float(context.remove(key))


def _rename(context: Context, old: str, new: str) -> float:
    context.rename(old, new)
    return np.nan


def _list_keys(context: Context) -> Frame:
    keys = tuple(context.keys())
    codes = np.arange(len(keys), dtype=np.int32)
    return make_small_frame(context.cloud, [NewColumn("key", ColumnType.ENUM, codes, keys)])


_BINDING = (Argument("key", KEY), Argument("frame", FRAME))
BINDERS = ("tmp=", "assign")

PRIMITIVES = (
    Primitive("tmp=", _BINDING, "frame", "Bind a temporary of the session.", _bind_temporary),
    Primitive("assign", _BINDING, "frame", "Bind a key that outlives the session.", _bind_lasting),
    Primitive("rm", (Argument("key", KEY),), "number", "Unbind a key: 1 if it was bound, else 0.", _remove),
    Primitive(
        "rename", (Argument("old", KEY), Argument("new", KEY)), "number", "Give a key another name.", _rename
    ),
    Primitive("ls", (), "frame", "All keys, in one column.", _list_keys),
)
