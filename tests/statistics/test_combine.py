"""Several areas as one: every range holds the truth as often as it says, and for certain where it says so."""

import math
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.statistics.combine import EXACT, Estimate, at_random, events, mean, nearest, ratio, total
from buurtbeeld.statistics.dispersion import NONE, Dispersion

FIVES = at_random(5)
counts = st.lists(st.integers(0, 400), min_size=1, max_size=12)
RNG = np.random.default_rng(20261123)


def rounded_up_or_down(true, base=5):
    """Unbiased random rounding, as a statistical office does it."""
    below = true // base * base
    return below + base * (RNG.random(true.shape) < (true - below) / base)


@cache
def errors(remainder, times):
    """The distribution of the summed error of `times` numbers with this remainder, from -5·times to 5·times."""
    one = np.zeros(11)
    one[5 - remainder], one[10 - remainder] = 1 - remainder / 5, remainder / 5
    return np.array([1.0]) if times == 0 else np.convolve(errors(remainder, times - 1), one)


def covered(times, half):
    """How likely the summed error is at most `half`, for the least favourable remainders."""
    least = 1.0
    for ones, twos, threes in product(range(times + 1), repeat=3):
        if (fours := times - ones - twos - threes) >= 0:
            found = np.convolve(errors(1, ones), errors(2, twos))
            found = np.convolve(found, np.convolve(errors(3, threes), errors(4, fours)))
            least = min(least, found[5 * times - half : 5 * times + half + 1].sum())
    return least


# --- one number


@pytest.mark.parametrize("base", [3, 5, 10])
def test_no_remainder_errs_more_than_it_says(base):
    """Exact: the two ways that each can be rounded, with the odds that make it right on average."""
    rounding = at_random(base)
    for remainder in range(base):
        up, down, odds = base - remainder, -remainder, remainder / base
        assert up * odds + down * (1 - odds) == pytest.approx(0)
        assert up**2 * odds + down**2 * (1 - odds) <= rounding.variance
        assert max(up if odds else 0, -down) <= rounding.most


def test_the_nearest_gram_is_that_of_the_gum():
    """JCGM 100:2008, F.2.2.1: a balance that shows whole grams has a standard uncertainty of 1/√12 = 0.29 g."""
    assert math.sqrt(nearest(1).variance) == pytest.approx(0.29, abs=0.005)


# --- sums


def test_a_sum_of_rounded_counts():
    """Two buurten of 25: each 21 to 29, so 42 to 58 for certain; √2 · 2.5 · 1.96 + 1 = 7.93 usually."""
    made = total([25, 25], FIVES)
    assert (made.value, made.least, made.most) == (50, 42, 58)
    assert (made.low, made.high) == pytest.approx((42.07, 57.93), abs=0.01)


def test_one_count_has_the_band_of_its_own_rounding():
    assert total([25], FIVES) == Estimate(25, 21, 29, 21, 29)


def test_no_count_is_below_nothing():
    assert total([0, 0, 5], FIVES).least == 1
    assert total([0, 0], FIVES).low == 0


@pytest.mark.parametrize("times", [1, 2, 3, 4, 5, 8, 12, 14, 18])
def test_19_of_20_times_whatever_the_remainders(times):
    """Exact, not simulated: the worst case of all remainders."""
    made = total([100] * times, FIVES).outward(0)
    half = round(made.high - made.value)
    assert covered(times, half) >= 0.95
    assert half < times * 4 or times <= 2  # narrower than what holds for certain


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=40), st.data())
def test_for_certain_is_certain(true, data):
    """Whatever way each was rounded."""
    published = [x if x % 5 == 0 else x // 5 * 5 + data.draw(st.sampled_from([0, 5])) for x in true]
    made = total(published, FIVES)
    assert made.least <= sum(true) <= made.most
    assert made.least <= made.low <= made.value <= made.high <= made.most


@pytest.mark.parametrize("odds", [None, 0.5], ids=["unbiased", "even odds"])
@pytest.mark.parametrize("times", [3, 12, 40])
def test_a_simulated_office(odds, times):
    """CBS does not say with what odds it rounds up; remainders as they come."""
    true = RNG.integers(0, 3000, (20_000, times))
    below = true // 5 * 5
    up = RNG.random(true.shape) < 0.5
    published = rounded_up_or_down(true) if odds is None else np.where(true == below, true, below + 5 * up)
    half = total([1000] * times, FIVES).outward(0).high - 1000 * times
    assert (np.abs(published.sum(axis=1) - true.sum(axis=1)) <= half).mean() >= 0.95


def test_land_is_rounded_to_the_nearest_hectare():
    assert total([99, 66, 165], nearest(1)).most == 331.5
    assert total([99, 66, 165], EXACT) == Estimate(330, 330, 330, 330, 330)


# --- events


def test_events_as_published_by_garwood():
    """Garwood's exact interval of 20 events is 12.217 to 30.888 (Biometrika 28 (1936); any table of it)."""
    made = events([12, 5, 3], NONE)
    assert made.value == 20
    assert (made.low, made.high) == pytest.approx((12.217, 30.888), abs=5e-4)
    assert math.isnan(made.least) and math.isnan(made.most)


def test_events_that_come_in_series_have_a_wider_interval():
    wild, tame = events([50, 70], Dispersion(1.0, 0.3, 4.0)), events([50, 70], NONE)
    assert wild.low < tame.low < 120 < tame.high < wild.high


def test_of_events_of_unknown_variation_no_range_is_known():
    made = events([50, 70], None)
    assert made.value == 120 and math.isnan(made.low) and math.isnan(made.high)


def test_the_sum_of_areas_that_vary_together_is_covered():
    """Areas that share good and bad years, and vary on their own: by simulation."""
    expected, common, times = np.array([40.0, 90.0, 160.0]), 0.15, 20_000
    shared = RNG.gamma(1 / common**2, common**2, (times, 1))
    drawn = RNG.poisson(shared * expected)
    # Var = m + (0.15 m)²: of the sum it is φ = 1 + 0.0225 · 290 = 7.5 times the mean, and of each less.
    noise = Dispersion(1 + common**2 * 290, 0.0, 7.5)
    ends = {count: events([count], noise) for count in set(drawn.sum(axis=1).tolist())}
    inside = [ends[count].low <= expected.sum() <= ends[count].high for count in drawn.sum(axis=1).tolist()]
    assert np.mean(inside) >= 0.94


# --- shares and rates of two sums


def test_a_share_is_one_sum_over_the_other():
    """200 ± 8 of 2,000 ± 8 for certain: 192/2008 = 9.56%, 208/1992 = 10.44%."""
    made = ratio(total([150, 50], FIVES), total([900, 1100], FIVES), 100)
    assert made.value == 10
    assert (made.least, made.most) == pytest.approx((9.562, 10.442), abs=1e-3)
    assert made.least < made.low < 10 < made.high < made.most


def test_shares_are_not_averaged():
    """10% of 100 and 50% of 900 is 46%, not 30%."""
    assert ratio(total([10, 450], EXACT), total([100, 900], EXACT), 100).value == 46


def test_a_share_of_perhaps_nobody_can_be_anything():
    assert ratio(total([5], FIVES), Estimate(1, 0, 5, 0, 5), 1).most == math.inf


ends = st.tuples(*[st.floats(0, 1_000)] * 5).map(sorted)


@given(ends, ends, st.floats(0, 1), st.floats(0, 1))
def test_a_share_of_numbers_within_their_ranges_is_within_its_own(above, below, one, other):
    """Wherever both lie, as R.E. Moore's division of intervals has it."""
    part, whole = (Estimate(x[2], x[1], x[3], x[0], x[4] + 1e-3) for x in (above, below))
    if whole.value <= 0:
        return
    made = ratio(part, whole, 100)
    over, under = (e.least + at * (e.most - e.least) for e, at in ((part, one), (whole, other)))
    if under > 0:
        assert made.least * (1 - 1e-9) <= 100 * over / under <= made.most * (1 + 1e-9)
    assert made.least <= made.low <= made.value * (1 + 1e-9) and made.value <= made.high * (1 + 1e-9)
    assert made.high <= made.most


@pytest.mark.parametrize("together", [-1.0, -0.5, 0.0, 0.5, 1.0])
def test_a_share_is_covered_whatever_its_two_errors_have_to_do_with_each_other(together):
    random = np.random.default_rng(7)
    one, other = random.normal(size=(2, 4_000))
    other = together * one + math.sqrt(1 - together**2) * other
    inside = []
    for part, whole in zip(300 + 10 * one, 1_000 + 15 * other, strict=True):
        above, below = (Estimate(x, x - 1.96 * e, x + 1.96 * e) for x, e in ((part, 10), (whole, 15)))
        made = ratio(above, below, 100)
        inside.append(made.low <= 30 <= made.high)
    assert np.mean(inside) >= 0.945


@given(st.lists(st.tuples(st.integers(5, 400), st.integers(0, 100)), min_size=2, max_size=10))
def test_a_share_lies_between_those_of_its_parts(parts):
    below = [whole for whole, _ in parts]
    above = [whole * part / 100 for whole, part in parts]
    shares = [a / b for a, b in zip(above, below, strict=True)]
    made = ratio(total(above, EXACT), total(below, EXACT), 1)
    assert min(shares) - 1e-9 <= made.value <= max(shares) + 1e-9


# --- means


def test_a_mean_is_weighted():
    """1,000 people at 0.5 km and 3,000 at 0.9 km: 0.8 km. Off by at most 0.05 + 0.4·(…) for rounded weights."""
    made = mean([0.5, 0.9], nearest(0.1), [1000, 3000], FIVES)
    assert made.value == pytest.approx(0.8)
    assert (made.least, made.most) == pytest.approx((0.7496, 0.8504), abs=1e-4)
    # √(1000² + 3000²)/4000 · 0.1/√12 = 0.0228; weights add 0.0002; times 1.96
    assert made.high - made.value == pytest.approx(0.0447, abs=1e-4)


def test_a_mean_is_that_of_r():
    """?weighted.mean, marks from Siegel (1994): weighted.mean(c(3.7, 3.3, 3.5, 2.8), c(5, 5, 4, 1)/15) is 3.453333."""
    assert mean([3.7, 3.3, 3.5, 2.8], EXACT, [5, 5, 4, 1], EXACT).value == pytest.approx(3.453333, abs=5e-7)


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(100, 5_000)), min_size=2, max_size=8))
def test_the_margin_of_a_mean_is_that_of_its_slopes(parts):
    """The law of propagation of uncertainty (JCGM 100:2008, 5.1.2), each slope by moving a number a little."""
    m, w = (np.array(each, dtype=float) for each in zip(*parts, strict=True))

    def moved(numbers, place, by):
        return numbers + by * (np.arange(len(numbers)) == place)

    variance = 0.0
    for place in range(len(m)):
        slope = (np.average(moved(m, place, 1e-3), weights=w) - np.average(moved(m, place, -1e-3), weights=w)) / 2e-3
        steep = (np.average(m, weights=moved(w, place, 0.1)) - np.average(m, weights=moved(w, place, -0.1))) / 0.2
        variance += slope**2 * nearest(0.1).variance + steep**2 * FIVES.variance
    made = mean(m, nearest(0.1), w, FIVES)
    half = min(1.959964 * math.sqrt(variance), made.most - made.value)
    assert made.high - made.value == pytest.approx(half, rel=1e-4, abs=1e-7)


def test_a_mean_of_exact_parts_is_exact():
    assert mean([1, 2], EXACT, [3, 1], EXACT) == Estimate(1.25, 1.25, 1.25, 1.25, 1.25)


@given(st.data(), st.lists(st.tuples(st.floats(0, 100), st.integers(0, 500)), min_size=1, max_size=6))
def test_a_mean_is_within_its_certain_range(data, parts):
    true = np.array([value for value, _ in parts])
    people = np.array([weight for _, weight in parts])
    published = np.array(
        [x if x % 5 == 0 else x // 5 * 5 + data.draw(st.sampled_from([0, 5])) for x in people.tolist()]
    )
    if not published.sum() or not people.sum():
        return
    made = mean(np.round(true, 1), nearest(0.1), published, FIVES)
    assert made.least - 1e-9 <= (true * people).sum() / people.sum() <= made.most + 1e-9
    assert made.least <= made.low <= made.value <= made.high <= made.most


def test_a_simulated_mean_of_twelve_buurten():
    times, size = 20_000, 12
    people, away = RNG.integers(20, 4000, (times, size)), RNG.gamma(4, 0.2, (times, size))
    true = (people * away).sum(axis=1) / people.sum(axis=1)
    inside = []
    for shown, m, truth in zip(rounded_up_or_down(people), np.round(away, 1), true, strict=True):
        made = mean(m, nearest(0.1), shown, FIVES)
        inside.append(made.low <= truth <= made.high)
    assert 0.945 <= np.mean(inside) <= 0.97  # honest, and not wider than it need be


@given(counts, st.floats(0.1, 10), st.sampled_from([0, 1, 2]))
def test_rounding_outwards_never_narrows(values, scale, decimals):
    made = ratio(total(values, FIVES), total([1000], FIVES), scale)
    out = made.outward(decimals)
    assert out.low <= made.low + 1e-8 and out.high >= made.high - 1e-8
    assert out.outward(decimals) == out
