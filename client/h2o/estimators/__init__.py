"""The algorithms, one estimator each."""

from h2o.estimators.deeplearning import H2ODeepLearningEstimator

__all__ = ["H2ODeepLearningEstimator"]
