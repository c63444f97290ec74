"""All operations that an expression can have part in."""

from __future__ import annotations

from h2o._arithmetic import Arithmetic
from h2o._levels import Levels
from h2o._missing import Missing
from h2o._munging import Munging
from h2o._samples import Samples
from h2o._statistics import Statistics
from h2o._texts import Texts
from h2o._times import Times
from h2o._transforms import Transforms
from h2o._types import Types

__all__ = ["FrameOperations"]


class FrameOperations(
    Arithmetic, Types, Statistics, Transforms, Missing, Samples, Texts, Times, Levels, Munging
):
    """The operations of a frame; :class:`h2o.H2OFrame` adds data, names, selection and display."""
