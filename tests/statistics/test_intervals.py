"""Intervals: published examples, and what must hold for every number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from buurtbeeld.statistics.dispersion import NONE, Dispersion
from buurtbeeld.statistics.intervals import poisson, ratio_of_counts, rounded, wilson

counts = st.integers(0, 100_000)
noises = st.builds(Dispersion, st.floats(0.01, 5), st.floats(0, 1), st.floats(1, 10))


@pytest.mark.parametrize(
    ("found", "n", "low", "high"),
    [
        # R.G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998)
        # 857-872, table I, method 3 (score)
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_newcombes_examples(found, n, low, high):
    assert np.round(wilson(found / n, n), 4).tolist() == [low, high]


@given(st.integers(1, 5_000), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_of_whole_answers_is_that_of_scipy(n, part, level):
    found = round(part * n)
    theirs = stats.binomtest(found, n).proportion_ci(level, method="wilson")
    assert wilson(found / n, n, level) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize(("n", "low", "high"), [(50, 4, 21), (400, 7, 13), (2000, 9, 11)])
def test_ten_percent_of_ever_more_people_is_ever_surer(n, low, high):
    assert [round(float(end) * 100) for end in wilson(0.1, n)] == [low, high]


@given(st.floats(0, 1), st.floats(0.5, 1e6))
def test_wilson_holds_its_share_and_stays_between_nothing_and_all(share, n):
    low, high = wilson(share, n)
    assert 0 <= low <= share + 1e-9 and share - 1e-9 <= high <= 1


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        # R 4: poisson.test(10)$conf.int, poisson.test(0)$conf.int, and the example of ?poisson.test,
        # poisson.test(137, 24.19893), whose interval 4.753125 to 6.692709 is per unit of 24.19893
        (10, 4.795389, 18.390356),
        (0, 0, 3.688879),
        (137, 4.753125 * 24.19893, 6.692709 * 24.19893),
    ],
)
def test_poisson_gives_what_r_gives(count, low, high):
    assert poisson(count) == pytest.approx((low, high), abs=2e-5 * max(1, count))


@given(st.integers(1, 2_000))
def test_either_end_of_poisson_is_where_the_number_becomes_unlikely(count):
    """What Garwood's limits are, by scipy's Poisson distribution: the number itself or farther out, 2.5% each."""
    low, high = poisson(count)
    assert stats.poisson.sf(count - 1, low) == pytest.approx(0.025)
    assert stats.poisson.cdf(count, high) == pytest.approx(0.025)


@given(st.integers(0, 2_000), st.floats(1, 20))
def test_events_that_come_in_series_are_as_so_many_series(count, size):
    """φ at a time: the exact interval of count/φ series, φ times as large."""
    ends, few = poisson(count, Dispersion(size, 0, size)), poisson(count / size)
    assert [float(end) / size for end in ends] == pytest.approx([float(end) for end in few])


@given(counts, noises)
def test_an_interval_of_events_holds_its_number_and_is_never_narrower_than_that_of_chance(count, noise):
    low, high = poisson(count, noise)
    least_low, least_high = poisson(count, NONE)
    assert 0 <= low <= least_low + 1e-9 and high >= least_high - 1e-9 and low <= count <= high


def test_a_missing_number_has_no_interval():
    for low, high in (poisson([np.nan, 4]), rounded([np.nan, 4], 5), wilson([np.nan, 0.4], [9, 9])):
        assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, False]


def test_the_interval_of_events_holds_the_truth_as_often_as_it_says():
    """Gamma-Poisson numbers of variance 4 times their mean: at least 95% of the intervals hold the mean."""
    random = np.random.default_rng(3)
    mean, noise = 80.0, Dispersion(4.0, 0.0, 4.0)
    drawn = random.poisson(random.gamma(mean / 3, 3, 20_000))
    low, high = poisson(drawn, noise)
    assert 0.94 <= np.mean((low <= mean) & (mean <= high)) <= 0.98
    plain_low, plain_high = poisson(drawn)
    assert np.mean((plain_low <= mean) & (mean <= plain_high)) < 0.75  # what the plain interval would promise wrongly


@given(st.integers(0, 10_000))
def test_whatever_was_rounded_at_random_lies_in_the_band(true):
    for published in (true // 5 * 5, -(-true // 5) * 5):  # down, up
        low, high = rounded(published, 5)
        assert max(0, low) <= true <= high


def test_the_ratio_of_two_counts_is_that_of_r():
    """R 4, the second example of ?poisson.test: c(11, 6+8+7) in c(800, 1083+1050+878) gives 0.8584264 to 4.2772659."""
    longer = (1083 + 1050 + 878) / 800
    low, high = ratio_of_counts(21, 11)
    assert [float(end) * longer for end in (low, high)] == pytest.approx([0.8584264, 4.2772659], abs=1e-7)


@given(st.integers(1, 2_000), st.integers(0, 2_000))
def test_the_ratio_of_two_counts_is_the_odds_of_scipys_exact_share(before, after):
    share = stats.binomtest(after, before + after).proportion_ci(method="exact")
    theirs = [end / (1 - end) for end in (share.low, share.high)]
    assert ratio_of_counts(before, after) == pytest.approx(theirs, rel=1e-6)


@given(st.integers(1, 50_000), counts, noises)
def test_a_ratio_lies_within_its_interval_which_noise_only_widens(before, after, noise):
    low, high = ratio_of_counts(before, after, noise)
    least_low, least_high = ratio_of_counts(before, after)
    ratio = after / before
    assert 0 <= low <= least_low + 1e-9 and high >= least_high - 1e-9
    assert low <= ratio * (1 + 1e-9) and high >= ratio * (1 - 1e-9)
