"""How two figures go together: what R gives, published weighted lines, and honesty about areas that are no sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from buurtbeeld.statistics import association
from buurtbeeld.statistics.association import FAR, NONE, Strength, apart, associate, correlation, effective, line, ranks

# The data set `cars` of R: speed and stopping distance
SPEED = np.repeat([4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25],
                  [2, 2, 1, 1, 3, 2, 4, 4, 4, 3, 2, 3, 4, 3, 5, 1, 1, 4, 1])  # fmt: skip
DISTANCE = np.array([
    2, 10, 4, 22, 16, 10, 18, 26, 34, 17, 28, 14, 20, 24, 28, 26, 34, 34, 46, 26, 36, 60, 80, 20, 26, 54, 32, 40, 32,
    40, 50, 42, 56, 76, 84, 36, 46, 68, 32, 48, 52, 56, 64, 66, 54, 70, 92, 93, 120, 85,
])  # fmt: skip
ONES = np.ones(50)
# K. Pearson's data (Philosophical Magazine 2 (1901) 559) with the weights of D. York (Canadian Journal of Physics 44
# (1966) 1079), those of y alone
X = [0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4]
Y = [5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5]
W = [1.0, 1.8, 4, 8, 20, 20, 70, 70, 100, 500]

many = st.integers(3, 40)


def grid(side):
    return np.array([(east, north) for east in range(side) for north in range(side)], dtype=float)


def scattered(count):
    """Places so that where an area is says nothing about its value."""
    return np.random.default_rng(4).random((count, 2))


def test_correlations_are_those_of_r():
    """cor.test(~ speed + dist, cars): 0.8068949, 95% from 0.6816422 to 0.8862036; method = "spearman": 0.8303568."""
    r = correlation(SPEED, DISTANCE, ONES)
    assert (r, *association._interval(r, 50)) == pytest.approx((0.8068949, 0.6816422, 0.8862036), abs=1e-7)
    assert correlation(ranks(SPEED, ONES), ranks(DISTANCE, ONES), ONES) == pytest.approx(0.8303568, abs=1e-7)


def test_a_line_and_its_band_are_those_of_r():
    """predict(lm(dist ~ speed, cars), data.frame(speed = c(12, 19, 24)), interval = "confidence")."""
    found = line(SPEED, DISTANCE, ONES, 50, [12, 19, 24])
    assert np.round(found.y, 1).tolist() == [29.6, 57.1, 76.8]
    assert np.round(found.low, 1).tolist() == [24.4, 51.8, 68.4]
    assert np.round(found.high, 1).tolist() == [34.8, 62.4, 85.2]


def test_a_weighted_line_is_the_published_one():
    """T.M. Huber, physics.gac.edu/~huber/fitting/pearson.htm: 6.100 ± 0.424 and -0.6108 ± 0.0623, scaled by chi²."""
    found = line(X, Y, W, 10, [0.0, 1.0])
    assert found.y[0] == pytest.approx(6.100, abs=5e-4)
    assert found.y[1] - found.y[0] == pytest.approx(-0.6108, abs=5e-5)
    assert (found.high[0] - found.y[0]) / stats.t.ppf(0.975, 8) == pytest.approx(0.424, abs=5e-4)


def test_fewer_independent_areas_make_a_wider_band():
    wide, narrow = line(X, Y, W, 5, [3.0]), line(X, Y, W, 10, [3.0])
    assert wide.y == pytest.approx(narrow.y) and wide.high[0] - wide.low[0] > narrow.high[0] - narrow.low[0]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=2, max_size=30))
def test_a_whole_weight_is_as_many_areas(pairs):
    values, weights = (np.array(each) for each in zip(*pairs, strict=True))
    repeated = np.repeat(values, weights)
    spread_out = (stats.rankdata(repeated) - 0.5) / len(repeated)
    assert np.repeat(ranks(values, weights), weights) == pytest.approx(spread_out)
    if np.ptp(values):
        other = np.arange(len(values))
        assert correlation(values, other, weights) == pytest.approx(
            np.corrcoef(repeated, np.repeat(other, weights))[0, 1]
        )


@given(st.floats(0.01, 100), st.floats(-100, 100), st.floats(0.01, 1e4))
def test_units_do_not_matter(scale, start, people):
    place = scattered(50)
    usual = associate(SPEED, DISTANCE, ONES, place)
    other = associate(SPEED * scale + start, DISTANCE, ONES * people, place * scale)
    assert other == pytest.approx(usual)
    assert apart(SPEED * scale + start, DISTANCE * scale) == pytest.approx(apart(SPEED, DISTANCE))


def test_turned_around_it_is_the_opposite():
    place = scattered(50)
    up, down = associate(SPEED, DISTANCE, ONES, place), associate(SPEED, -DISTANCE, ONES, place)
    assert down == pytest.approx((-up.value, -up.high, -up.low, up.size))


def test_areas_of_one_size_without_a_pattern_count_in_full():
    random = np.random.default_rng(6)
    found = [effective(random.random(100), random.random(100), np.ones(100), grid(10)) for _ in range(20)]
    assert np.mean(found) > 93 and max(found) <= 100


def test_a_few_large_areas_count_for_few():
    assert effective(SPEED, DISTANCE, [1_000, 1_000, *[1] * 48], scattered(50)) < 2.2


def smooth(random, side):
    """A field in which neighbours are alike, made from noise."""
    noise = random.normal(size=(side, side))
    for _ in range(3):
        noise = (noise + sum(np.roll(noise, step, axis) for step in (-1, 1) for axis in (0, 1))) / 5
    return noise.ravel()


def test_neighbours_that_are_alike_make_no_false_relation():
    """Independent fields of 100 areas: the plain interval leaves out nothing far too often, ours about as it says."""
    random, place = np.random.default_rng(9), grid(10)
    plain = ours = 0
    for _ in range(200):
        x, y = smooth(random, 10), smooth(random, 10)
        r = correlation(x, y, np.ones(100))
        low, high = association._interval(r, 100)
        plain += low > 0 or high < 0
        ours += associate(x, y, np.ones(100), place).strength in (Strength.CLEAR, Strength.STRONG)
    assert plain / 200 > 0.25
    assert ours / 200 < 0.10


def test_a_real_relation_is_found_among_neighbours_that_are_alike():
    random, place = np.random.default_rng(10), grid(10)
    found = 0
    for _ in range(100):
        x = smooth(random, 10)
        y = x + random.normal(size=100) * x.std()
        found += associate(x, y, np.ones(100), place).low > 0
    assert found >= 80


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.52, 0.9, "strong"),
        (-0.9, -0.52, "strong"),
        (0.1, 0.9, "clear"),
        (-0.6, -0.01, "clear"),
        (0.05, 0.25, "slight"),
        (-0.3, 0.3, "slight"),
        (-0.1, 0.5, "unsure"),
        (-1, 1, "unsure"),
    ],
)
def test_a_word_holds_for_the_whole_interval(low, high, word):
    assert association.Association((low + high) / 2, low, high, 50).strength == word


@pytest.mark.parametrize("x", [SPEED[:19], np.ones(50)])
def test_of_few_areas_or_one_value_nothing_is_said(x):
    found = associate(x, DISTANCE[: len(x)], ONES[: len(x)], scattered(len(x)))
    assert found is NONE and found.strength == Strength.FEW


def test_two_or_three_independent_areas_say_nothing():
    assert association._interval(0.99, 3) == (-1, 1)


def test_what_lies_off_the_line_is_found_and_nothing_else():
    y = 3.0 * SPEED + np.tile([-1, 0, 1, 0.5, -0.5], 10)
    y[[7, 30]] += (40, -40)
    assert np.flatnonzero(apart(SPEED, y) > FAR).tolist() == [7, 30]


def test_far_along_the_line_is_not_off_it():
    assert apart([*SPEED, 500], [*(SPEED * 2 + np.tile([0, 1], 25)), 1000.5])[-1] < FAR


@pytest.mark.parametrize("x", [[], [1.0] * 9, list(range(9))])
def test_without_spread_nobody_stands_apart(x):
    assert apart(x, x).tolist() == [0] * len(x)


def test_as_many_areas_as_a_country_has_take_no_square():
    random = np.random.default_rng(2)
    x, weights = random.random(20_000), random.integers(1, 9_000, 20_000)
    found = associate(x, x + random.normal(size=20_000), weights, random.random((20_000, 2)))
    assert found.low > 0.1 and found.size > 5_000
    assert len(apart(x, x + random.normal(size=20_000))) == 20_000
