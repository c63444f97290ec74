"""Prints the public methods of frames, groupings and models, and the functions of the package, as JSON.

    python signatures.py

It runs with H2O's client and with ours. Of each parameter: name, default (as Python shows it), kind.
"""

from __future__ import annotations

import inspect
import json
from typing import Any

import h2o
import h2o.model
from h2o.estimators import H2OAutoEncoderEstimator, H2ODeepLearningEstimator
from h2o.frame import H2OFrame
from h2o.group_by import GroupBy

CATEGORIES = ("H2OBinomialModel", "H2OMultinomialModel", "H2ORegressionModel", "H2OAutoEncoderModel")


def parameters(function: Any) -> list[tuple[str, str, str]]:
    found = inspect.signature(function).parameters.values()
    return [(one.name, default(one.default), one.kind.name) for one in found if one.name != "self"]


def default(value: Any) -> str:
    """An empty list and an empty tuple are the same default."""
    return "(none)" if value is inspect.Parameter.empty else repr([] if value == () else value)


def members(kind: type) -> dict[str, Any]:
    found: dict[str, Any] = {f"{kind.__name__}()": parameters(kind.__init__)}  # type: ignore[misc]
    for name in (name for name in dir(kind) if not name.startswith("_")):
        value = inspect.getattr_static(kind, name)
        if isinstance(value, property):
            found[f"{kind.__name__}.{name}"] = "property"
        elif callable(getattr(kind, name)):
            found[f"{kind.__name__}.{name}"] = parameters(getattr(kind, name))
    return found


def functions() -> dict[str, Any]:
    public = {name: one for name, one in vars(h2o).items() if not name.startswith("_")}
    return {f"h2o.{name}": parameters(one) for name, one in public.items() if inspect.isroutine(one)}


def models() -> dict[str, Any]:
    """What deep learning's models have, before and after they are trained.

    Its parameters are left out. H2O's client makes a trained model one of a class for its category.
    """
    kinds = [H2ODeepLearningEstimator, H2OAutoEncoderEstimator]
    kinds += [getattr(h2o.model, name) for name in CATEGORIES if hasattr(h2o.model, name)]
    parameters = set(inspect.signature(H2ODeepLearningEstimator).parameters)
    found = {name.partition(".")[2]: one for kind in kinds for name, one in members(kind).items()}
    return {f"model.{name}": one for name, one in found.items() if name and name not in parameters}


if __name__ == "__main__":
    print(json.dumps({**members(H2OFrame), **members(GroupBy), **models(), **functions()}))
