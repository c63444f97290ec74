"""The gamma function and its relatives, of whole columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from aquifer_cluster.compilation import Kernels

KERNELS = Kernels("aquifer_cluster.transform.gamma.kernels")


def _function(kernel: str) -> Callable[[Any], Any]:
    def apply(values: Any) -> Any:
        """Of a number, or of each number of an array; missing stays missing, and so is it at a pole."""
        numbers = np.array(values, np.float64, ndmin=1)
        getattr(KERNELS.load(), kernel)(numbers)
        return numbers if np.ndim(values) else numbers[0]

    return apply


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "gamma": _function("replace_by_gamma"),
    "lgamma": _function("replace_by_log_gamma"),
    "digamma": _function("replace_by_digamma"),
    "trigamma": _function("replace_by_trigamma"),
}
"""Γ, ln |Γ|, its derivative ψ, and ψ′."""
