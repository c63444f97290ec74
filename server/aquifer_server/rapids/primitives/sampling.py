"""Random columns: numbers, folds, sides of a split."""

from __future__ import annotations

import secrets

from aquifer_cluster.frame import Frame
from aquifer_cluster.transform import folds
from aquifer_cluster.transform.uniform import uniform_column

from aquifer_server.rapids.context import Context
from aquifer_server.rapids.declaration import Argument, Primitive
from aquifer_server.rapids.values import COLUMN, FRAME, INTEGER, NUMBER


def _seed(given: int) -> int:
    return secrets.randbits(63) if given == -1 else given


def _uniform(context: Context, frame: Frame, seed: int) -> Frame:
    return uniform_column(context.cloud, frame, _seed(seed))


def _random_folds(context: Context, frame: Frame, count: int, seed: int) -> Frame:
    return folds.random_folds(context.cloud, frame, count, _seed(seed))


def _modulo_folds(context: Context, frame: Frame, count: int) -> Frame:
    return folds.modulo_folds(context.cloud, frame, count)


def _stratified_folds(context: Context, frame: Frame, count: int, seed: int) -> Frame:
    return folds.stratified_folds(context.cloud, frame, count, _seed(seed))


def _stratified_split(context: Context, frame: Frame, fraction: float, seed: int) -> Frame:
    return folds.stratified_split(context.cloud, frame, fraction, _seed(seed))


_SEED = Argument("seed", INTEGER, -1)
_FOLDS = Argument("n_folds", INTEGER)

PRIMITIVES = (
    Primitive(
        "h2o.runif",
        (Argument("frame", FRAME), _SEED),
        "frame",
        "A column of random numbers in [0, 1); the same for the same seed and rows (-1: another each time).",
        _uniform,
    ),
    Primitive(
        "kfold_column",
        (Argument("frame", FRAME), _FOLDS, _SEED),
        "frame",
        "A column with each row's fold, at random.",
        _random_folds,
    ),
    Primitive(
        "modulo_kfold_column",
        (Argument("frame", FRAME), _FOLDS),
        "frame",
        "A column with each row's fold, in turn.",
        _modulo_folds,
    ),
    Primitive(
        "stratified_kfold_column",
        (Argument("column", COLUMN), _FOLDS, _SEED),
        "frame",
        "A column with each row's fold, at random, the rows of each level spread evenly.",
        _stratified_folds,
    ),
    Primitive(
        "h2o.random_stratified_split",
        (Argument("column", COLUMN), Argument("test_frac", NUMBER), _SEED),
        "frame",
        "A column of train and test, the fraction in test being the same for each level.",
        _stratified_split,
    ),
)
