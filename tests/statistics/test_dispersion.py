"""Over-dispersion: measured back from series that were made with a known one."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from buurtbeeld.statistics.dispersion import NONE, Dispersion, estimate, residuals

RANDOM = np.random.default_rng(11)
MEANS = np.exp(RANDOM.uniform(np.log(20), np.log(800), 400))


def drawn(phi: np.ndarray | float, periods: int = 6) -> np.ndarray:
    """Numbers of 400 areas with variance phi times their mean, which is the same in every period."""
    phi = np.broadcast_to(phi, MEANS.shape)[:, None] + 1e-9
    rates = RANDOM.gamma(MEANS[:, None] / (phi - 1), phi - 1, (400, periods)) if phi.max() > 1.001 else MEANS[:, None]
    return RANDOM.poisson(rates, (400, periods)).astype(float)


def measured(table: np.ndarray) -> Dispersion:
    found = estimate(table)
    assert found
    return found


def test_chance_alone_is_one():
    found = measured(drawn(1.0))
    assert 0.95 <= found.overall <= 1.25
    assert found.at([20, 100, 800]) == pytest.approx([1, 1, 1], abs=0.2)


def test_the_same_for_small_and_large_is_found():
    found = measured(drawn(4.0))
    assert found.overall == pytest.approx(4, rel=0.25)
    assert found.at([30, 100, 500]) == pytest.approx([4, 4, 4], rel=0.25)


def test_growing_with_the_mean_is_found():
    found = measured(drawn(0.5 * np.sqrt(MEANS)))
    assert found.power == pytest.approx(0.5, abs=0.12)
    assert found.at([100, 400]) == pytest.approx([5, 10], rel=0.25)


def test_the_noise_of_a_series_is_that_of_its_wildest_pair():
    """A page compares two years, and nobody knows which ones."""
    table = drawn(2.0)
    table[:, 3] = drawn(9.0)[:, 0]
    pairs = [float(residuals(table[:, i], table[:, i + 1])[1].mean()) for i in range(5)]
    assert measured(table).overall == max(pairs) > 1.5 * float(np.mean(pairs))


def test_a_common_trend_is_no_dispersion():
    table = drawn(1.0)
    table[:, 3:] = np.round(table[:, 3:] * 0.8)
    assert measured(table).overall < 1.3


def test_residuals_by_hand():
    """20 areas of 10 and 10 but two that swapped 5: r = 1/2, e² = (15-10)²/(20/4) = 5 for those two, times 20/19."""
    before, after = np.full(20, 10.0), np.full(20, 10.0)
    before[:2], after[:2] = (5, 15), (15, 5)
    mean, squared = residuals(before, after)
    assert mean.tolist() == [10.0] * 20
    assert squared == pytest.approx([5 * 20 / 19] * 2 + [0] * 18)


def test_residuals_are_the_chi_squared_of_r():
    """The example of R's prop.test: prop.test(c(83, 90, 129, 70), c(86, 93, 136, 82)) prints X-squared = 12.6004.

    Five times the same table has five times that chi-squared.
    """
    smokers, patients = np.tile([83, 90, 129, 70], 5), np.tile([86, 93, 136, 82], 5)
    _, squared = residuals(patients - smokers, smokers)
    assert squared.sum() * 19 / 20 == pytest.approx(5 * 12.6004, abs=5e-4)


counts = arrays(float, (25, 4), elements=st.integers(0, 500).map(float))


@given(counts, st.permutations(range(25)))
def test_the_order_of_areas_does_not_matter_and_noise_is_never_below_chance(table, order):
    found, other = estimate(table), estimate(table[order])
    assert (found is None) == (other is None)
    if found and other:
        assert found.overall >= 1 and 0 <= found.power <= 1 and found.factor >= 0
        assert found.overall == pytest.approx(other.overall)


@given(counts, st.integers(2, 9))
def test_numbers_that_come_in_groups_vary_as_many_times_more(table, size):
    """Where every event comes `size` at once, all numbers are `size` times as large, and so is e²."""
    for year in range(3):
        _, squared = residuals(table[:, year], table[:, year + 1])
        _, grouped = residuals(table[:, year] * size, table[:, year + 1] * size)
        assert grouped == pytest.approx(squared * size)


def test_what_never_varies_is_chance_alone():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert estimate(np.full((30, 5), 7.0)) == NONE


def test_a_period_without_numbers_parts_its_neighbours():
    table = drawn(1.0, periods=7)
    table[:, 4:] = drawn(30.0, periods=3)
    table[:, 3] = np.nan
    table[:, 4:] = table[:, [4, 4, 4]]
    assert measured(table).overall < 1.25


@pytest.mark.parametrize("table", [np.ones((400, 2)), np.ones((5, 9)), np.zeros((400, 9)), np.full((400, 9), np.nan)])
def test_what_can_not_be_measured_is_not_filled_in(table):
    assert estimate(table) is None


def test_never_below_chance_and_nothing_for_nothing():
    assert Dispersion(0.01, 0.5, 3.0).at([0, 1, 100]).tolist() == [1, 1, 1]
    assert Dispersion(0.01, 0.5, 3.0).cautious([0, 1, 1e9]).tolist() == pytest.approx([3, 3, 316.2], rel=1e-3)
    assert np.isnan(NONE.at([np.nan])).all()
