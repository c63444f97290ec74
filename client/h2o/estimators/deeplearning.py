"""Deep learning: fully connected networks, trained by lock-free stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from h2o.estimators.estimator import H2OEstimator
from h2o.estimators.parameters import Parameter

__all__ = ["H2OAutoEncoderEstimator", "H2ODeepLearningEstimator"]

_PARAMETERS = (
    Parameter("model_id", "key"),
    Parameter("training_frame", "key"),
    Parameter("validation_frame", "key"),
    Parameter("nfolds", "int", 0),
    Parameter("keep_cross_validation_models", "bool", True),
    Parameter("keep_cross_validation_predictions", "bool", False),
    Parameter("keep_cross_validation_fold_assignment", "bool", False),
    Parameter("fold_assignment", "enum", "AUTO", ("AUTO", "Random", "Modulo", "Stratified")),
    Parameter("fold_column", "column"),
    Parameter("response_column", "column"),
    Parameter("ignored_columns", "strs"),
    Parameter("ignore_const_cols", "bool", True),
    Parameter("score_each_iteration", "bool", False),
    Parameter("weights_column", "column"),
    Parameter("offset_column", "column"),
    Parameter("balance_classes", "bool", False),
    Parameter("class_sampling_factors", "floats"),
    Parameter("max_after_balance_size", "float", 5.0),
    Parameter("max_confusion_matrix_size", "int", 20),
    Parameter("checkpoint", "key"),
    Parameter("pretrained_autoencoder", "key"),
    Parameter("overwrite_with_best_model", "bool", True),
    Parameter("use_all_factor_levels", "bool", True),
    Parameter("standardize", "bool", True),
    Parameter(
        "activation",
        "enum",
        "Rectifier",
        (
            "Tanh",
            "TanhWithDropout",
            "Rectifier",
            "RectifierWithDropout",
            "Maxout",
            "MaxoutWithDropout",
            "ExpRectifier",
            "ExpRectifierWithDropout",
        ),
    ),
    Parameter("hidden", "ints", [200, 200]),
    Parameter("epochs", "float", 10.0),
    Parameter("train_samples_per_iteration", "int", -2),
    Parameter("target_ratio_comm_to_comp", "float", 0.05),
    Parameter("seed", "int", -1),
    Parameter("adaptive_rate", "bool", True),
    Parameter("rho", "float", 0.99),
    Parameter("epsilon", "float", 1e-08),
    Parameter("rate", "float", 0.005),
    Parameter("rate_annealing", "float", 1e-06),
    Parameter("rate_decay", "float", 1.0),
    Parameter("momentum_start", "float", 0.0),
    Parameter("momentum_ramp", "float", 1000000.0),
    Parameter("momentum_stable", "float", 0.0),
    Parameter("nesterov_accelerated_gradient", "bool", True),
    Parameter("input_dropout_ratio", "float", 0.0),
    Parameter("hidden_dropout_ratios", "floats"),
    Parameter("l1", "float", 0.0),
    Parameter("l2", "float", 0.0),
    Parameter("max_w2", "float", 3.4028235e38),
    Parameter(
        "initial_weight_distribution", "enum", "UniformAdaptive", ("UniformAdaptive", "Uniform", "Normal")
    ),
    Parameter("initial_weight_scale", "float", 1.0),
    Parameter("initial_weights", "frames"),
    Parameter("initial_biases", "frames"),
    Parameter(
        "loss",
        "enum",
        "Automatic",
        ("Automatic", "CrossEntropy", "Quadratic", "Huber", "Absolute", "Quantile"),
    ),
    Parameter(
        "distribution",
        "enum",
        "AUTO",
        (
            "AUTO",
            "bernoulli",
            "quasibinomial",
            "ordinal",
            "multinomial",
            "gaussian",
            "poisson",
            "gamma",
            "tweedie",
            "laplace",
            "quantile",
            "huber",
            "custom",
        ),
    ),
    Parameter("quantile_alpha", "float", 0.5),
    Parameter("tweedie_power", "float", 1.5),
    Parameter("huber_alpha", "float", 0.9),
    Parameter("score_interval", "float", 5.0),
    Parameter("score_training_samples", "int", 10000),
    Parameter("score_validation_samples", "int", 0),
    Parameter("score_duty_cycle", "float", 0.1),
    Parameter("classification_stop", "float", 0.0),
    Parameter("regression_stop", "float", 1e-06),
    Parameter("stopping_rounds", "int", 5),
    Parameter(
        "stopping_metric",
        "enum",
        "AUTO",
        (
            "AUTO",
            "deviance",
            "logloss",
            "MSE",
            "RMSE",
            "MAE",
            "RMSLE",
            "AUC",
            "AUCPR",
            "lift_top_group",
            "misclassification",
            "mean_per_class_error",
            "anomaly_score",
            "AUUC",
            "ATE",
            "ATT",
            "ATC",
            "qini",
            "custom",
            "custom_increasing",
        ),
    ),
    Parameter("stopping_tolerance", "float", 0.0),
    Parameter("max_runtime_secs", "float", 0.0),
    Parameter("score_validation_sampling", "enum", "Uniform", ("Uniform", "Stratified")),
    Parameter("diagnostics", "bool", True),
    Parameter("fast_mode", "bool", True),
    Parameter("force_load_balance", "bool", True),
    Parameter("variable_importances", "bool", True),
    Parameter("replicate_training_data", "bool", True),
    Parameter("single_node_mode", "bool", False),
    Parameter("shuffle_training_data", "bool", False),
    Parameter("missing_values_handling", "enum", "MeanImputation", ("MeanImputation", "Skip")),
    Parameter("quiet_mode", "bool", False),
    Parameter("autoencoder", "bool", False),
    Parameter("sparse", "bool", False),
    Parameter("col_major", "bool", False),
    Parameter("average_activation", "float", 0.0),
    Parameter("sparsity_beta", "float", 0.0),
    Parameter("max_categorical_features", "int", 2147483647),
    Parameter("reproducible", "bool", False),
    Parameter("export_weights_and_biases", "bool", False),
    Parameter("mini_batch_size", "int", 1),
    Parameter(
        "categorical_encoding",
        "enum",
        "AUTO",
        (
            "AUTO",
            "Enum",
            "OneHotInternal",
            "OneHotExplicit",
            "Binary",
            "Eigen",
            "LabelEncoder",
            "SortByResponse",
            "EnumLimited",
        ),
    ),
    Parameter("elastic_averaging", "bool", False),
    Parameter("elastic_averaging_moving_rate", "float", 0.9),
    Parameter("elastic_averaging_regularization", "float", 0.001),
    Parameter("export_checkpoints_dir", "str"),
    Parameter(
        "auc_type", "enum", "AUTO", ("AUTO", "NONE", "MACRO_OVR", "WEIGHTED_OVR", "MACRO_OVO", "WEIGHTED_OVO")
    ),
    Parameter("custom_metric_func", "str"),
    Parameter("gainslift_bins", "int", -1),
)


class H2ODeepLearningEstimator(H2OEstimator):
    """A deep network for classification (a categorical response) or regression (a numeric one).

    **Usage**

        model = H2ODeepLearningEstimator(hidden=[32, 32], epochs=10, activation="RectifierWithDropout")
        model.train(x=train.names[:-1], y="label", training_frame=train, validation_frame=test)
        model.confusion_matrix(valid=True)
        model.predict(test)

    The parameters are those of H2O's protocol, with the server's defaults; help shows them all as attributes.
    An unknown or ill-typed one is refused at once.
    """

    algo_name: ClassVar[str] = "deeplearning"
    parameters: ClassVar[Mapping[str, Parameter]] = {parameter.name: parameter for parameter in _PARAMETERS}


class H2OAutoEncoderEstimator(H2ODeepLearningEstimator):
    """A deep network that learns to give its inputs back: for anomalies, features, and pre-training.

    **Usage**

        model = H2OAutoEncoderEstimator(activation="Tanh", hidden=[50, 20, 50], epochs=100)
        model.train(x=train.names, training_frame=train)
        model.anomaly(test)

    It takes the parameters of H2ODeepLearningEstimator; ``autoencoder`` is True.
    """

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._give("autoencoder", True)
