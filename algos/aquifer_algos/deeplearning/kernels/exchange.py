"""How a thread with weights of its own shares its steps with the others."""

from typing import Any

from aquifer_algos.deeplearning.kernels.jit import jit
from aquifer_algos.deeplearning.kernels.vector import BLOCK, load, store


@jit()
def exchange(own: Any, base: Any, shared: Any, length: Any) -> None:
    """Add the steps made since the last exchange to the shared weights, and take up the others' steps."""
    for at in range(0, length, BLOCK):
        now = load(shared + at) + (load(own + at) - load(base + at))
        store(shared + at, now)
        store(own + at, now)
        store(base + at, now)
