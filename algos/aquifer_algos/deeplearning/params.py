"""The parameters of deep learning, in the protocol's order, with its names, defaults and levels."""

from __future__ import annotations

from math import inf
from typing import Annotated, Literal

from aquifer_algos.distributions import FAMILIES
from aquifer_algos.metrics.multiclass_auc import AucType
from aquifer_algos.params import Declaration, Interval, Level, ModelParameters
from aquifer_algos.stopping import STOPPING_METRICS

CRITICAL, SECONDARY, EXPERT = Level.CRITICAL, Level.SECONDARY, Level.EXPERT

_TRAINING = ("training_frame",)
_BOTH = ("training_frame", "validation_frame")
LARGEST_BATCH = 1024
"""Each thread has scratch memory for so many rows at most."""
_NOT_NEGATIVE = Interval(0)
_POSITIVE = Interval(0, open_low=True)
_SHARE = Interval(0, 1)
_DROPOUT = Interval(0, 1, open_high=True)
_UNIT_OPEN = Interval(0, 1, open_low=True, open_high=True)

NO_LIMIT = 3.4028235e38
"""The protocol's default of `max_w2`: no limit."""

Activation = Literal[
    "Tanh", "TanhWithDropout", "Rectifier", "RectifierWithDropout", "Maxout", "MaxoutWithDropout",
    "ExpRectifier", "ExpRectifierWithDropout",
]  # fmt: skip
Loss = Literal["Automatic", "CrossEntropy", "Quadratic", "Huber", "Absolute", "Quantile"]
Distribution = Literal[
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
]
StoppingMetric = Literal[
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
]
CategoricalEncoding = Literal[
    "AUTO",
    "Enum",
    "OneHotInternal",
    "OneHotExplicit",
    "Binary",
    "Eigen",
    "LabelEncoder",
    "SortByResponse",
    "EnumLimited",
]


def _column(
    role: str, *others: str, frames: tuple[str, ...] = _BOTH, level: Level = SECONDARY
) -> Declaration:
    return Declaration("VecSpecifier", level, role, True, frames, others)


class DeepLearningParameters(ModelParameters):
    """What can be said about a deep-learning model before it is trained.

    Lists are tuples, columns and keys are their names. Types are checked here, ranges and combinations by
    `validation.validate`.
    """

    nfolds: Annotated[
        int,
        Declaration("int", CRITICAL, "Number of folds of cross-validation; 0 for none.", supported=(0,)),
    ] = 0
    keep_cross_validation_models: Annotated[
        bool, Declaration("boolean", EXPERT, "Whether the models of the folds are kept.")
    ] = True
    keep_cross_validation_predictions: Annotated[
        bool, Declaration("boolean", EXPERT, "Whether the predictions of the folds' models are kept.")
    ] = False
    keep_cross_validation_fold_assignment: Annotated[
        bool, Declaration("boolean", EXPERT, "Whether each row's fold is kept, as a frame.")
    ] = False
    fold_assignment: Annotated[
        Literal["AUTO", "Random", "Modulo", "Stratified"],
        Declaration(
            "enum", SECONDARY, "How rows are dealt to folds; Stratified keeps the share of each class.", True
        ),
    ] = "AUTO"
    fold_column: Annotated[
        str | None,
        Declaration(
            "VecSpecifier",
            SECONDARY,
            "Column that holds each row's fold.",
            True,
            _TRAINING,
            ("response_column", "weights_column", "ignored_columns", "offset_column"),
            supported=(None,),
        ),
    ] = None
    response_column: Annotated[
        str | None,
        _column(
            "Column to predict: categorical for classification, numeric for regression.",
            "weights_column",
            "ignored_columns",
            "offset_column",
            "fold_column",
            level=CRITICAL,
        ),
    ] = None
    ignored_columns: Annotated[
        tuple[str, ...] | None,
        Declaration(
            "string[]",
            CRITICAL,
            "Columns that are not predictors.",
            False,
            _BOTH,
            ("response_column", "weights_column", "offset_column", "fold_column"),
        ),
    ] = None
    ignore_const_cols: Annotated[
        bool, Declaration("boolean", CRITICAL, "Whether columns that have one value only are left out.")
    ] = True
    score_each_iteration: Annotated[
        bool, Declaration("boolean", SECONDARY, "Whether the model is scored after every iteration.")
    ] = False
    weights_column: Annotated[
        str | None,
        _column(
            "Column of observation weights: a row of weight 2 counts like two, one of weight 0 not at all.",
            "response_column",
            "ignored_columns",
            "offset_column",
            "fold_column",
        ),
    ] = None
    offset_column: Annotated[
        str | None,
        Declaration(
            "VecSpecifier",
            SECONDARY,
            "Column that is added to the prediction before the inverse of the link.",
            True,
            _BOTH,
            ("response_column", "weights_column", "ignored_columns", "fold_column"),
        ),
    ] = None
    balance_classes: Annotated[
        bool,
        Declaration(
            "boolean", SECONDARY, "Whether rows of rare classes are repeated, until all are as many.", True
        ),
    ] = False
    class_sampling_factors: Annotated[
        tuple[float, ...] | None,
        Declaration(
            "float[]",
            EXPERT,
            "How many rows are made of one, for each class in order; as many as balance them if not given.",
            True,
            interval=_POSITIVE,
        ),
    ] = None
    max_after_balance_size: Annotated[
        float,
        Declaration(
            "float",
            EXPERT,
            "Most rows of the balanced data, relative to the given; below 1, rows are left out.",
            interval=_POSITIVE,
        ),
    ] = 5.0
    max_confusion_matrix_size: Annotated[
        int,
        Declaration("int", SECONDARY, "Largest number of classes whose confusion matrix goes to the log."),
    ] = 20
    checkpoint: Annotated[
        str | None,
        Declaration("Key<Model>", SECONDARY, "Model whose training is continued."),
    ] = None
    pretrained_autoencoder: Annotated[
        str | None,
        Declaration("Key<Model>", EXPERT, "Autoencoder whose hidden layers the training starts from."),
    ] = None
    overwrite_with_best_model: Annotated[
        bool,
        Declaration(
            "boolean", EXPERT, "Whether the result is the best model that was scored, or the last one.", True
        ),
    ] = True
    use_all_factor_levels: Annotated[
        bool,
        Declaration(
            "boolean", SECONDARY, "Whether the first level of a category has an input unit of its own.", True
        ),
    ] = True
    standardize: Annotated[
        bool,
        Declaration(
            "boolean",
            SECONDARY,
            "Whether numbers are shifted and scaled to mean 0 and deviation 1 (and predictions back).",
            True,
        ),
    ] = True
    activation: Annotated[
        Activation,
        Declaration(
            "enum",
            CRITICAL,
            "Activation of the hidden units.",
            True,
        ),
    ] = "Rectifier"
    hidden: Annotated[
        tuple[int, ...],
        Declaration("int[]", CRITICAL, "Number of units of each hidden layer.", True, interval=Interval(1)),
    ] = (200, 200)
    epochs: Annotated[
        float,
        Declaration(
            "double",
            CRITICAL,
            "How often the training data are gone through; may be a fraction.",
            True,
            interval=_NOT_NEGATIVE,
        ),
    ] = 10.0
    train_samples_per_iteration: Annotated[
        int,
        Declaration(
            "long",
            SECONDARY,
            "Rows that all nodes together train between two averagings: 0 is one epoch, -1 all data of every "
            "node, -2 is chosen from the measured speed.",
            True,
            interval=Interval(-2),
        ),
    ] = -2
    target_ratio_comm_to_comp: Annotated[
        float,
        Declaration(
            "double",
            EXPERT,
            "Time of averaging relative to training that train_samples_per_iteration = -2 aims at.",
            True,
            interval=_POSITIVE,
        ),
    ] = 0.05
    seed: Annotated[
        int,
        Declaration(
            "long", EXPERT, "Seed of all random numbers; -1 draws one. Repeats exactly if reproducible.", True
        ),
    ] = -1
    adaptive_rate: Annotated[
        bool, Declaration("boolean", SECONDARY, "Whether each weight has its own rate (ADADELTA).", True)
    ] = True
    rho: Annotated[
        float,
        Declaration(
            "double", EXPERT, "ADADELTA: how long past gradients are remembered.", True, interval=_UNIT_OPEN
        ),
    ] = 0.99
    epsilon: Annotated[
        float,
        Declaration(
            "double",
            EXPERT,
            "ADADELTA: gets the steps started, and keeps them going.",
            True,
            interval=_POSITIVE,
        ),
    ] = 1e-8
    rate: Annotated[
        float,
        Declaration(
            "double", EXPERT, "Learning rate; higher is faster and less stable.", True, interval=_POSITIVE
        ),
    ] = 0.005
    rate_annealing: Annotated[
        float,
        Declaration(
            "double", EXPERT, "The rate after n rows is rate / (1 + n × this).", True, interval=_NOT_NEGATIVE
        ),
    ] = 1e-6
    rate_decay: Annotated[
        float,
        Declaration(
            "double", EXPERT, "Factor on the rate from each layer to the next.", True, interval=_POSITIVE
        ),
    ] = 1.0
    momentum_start: Annotated[
        float, Declaration("double", EXPERT, "Momentum at the start.", True, interval=_DROPOUT)
    ] = 0.0
    momentum_ramp: Annotated[
        float,
        Declaration("double", EXPERT, "Rows over which the momentum changes.", True, interval=_NOT_NEGATIVE),
    ] = 1e6
    momentum_stable: Annotated[
        float, Declaration("double", EXPERT, "Momentum after the ramp.", True, interval=_DROPOUT)
    ] = 0.0
    nesterov_accelerated_gradient: Annotated[
        bool, Declaration("boolean", EXPERT, "Whether momentum is Nesterov's.", True)
    ] = True
    input_dropout_ratio: Annotated[
        float,
        Declaration(
            "double",
            SECONDARY,
            "Share of the inputs that are set to 0 in training, drawn for every row.",
            True,
            interval=_DROPOUT,
        ),
    ] = 0.0
    hidden_dropout_ratios: Annotated[
        tuple[float, ...] | None,
        Declaration(
            "double[]",
            SECONDARY,
            "Share of the units of each hidden layer that are dropped in training; 0.5 if not given.",
            True,
            interval=_DROPOUT,
        ),
    ] = None
    l1: Annotated[
        float,
        Declaration("double", SECONDARY, "L1 penalty: drives weights to 0.", True, interval=_NOT_NEGATIVE),
    ] = 0.0
    l2: Annotated[
        float,
        Declaration("double", SECONDARY, "L2 penalty: keeps weights small.", True, interval=_NOT_NEGATIVE),
    ] = 0.0
    max_w2: Annotated[
        float,
        Declaration(
            "float",
            EXPERT,
            "Limit on the sum of the squared incoming weights of a unit.",
            True,
            interval=Interval(0, inf, open_low=True),
        ),
    ] = NO_LIMIT
    initial_weight_distribution: Annotated[
        Literal["UniformAdaptive", "Uniform", "Normal"],
        Declaration("enum", EXPERT, "What the first weights are drawn from.", True),
    ] = "UniformAdaptive"
    initial_weight_scale: Annotated[
        float,
        Declaration(
            "double",
            EXPERT,
            "Uniform: drawn from -scale to scale; Normal: the standard deviation.",
            True,
            interval=_POSITIVE,
        ),
    ] = 1.0
    initial_weights: Annotated[
        tuple[str | None, ...] | None,
        Declaration("Key<Frame>[]", EXPERT, "Frames of the first weights, by layer.", True),
    ] = None
    initial_biases: Annotated[
        tuple[str | None, ...] | None,
        Declaration("Key<Frame>[]", EXPERT, "Frames of the first biases, by layer.", True),
    ] = None
    loss: Annotated[
        Loss,
        Declaration(
            "enum",
            SECONDARY,
            "What training minimises.",
            True,
        ),
    ] = "Automatic"
    distribution: Annotated[
        Distribution,
        Declaration(
            "enum",
            SECONDARY,
            "Distribution of the response.",
            True,
            supported=("AUTO", "bernoulli", "multinomial", *FAMILIES),
        ),
    ] = "AUTO"
    quantile_alpha: Annotated[
        float,
        Declaration("double", SECONDARY, "Which quantile is regressed.", True, interval=_SHARE),
    ] = 0.5
    tweedie_power: Annotated[
        float,
        Declaration(
            "double",
            SECONDARY,
            "Power of the Tweedie distribution.",
            True,
            interval=Interval(1, 2, open_low=True, open_high=True),
        ),
    ] = 1.5
    huber_alpha: Annotated[
        float,
        Declaration(
            "double",
            SECONDARY,
            "Quantile of the errors at which the Huber loss turns from square to absolute.",
            True,
            interval=_SHARE,
        ),
    ] = 0.9
    score_interval: Annotated[
        float,
        Declaration("double", SECONDARY, "Least seconds between scorings.", True, interval=_NOT_NEGATIVE),
    ] = 5.0
    score_training_samples: Annotated[
        int,
        Declaration(
            "long",
            SECONDARY,
            "Rows of the training frame that are scored; 0 for all.",
            True,
            interval=_NOT_NEGATIVE,
        ),
    ] = 10000
    score_validation_samples: Annotated[
        int,
        Declaration(
            "long",
            SECONDARY,
            "Rows of the validation frame that are scored; 0 for all.",
            True,
            interval=_NOT_NEGATIVE,
        ),
    ] = 0
    score_duty_cycle: Annotated[
        float,
        Declaration(
            "double", SECONDARY, "Largest share of the time that goes to scoring.", True, interval=_SHARE
        ),
    ] = 0.1
    classification_stop: Annotated[
        float,
        Declaration("double", EXPERT, "Training error at which classification stops; -1 for none.", True),
    ] = 0.0
    regression_stop: Annotated[
        float,
        Declaration("double", EXPERT, "Training MSE at which regression stops; -1 for none.", True),
    ] = 1e-6
    stopping_rounds: Annotated[
        int,
        Declaration(
            "int",
            SECONDARY,
            "Training stops when the moving average over this many scorings gets no better; 0 for never.",
            True,
            interval=_NOT_NEGATIVE,
        ),
    ] = 5
    stopping_metric: Annotated[
        StoppingMetric,
        Declaration(
            "enum",
            SECONDARY,
            "What early stopping watches; AUTO is logloss for classes, deviance for numbers, MSE for "
            "autoencoders.",
            True,
            supported=("AUTO", *STOPPING_METRICS),
        ),
    ] = "AUTO"
    stopping_tolerance: Annotated[
        float,
        Declaration(
            "double",
            SECONDARY,
            "Least relative improvement that keeps training going.",
            True,
            interval=_NOT_NEGATIVE,
        ),
    ] = 0.0
    max_runtime_secs: Annotated[
        float,
        Declaration(
            "double",
            SECONDARY,
            "Training ends after so many seconds, with the model it has; 0 for no limit.",
            True,
            interval=_NOT_NEGATIVE,
        ),
    ] = 0.0
    score_validation_sampling: Annotated[
        Literal["Uniform", "Stratified"],
        Declaration(
            "enum",
            EXPERT,
            "How rows of the validation frame are drawn: Stratified keeps the share of each class.",
            True,
        ),
    ] = "Uniform"
    diagnostics: Annotated[
        bool, Declaration("boolean", EXPERT, "Whether hidden layers are described in the summary.")
    ] = True
    fast_mode: Annotated[
        bool,
        Declaration(
            "boolean",
            EXPERT,
            "Whether weights whose gradient is 0 are left alone, which is faster and little different.",
            True,
        ),
    ] = True
    force_load_balance: Annotated[
        bool,
        Declaration(
            "boolean",
            EXPERT,
            "Whether rows are spread evenly over all nodes and, with reproducible, over their threads.",
            True,
        ),
    ] = True
    variable_importances: Annotated[
        bool,
        Declaration("boolean", CRITICAL, "Whether the importance of each input is computed (Gedeon).", True),
    ] = True
    replicate_training_data: Annotated[
        bool,
        Declaration(
            "boolean", SECONDARY, "Whether every node trains on all rows, if they fit in its memory.", True
        ),
    ] = True
    single_node_mode: Annotated[
        bool, Declaration("boolean", EXPERT, "Whether one node trains and the others rest.", True)
    ] = False
    shuffle_training_data: Annotated[
        bool,
        Declaration(
            "boolean",
            EXPERT,
            "Whether rows are dealt to nodes in turn, not in runs; each pass has a new order in any case.",
            True,
        ),
    ] = False
    missing_values_handling: Annotated[
        Literal["MeanImputation", "Skip"],
        Declaration("enum", EXPERT, "Missing values: take the mean, or skip the row in training.", True),
    ] = "MeanImputation"
    quiet_mode: Annotated[
        bool, Declaration("boolean", EXPERT, "Whether the log is spared a line for each iteration.", True)
    ] = False
    autoencoder: Annotated[
        bool,
        Declaration("boolean", SECONDARY, "Whether the inputs themselves are learnt; needs no response."),
    ] = False
    sparse: Annotated[
        bool,
        Declaration(
            "boolean",
            EXPERT,
            "Whether zeros are left out of the training data (numbers are then scaled, but not centred).",
            True,
        ),
    ] = False
    col_major: Annotated[
        bool,
        Declaration(
            "boolean", EXPERT, "Column-major storage; gone from H2O as well.", True, supported=(False,)
        ),
    ] = False
    average_activation: Annotated[
        float,
        Declaration("double", EXPERT, "Average activation of hidden units that sparsity_beta aims at.", True),
    ] = 0.0
    sparsity_beta: Annotated[
        float,
        Declaration(
            "double",
            EXPERT,
            "How strongly an autoencoder's hidden units are drawn to average_activation.",
            True,
            interval=_NOT_NEGATIVE,
        ),
    ] = 0.0
    max_categorical_features: Annotated[
        int,
        Declaration(
            "int",
            EXPERT,
            "Most inputs for categories; more levels than that share them by hashing.",
            True,
            interval=Interval(1),
        ),
    ] = 2147483647
    reproducible: Annotated[
        bool,
        Declaration(
            "boolean",
            EXPERT,
            "Whether the same seed gives the same model, bit for bit, on as many nodes and threads.",
            True,
        ),
    ] = False
    export_weights_and_biases: Annotated[
        bool,
        Declaration("boolean", EXPERT, "Whether weights and biases become frames."),
    ] = False
    mini_batch_size: Annotated[
        int,
        Declaration(
            "int",
            EXPERT,
            "Rows that the weights step for at once, along the mean of their gradients.",
            interval=Interval(1, LARGEST_BATCH),
        ),
    ] = 1
    categorical_encoding: Annotated[
        CategoricalEncoding,
        Declaration(
            "enum",
            SECONDARY,
            "How categories become inputs; AUTO is one unit for each level.",
            True,
        ),
    ] = "AUTO"
    elastic_averaging: Annotated[
        bool,
        Declaration(
            "boolean", EXPERT, "Whether every node keeps a network of its own, drawn to the average.", True
        ),
    ] = False
    elastic_averaging_moving_rate: Annotated[
        float,
        Declaration(
            "double", EXPERT, "How far the average moves towards that of the nodes.", True, interval=_SHARE
        ),
    ] = 0.9
    elastic_averaging_regularization: Annotated[
        float,
        Declaration(
            "double", EXPERT, "How strongly nodes are drawn to the average.", True, interval=_NOT_NEGATIVE
        ),
    ] = 1e-3
    export_checkpoints_dir: Annotated[
        str | None,
        Declaration("string", SECONDARY, "Directory that models are saved to.", supported=(None,)),
    ] = None
    auc_type: Annotated[
        AucType,
        Declaration(
            "enum",
            SECONDARY,
            "What AUC is of several classes: the mean of each against the rest, or of each pair; AUTO: none.",
            True,
        ),
    ] = "AUTO"
    custom_metric_func: Annotated[
        str | None,
        Declaration("string", SECONDARY, "Reference to a metric of one's own.", supported=(None,)),
    ] = None
    gainslift_bins: Annotated[
        int,
        Declaration(
            "int",
            SECONDARY,
            "Groups of the gains/lift table; -1 for automatic, 0 for no table.",
            interval=Interval(-1),
        ),
    ] = -1
