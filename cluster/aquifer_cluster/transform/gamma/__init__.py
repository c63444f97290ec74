"""The gamma function, its logarithm, and the first two derivatives of that."""

from aquifer_cluster.transform.gamma.functions import FUNCTIONS

__all__ = ["FUNCTIONS"]
