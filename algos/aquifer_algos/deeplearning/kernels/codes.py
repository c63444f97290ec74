"""The whole numbers by which kernels and their callers understand each other.

Whoever calls a kernel may import this module without loading numba.
"""

# Columns of the layer table: one row per weight matrix; offsets, pitches and lengths in bytes.
WEIGHTS, BIAS, INPUTS, OUTPUTS, PITCH, BY_SENDER, ACTIVATION, SENDERS, RECEIVERS, DROP_BELOW = range(10)
LAYER_COLUMNS = 10
# Regions of a thread's scratch memory, each as long as all units together.
VALUES, GRADIENTS, KEPT, ACTIVE, ACTIVE_VALUES, KEPT_LIST, SQUARES, SUMS, REGIONS = range(9)
# What an output or hidden layer does with its sums.
SOFTMAX, LINEAR, RECTIFIER, TANH, EXP_RECTIFIER, MAXOUT = range(6)
CROSS_ENTROPY, QUADRATIC, ABSOLUTE, HUBER, QUANTILE, POISSON, GAMMA, TWEEDIE = range(8)
ADADELTA, SGD, MOMENTUM, NESTEROV = range(4)
# Numbers of the step rule. ADADELTA keeps sums Σ rho^k x² in place of means (1 - rho) Σ rho^k x², which saves
# two products per weight, so its epsilon here is epsilon / (1 - rho).
RHO, EPSILON, L1, L2, RATE, ANNEALING, DECAY, MOMENTUM_START, MOMENTUM_RAMP, MOMENTUM_STABLE = range(10)
# The loss's own number (where Huber's turns, the quantile, Tweedie's power); the limit of max_w2, 0 if none;
# the activation that a sparse autoencoder aims at, and how strongly, 0 if not at all; 1 if weights without a
# gradient step as well (`fast_mode` is off), else 0.
LOSS_NUMBER, MAX_W2, AVERAGE_ACTIVATION, SPARSITY_BETA, STEP_ALL, RULE_NUMBERS = range(10, 16)
# How a row of a matrix passes the error on to the senders.
NOT, AS_SENDER, AS_RECEIVER = range(3)
# A strip of gradients has so many stored rows of a matrix.
OUTER_ROWS = 8
