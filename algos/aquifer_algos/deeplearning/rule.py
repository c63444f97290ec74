"""The loss that training minimises, and the rule by which weights step down it."""

from dataclasses import dataclass
from typing import Literal

Loss = Literal["CrossEntropy", "Quadratic", "Absolute", "Huber", "Quantile", "poisson", "gamma", "tweedie"]


@dataclass(frozen=True)
class LearningRule:
    """The loss and how weights step down it; names, meanings and defaults are those of the protocol.

    loss: of the protocol's losses one, or the deviance of a distribution whose output is the logarithm of the
        mean. For classes CrossEntropy, Quadratic, Absolute or Huber; for numbers all but CrossEntropy; of an
        autoencoder Quadratic, Absolute, Huber or Quantile, summed over its outputs.
    huber_delta: the error from which on Huber's loss is linear, in the units that the response is learnt in.
    max_w2: the largest sum of a unit's squared incoming weights; None for no limit.
    sparsity_beta: how strongly the rolling mean of each hidden unit's activation, over about a thousand rows,
        is drawn to average_activation, by its bias.
    mini_batch_size: the rows that weights step for at once, along the mean of their gradients.
    fast_mode: whether weights whose gradient is 0 keep still: without penalty, without forgetting.
    With adaptive_rate: ADADELTA (rho, epsilon). Without: rate · rate_decay^(layer - 1) /
    (1 + rate_annealing · samples), times (1 - momentum), with momentum that ramps from momentum_start to
    momentum_stable over momentum_ramp samples and then stays.
    """

    loss: Loss = "CrossEntropy"
    adaptive_rate: bool = True
    rho: float = 0.99
    epsilon: float = 1e-8
    rate: float = 0.005
    rate_annealing: float = 1e-6
    rate_decay: float = 1.0
    momentum_start: float = 0.0
    momentum_ramp: float = 1e6
    momentum_stable: float = 0.0
    nesterov_accelerated_gradient: bool = True
    l1: float = 0.0
    l2: float = 0.0
    max_w2: float | None = None
    quantile_alpha: float = 0.5
    tweedie_power: float = 1.5
    huber_delta: float = 1.0
    average_activation: float = 0.0
    sparsity_beta: float = 0.0
    mini_batch_size: int = 1
    fast_mode: bool = True

    @property
    def by_row(self) -> bool:
        """Whether a row steps the weights alone, and only those that it has a gradient for."""
        return self.mini_batch_size == 1 and self.fast_mode

    @property
    def has_momentum(self) -> bool:
        """Whether the rule keeps a velocity for each weight."""
        return not self.adaptive_rate and (self.momentum_start != 0.0 or self.momentum_stable != 0.0)

    @property
    def epsilon_of_sums(self) -> float:
        """ADADELTA's epsilon in the scale of a network's state, which holds sums and not means."""
        return self.epsilon / (1.0 - self.rho)

    @property
    def state_slots(self) -> int:
        """How many numbers the rule remembers for each weight."""
        of_steps = 2 if self.adaptive_rate else int(self.has_momentum)
        return of_steps + (self.sparsity_beta > 0)
