"""The thin Python client of an Aquifer (or H2O) server.

**Usage**

    import h2o
    from h2o.estimators import H2ODeepLearningEstimator

    h2o.init()
    digits = h2o.import_file("digits.csv.gz")
    digits["label"] = digits["label"].asfactor()
    train, test = digits.split_frame([0.8], seed=1)
    model = H2ODeepLearningEstimator(hidden=[32, 32], epochs=10)
    model.train(y="label", training_frame=train, validation_frame=test)
    print(model.confusion_matrix(valid=True))
    print(model.predict(test))
"""

import importlib.metadata as _metadata
import warnings as _warnings

from h2o import estimators, exceptions, persist
from h2o._api import (
    api,
    cluster,
    connection,
    flow,
    get_timezone,
    list_timezones,
    log_and_echo,
    rapids,
    set_timezone,
    shutdown,
)
from h2o._cluster import H2OCluster
from h2o._connection import Connection
from h2o._generation import create_frame
from h2o._imports import import_file, lazy_import, parse_raw, parse_setup, upload_file
from h2o._init import connect, init
from h2o._keys import (
    as_list,
    assign,
    deep_copy,
    frame,
    frames,
    get_frame,
    get_model,
    interaction,
    ls,
    models,
    remove,
    remove_all,
)
from h2o._storage import download_csv, export_file, load_frame
from h2o._transport import AppTransport, Request, Response, SocketTransport, Transport
from h2o.exceptions import H2OWarning as _H2OWarning
from h2o.frame import H2OFrame
from h2o.job import H2OJob
from h2o.metrics import H2OModelMetrics
from h2o.model import H2OModel
from h2o.progress import no_progress, show_progress
from h2o.two_dim_table import H2OTwoDimTable

__all__ = [
    "AppTransport",
    "Connection",
    "H2OCluster",
    "H2OFrame",
    "H2OJob",
    "H2OModel",
    "H2OModelMetrics",
    "H2OTwoDimTable",
    "Request",
    "Response",
    "SocketTransport",
    "Transport",
    "api",
    "as_list",
    "assign",
    "cluster",
    "connect",
    "connection",
    "create_frame",
    "deep_copy",
    "download_csv",
    "estimators",
    "exceptions",
    "export_file",
    "flow",
    "frame",
    "frames",
    "get_frame",
    "get_model",
    "get_timezone",
    "import_file",
    "init",
    "interaction",
    "lazy_import",
    "list_timezones",
    "load_frame",
    "log_and_echo",
    "ls",
    "models",
    "no_progress",
    "parse_raw",
    "parse_setup",
    "persist",
    "rapids",
    "remove",
    "remove_all",
    "set_timezone",
    "show_progress",
    "shutdown",
    "upload_file",
]


def _warn_of_namesake() -> None:
    """H2O's own client installs the same package directory: whichever came last has overwritten the other."""
    try:
        version = _metadata.version("h2o")
    except _metadata.PackageNotFoundError:
        return
    _warnings.warn(
        f"PyPI's h2o {version} is installed in this environment too; the two overwrite each other's files. "
        "Keep one: pip uninstall h2o, then pip install --force-reinstall aquifer",
        _H2OWarning,
        stacklevel=3,
    )


_warn_of_namesake()
