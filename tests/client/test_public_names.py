"""What the package shows is what it promises."""

from __future__ import annotations

import builtins
import importlib
import inspect
import pkgutil
import types

import h2o
import pytest
from h2o import exceptions


def test_the_promised_names_are_sorted_and_complete() -> None:
    visible = {
        name
        for name, value in vars(h2o).items()
        if not name.startswith("_") and not (isinstance(value, types.ModuleType) and name not in h2o.__all__)
    }
    assert sorted(h2o.__all__) == h2o.__all__
    assert visible == set(h2o.__all__)


@pytest.mark.parametrize("name", h2o.__all__)
def test_every_promised_name_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(h2o, name))


def drawn_line(name: str) -> str:
    return next(line for line in (exceptions.__doc__ or "").splitlines() if name in line.split())


@pytest.mark.parametrize("name", exceptions.__all__)
def test_the_drawn_tree_of_errors_is_the_true_one(name: str) -> None:
    error = getattr(exceptions, name)
    also = drawn_line(name).partition("(also ")[2].rstrip(")")
    own = UserWarning if name == "H2OWarning" else exceptions.H2OError
    assert issubclass(error, own)
    assert not also or issubclass(error, getattr(builtins, also))


def test_every_module_can_be_imported_by_itself() -> None:
    for module in pkgutil.walk_packages(h2o.__path__, "h2o."):
        assert importlib.import_module(module.name).__doc__


def test_the_names_of_h2os_users_are_where_they_expect_them() -> None:
    from h2o.estimators.deeplearning import H2ODeepLearningEstimator
    from h2o.frame import H2OFrame

    assert H2OFrame is h2o.H2OFrame
    assert h2o.estimators.H2ODeepLearningEstimator is H2ODeepLearningEstimator
