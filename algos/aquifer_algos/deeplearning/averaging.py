"""Making one network of those that several nodes trained from the same one.

The plain mean of n networks moves as far as one of them, though n times its rows were trained. Adding up what
each moved makes good for that where the moves have nothing in common, and goes n times too far where they are
the same. So the mean's move is lengthened by what is measured of the moves themselves, see `gain`.

Three simulated nodes on one table, medians of seven seeds on rows held out, and the worst in brackets:

| learnt                             | error    | one node  | mean      | sum         | gain      |
|------------------------------------|----------|-----------|-----------|-------------|-----------|
| iris, [200, 200], 10 epochs        | logloss  | .17 (.22) | .10 (.48) | .21 (1.46)  | .14 (.34) |
| prostate, [20, 20], 30 epochs      | logloss  | .53 (.73) | .51 (.56) | .65 (1.27)  | .53 (.66) |
| covtype, [100, 100], 0.1 epochs    | logloss  | 1.1 (1.2) | 1.1 (1.2) | 1.6 (1.7)   | 1.2 (1.5) |
| covtype, [100, 100], 3 epochs      | logloss  | .65 (.72) | .65 (.68) | .61 (.70)   | .67 (.79) |
| 1,350 digits, 3 × 32 with dropout  | mistaken | .14 (.18) | .43 (.70) | .15 (.20)   | .16 (.22) |
| length of petals, [200, 200]       | MSE      | .07 (.51) | .03 (.09) | .03 (.05)   | .11 (.28) |
| 20 heartbeats, 50-20-50            | MSE      | .002      | .005      | .014 (.026) | .003      |

The mean fails on digits, the sum on small tables; with the gain, nodes learn about what one node learns from
as many rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aquifer_algos.deeplearning.matrix import Float32s
from aquifer_algos.deeplearning.network import Network


def average(base: Network, networks: Sequence[Network], rows: Sequence[int]) -> Network:
    """One network of `networks`, which started at `base` and trained so many `rows` each.

    Their mean, with the weights' move from `base` to it lengthened (see `gain`); `base` if none has trained a
    row.
    """
    if not sum(rows):
        return base
    trained = [(network, count) for network, count in zip(networks, rows, strict=True) if count]
    with np.errstate(all="ignore"):  # what overflows is found by who trains
        found = mean(networks, rows)
        moved = found.weights - base.weights
        lengths = [_squared(network.weights - base.weights) for network, _ in trained]
        factor = np.float32(gain(lengths, _squared(moved), [count for _, count in trained]))
        if factor != 1:
            found.weights[...] = base.weights + factor * moved
    return found


def mean(networks: Sequence[Network], rows: Sequence[int]) -> Network:
    """The mean of everything learnt (weights, biases and what the step rule remembers), weighted by `rows`.

    A network that trained no row does not count; one has. Sums are in the order given, so that they repeat
    exactly.
    """
    total, first = sum(rows), networks[0]
    found = Network(first.topology, np.zeros_like(first.weights), np.zeros_like(first.state))
    for network, count in zip(networks, rows, strict=True):
        if count:
            found.weights[...] += np.float32(count / total) * network.weights
            found.state[...] += np.float32(count / total) * network.state
    return found


def gain(lengths: Sequence[float], of_mean: float, rows: Sequence[int]) -> float:
    """How much farther than the mean to go: the mean squared length of the moves ÷ that of their mean.

    lengths: the squared length of each node's move; of_mean: that of their mean, weighted by `rows`.

    AdaScale's gain (Johnson et al., arXiv:2007.05105), and for equal rows n times the gradient diversity (Yin
    et al., arXiv:1706.05699). Take a move for something common to all and something of its own, without
    relation to the others': this counts the former once and adds the latter up. It is 1 where all moves are
    the same and n, the sum, where they are orthogonal. It is never more than if they were: moves that undo
    each other are not blown up. Weights that are not finite, which stop the training, are left as they are.
    """
    shares = np.asarray(rows, float) / sum(rows)
    most = 1 / float(shares @ shares)
    if not 0 < of_mean < np.inf:
        return 1.0
    return max(1.0, min(most, float(shares @ np.asarray(lengths)) / of_mean))


def _squared(move: Float32s) -> float:
    return float(np.dot(move, move))
