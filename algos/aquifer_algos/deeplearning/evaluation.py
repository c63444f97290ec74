"""How good the network is while it trains: its metrics on the sample of training rows and on validation."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aquifer_algos.datainfo import DataInfo, Response
from aquifer_algos.deeplearning import huber
from aquifer_algos.deeplearning.preparation import Prepared
from aquifer_algos.deeplearning.replicas import Replicas
from aquifer_algos.deeplearning.scoring import NetworkScorer
from aquifer_algos.distributions import Distribution
from aquifer_algos.measurement import Metrics, measure
from aquifer_algos.prediction import count_frame


@dataclass(repr=False)
class Evaluation:
    """What networks are measured with.

    huber_delta: where Huber's loss becomes linear, in the units that are learnt; it moves with the errors.
    """

    prepared: Prepared
    replicas: Replicas
    huber_delta: float = huber.START

    @property
    def response(self) -> Response:
        """The response; Huber's distribution turns where its loss does."""
        response = self.prepared.data.response
        if response.distribution.name != "huber":
            return response
        return replace(response, distribution=Distribution("huber", self.huber_delta / response.scale))

    @property
    def data(self) -> DataInfo:
        """How frames become input, with the response as it is now."""
        return replace(self.prepared.data, response=self.response)

    def turn(self, scorer: NetworkScorer) -> None:
        """Let Huber's loss become linear at the quantile of the errors as they are now."""
        effective = self.prepared.effective
        if effective.loss == "Huber" and self.response.domain is None:
            self.huber_delta = huber.quantile(self.replicas.count_errors(scorer), effective.huber_alpha)

    def training(self, scorer: NetworkScorer) -> Metrics:
        """The metrics on the sample of training rows."""
        return measure(self.response, self.replicas.count_sample(scorer, self.response))

    def validation(self, scorer: NetworkScorer) -> Metrics | None:
        """The metrics on the validation frame, or on a share of its rows; None if there is no such frame."""
        prepared = self.prepared
        if prepared.validation is None:
            return None
        counts = count_frame(
            self.replicas.cloud,
            prepared.validation.frame,
            replace(prepared.validation.reader, data=self.data),
            scorer,
            self.replicas.job,
            prepared.validation_draw,
        )
        return measure(self.response, counts)
