"""Differences: Newcombe's published examples, bounds that hold for certain, and claims that stay honest together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from buurtbeeld.statistics.difference import clear, of_bands, of_margins, p_of_margins, slight
from buurtbeeld.statistics.intervals import wilson

values = st.floats(-1e6, 1e6)
widths = st.floats(0, 1e5)
sized = st.builds(lambda value, down, up: (value, value - down, value + up), values, widths, widths)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        # R.G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in
        # Medicine 17 (1998) 873-890, table II, method 10: Wilson's limits of each share, squared and added
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_newcombes_examples(one, other, low, high):
    shares = [(found / n, *map(float, wilson(found / n, n))) for found, n in (one, other)]
    assert of_margins(*shares)[1:] == pytest.approx((low, high), abs=5e-5)


def test_symmetric_intervals_give_the_usual_z():
    """Two means of standard error 3 and 4, ten apart: z = 10 / 5."""
    z = stats.norm.ppf(0.975)
    one, other = (30, 30 - 3 * z, 30 + 3 * z), (20, 20 - 4 * z, 20 + 4 * z)
    assert of_margins(one, other) == pytest.approx((10, 10 - 5 * z, 10 + 5 * z))
    assert p_of_margins(one, other) == pytest.approx(2 * stats.norm.sf(2))


@given(sized, sized)
def test_the_other_way_round_it_is_the_same_difference(one, other):
    for way in (of_margins, of_bands):
        away, low, high = way(one, other)
        assert low <= away <= high
        assert way(other, one) == pytest.approx((-away, -high, -low))
    assert p_of_margins(one, other) == pytest.approx(p_of_margins(other, one))


@given(sized, sized)
def test_the_interval_leaves_out_zero_when_p_is_below_5_percent(one, other):
    _, low, high = of_margins(one, other)
    p = p_of_margins(one, other)
    assert 0 <= p <= 1
    if abs(p - 0.05) > 1e-6:
        assert (low > 0 or high < 0) == (p < 0.05)


@given(sized, sized)
def test_what_may_be_is_never_wider_than_what_is_certain(one, other):
    _, low, high = of_margins(one, other)
    _, least, most = of_bands(one, other)
    assert least <= low + 1e-6 and high <= most + 1e-6


@given(st.integers(0, 500), st.integers(0, 500), st.booleans(), st.booleans())
def test_a_band_holds_the_true_difference(one, other, up, down):
    published = [(-(-true // 5) if way else true // 5) * 5 for true, way in ((one, up), (other, down))]
    _, low, high = of_bands(*((number, number - 4, number + 4) for number in published))
    assert low <= one - other <= high


def test_figures_that_are_certain_and_differ_are_certain_to_differ():
    assert p_of_margins((2, 2, 2), (1, 1, 1)) == 0 and p_of_margins((2, 2, 2), (2, 2, 2)) == 1


def test_many_looks_make_a_single_small_p_unclear():
    assert clear([0.04]) == [True] and clear([0.04, 0.6, 0.9]) == [False] * 3
    assert clear([0.0001, 0.04, 0.9]) == [True, False, False]
    assert clear([]) == []


def test_what_can_not_be_tested_is_not_clear_and_is_no_look():
    assert clear([np.nan, 0.04]) == [False, True]


def test_without_a_difference_a_page_seldom_claims_one():
    """Three pairs of twelve figures without any difference; at least 95% of such pages claim nothing."""
    random, z = np.random.default_rng(8), stats.norm.ppf(0.975)
    wrong = 0
    for _ in range(400):
        drawn = random.normal(50, 2, (12, 4))
        pairs = [(row[place], row[0]) for row in drawn for place in (1, 2, 3)]
        wrong += any(clear([p_of_margins(*((v, v - 2 * z, v + 2 * z) for v in pair)) for pair in pairs]))
    assert wrong / 400 <= 0.07


def test_slight_is_what_a_tenth_of_all_pairs_differ_at_most():
    """0, 1, 3 and 7 differ by 1, 2, 3, 4, 6 and 7."""
    assert slight([0, 1, 3, 7]) == np.quantile([1, 2, 3, 4, 6, 7], 0.1) == 1.5
    assert slight([]) == slight([4]) == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60), st.floats(0.01, 100), values)
def test_slight_follows_the_unit(numbers, scale, start):
    assert slight(np.array(numbers) * scale + start) == pytest.approx(slight(numbers) * scale, abs=1e-6)


def test_four_hundred_areas_stand_for_many():
    numbers = np.random.default_rng(1).lognormal(0, 1, 4_000)
    assert slight(numbers[::10]) == pytest.approx(slight(numbers), rel=0.1)
