"""Bins of scores: exact while few, bounded when many, and the same however the rows are cut into blocks."""

from functools import reduce

import numpy as np
import pytest
from aquifer_algos.metrics import binomial
from aquifer_algos.metrics.score_bins import MAX_BINS, bin_scores, merge_bins
from sklearn.metrics import roc_auc_score


def bins_of(score, positive):
    return bin_scores(score, positive.astype(float), (~positive).astype(float))


def assert_same(a, b):
    for name in ("threshold", "positives", "negatives"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    np.testing.assert_allclose(a.score_sum, b.score_sum)
    assert a.coarseness == b.coarseness


def test_few_scores_are_kept_as_they_are():
    score = np.array([0.0, 1.0, 0.25, 0.25, np.nextafter(0.25, 1), np.nextafter(1.0, 0), 5e-324])
    bins = bins_of(score, np.array([True, True, True, False, False, False, True]))
    np.testing.assert_array_equal(bins.threshold, np.unique(score))
    np.testing.assert_array_equal(bins.positives, [1, 1, 1, 0, 0, 1])
    np.testing.assert_array_equal(bins.negatives, [0, 0, 1, 1, 1, 0])
    assert bins.coarseness == 0


@pytest.mark.parametrize("spread", ["uniform", "near zero", "near one", "both ends"])
def test_many_scores_are_bounded_and_counts_at_the_thresholds_stay_exact(spread):
    rng = np.random.default_rng(5)
    logit = rng.normal({"uniform": 0, "near zero": -12, "near one": 12, "both ends": 0}[spread], 1.5, 200_000)
    logit *= 8 if spread == "both ends" else 1
    score = 1.0 / (1.0 + np.exp(-logit))
    positive = rng.random(len(score)) < 1.0 / (1.0 + np.exp(-(logit + rng.normal(0, 2, len(score)))))
    bins = bins_of(score, positive)
    assert MAX_BINS // 4 < len(bins.threshold) <= MAX_BINS
    for index in rng.integers(0, len(bins.threshold), 20):
        assert bins.positives[index:].sum() == np.sum(positive & (score >= bins.threshold[index]))
    metrics = binomial.finish(binomial.partial(positive.astype(int), score), ["no", "yes"])
    assert metrics.auc == pytest.approx(roc_auc_score(positive, score), abs=1e-5)


def test_the_cut_into_blocks_and_the_order_of_merging_do_not_matter():
    rng = np.random.default_rng(6)
    score = rng.beta(0.1, 0.3, 300_000)
    positive = rng.random(len(score)) < score
    blocks = [
        bins_of(score[i], positive[i])
        for i in np.split(np.arange(len(score)), [10, 65_546, 131_082, 250_000])
    ]
    whole = bins_of(score, positive)
    assert whole.coarseness > 0
    assert_same(reduce(merge_bins, blocks), whole)
    assert_same(reduce(merge_bins, blocks[::-1]), whole)
    assert_same(
        merge_bins(merge_bins(blocks[0], blocks[3]), merge_bins(blocks[4], merge_bins(blocks[2], blocks[1]))),
        whole,
    )
