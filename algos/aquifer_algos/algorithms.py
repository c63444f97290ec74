"""The algorithms that are offered, by the name they have in addresses."""

from collections.abc import Mapping
from types import MappingProxyType

from aquifer_algos.builder import ModelBuilder
from aquifer_algos.deeplearning.builder import DEEP_LEARNING

ALGORITHMS: Mapping[str, ModelBuilder] = MappingProxyType({DEEP_LEARNING.algo: DEEP_LEARNING})
