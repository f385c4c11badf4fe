"""How two figures go together: what R gives, published weighted lines, and honesty about areas that are no sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats
from scipy.ndimage import gaussian_filter

from buurtbeeld.statistics import association
from buurtbeeld.statistics.association import (
    FAR,
    MOST,
    NONE,
    STRATA,
    Hindrance,
    Line,
    Strength,
    apart,
    associate,
    correlation,
    curvature,
    effective,
    hindrance,
    influence,
    line,
    neighbours,
    ranks,
)

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
# P.K. Sen's own example (JASA 63 (1968) 1379-1389)
TIME, SIZE = [1.0, 2, 3, 4, 10, 12, 18], [9.0, 15, 19, 20, 45, 55, 78]

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


def test_the_interval_of_a_rank_correlation_is_that_of_r():
    """statpsych::ci.spear of D.G. Bonett himself, the example of its help page: 0.8699639, 0.5840951, 0.9638297."""
    y = [21, 4, 9, 12, 35, 18, 10, 22, 24, 1, 6, 8, 13, 16, 19]
    x = [67, 28, 30, 28, 52, 40, 25, 37, 44, 10, 14, 20, 28, 40, 51]
    ones = np.ones(15)
    rho = correlation(ranks(x, ones), ranks(y, ones), ones)
    assert (rho, *association._interval(rho, 15, 1 + rho**2 / 2)) == pytest.approx(
        (0.8699639, 0.5840951, 0.9638297), abs=5e-7
    )


@given(st.lists(st.integers(-9, 9), min_size=20, max_size=40), st.integers(0, 2**32 - 1))
def test_an_interval_holds_its_value(values, seed):
    random = np.random.default_rng(seed)
    x = np.array(values, dtype=float)
    for y in (x, -x, x + random.normal(size=len(x))):
        found = associate(x, y, random.integers(1, 9_000, len(x)), random.random((len(x), 2)))
        assert found is NONE or -1 <= found.low <= found.value <= found.high <= 1


def test_a_perfect_relation_lies_in_its_own_interval():
    found = associate(SPEED, SPEED, ONES, scattered(50))
    assert found[:3] == pytest.approx((1, 1, 1)) and found.low <= found.value <= found.high


@pytest.mark.parametrize("place", ["x", "y", "weights", "where"])
@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_a_missing_number_is_refused(place, missing):
    given = {"x": SPEED, "y": DISTANCE, "weights": ONES, "where": scattered(50)}
    given = {name: np.array(values, dtype=float) for name, values in given.items()}
    given[place][3] = missing
    with pytest.raises(ValueError, match="finite; leave out what is missing"):
        associate(**given)


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_no_line_and_no_outliers_with_a_missing_number(missing):
    for call in (
        lambda: apart([1, 2, missing], [1, 2, 3]),
        lambda: line([1, 2, 3], [1, 2, missing], [1, 1, 1], 3, [1]),
    ):
        with pytest.raises(ValueError, match="finite; leave out what is missing"):
            call()


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


@given(st.integers(0, 2**32 - 1), many)
def test_a_line_of_equal_weights_is_that_of_scipy(seed, count):
    random = np.random.default_rng(seed)
    x, y = random.random(count), random.random(count)
    found, theirs = line(x, y, np.ones(count), count, [0.0, 1.0]), stats.linregress(x, y)
    assert found.y == pytest.approx((theirs.intercept, theirs.intercept + theirs.slope))
    half = stats.t.ppf(0.975, count - 2) * theirs.intercept_stderr
    assert found.high[0] - found.y[0] == pytest.approx(half, rel=1e-6, abs=1e-12)


@given(st.integers(0, 2**32 - 1), many)
def test_a_weighted_line_is_that_of_scipy(seed, count):
    """scipy has no weighted line, but its general least squares finds the same one: error 1/√w at each point."""
    random = np.random.default_rng(seed)
    x, y, w = random.random((3, count)) + 0.1
    found = line(x, y, w, count, [0.0])
    (start, _), spread = optimize.curve_fit(lambda x, a, b: a + b * x, x, y, sigma=1 / np.sqrt(w))
    assert found.y[0] == pytest.approx(start, rel=1e-5, abs=1e-6)
    half = stats.t.ppf(0.975, count - 2) * np.sqrt(spread[0, 0])
    assert found.high[0] - found.y[0] == pytest.approx(half, rel=1e-4, abs=1e-6)


def test_a_line_may_be_drawn_where_the_numbers_agree_with_their_order():
    found = associate(SPEED, DISTANCE, ONES, scattered(50))
    assert hindrance(SPEED, DISTANCE, ONES, found) is None
    assert hindrance(SPEED, -DISTANCE, ONES, associate(SPEED, -DISTANCE, ONES, scattered(50))) is None
    assert hindrance(SPEED, DISTANCE, ONES, NONE) == Hindrance.UNCLEAR


def test_no_line_is_drawn_where_only_the_order_goes_together():
    """Up in order, but the straight correlation hangs on one area: its interval holds 0."""
    x = np.arange(50.0)
    y = np.sin(x) + x / 20
    y[0] = 500
    found = associate(x, y, ONES, scattered(50))
    assert found.low > 0 and hindrance(x, y, ONES, found) == Hindrance.UNSURE


def rising(x):
    """Something that rises with x along a straight line, with some noise."""
    return x + np.random.default_rng(5).normal(size=len(x)) * 5


def test_no_line_is_drawn_that_one_area_decides():
    """As Hoog-Catharijne does with its crimes: far along, and far from where the others would lead."""
    x = np.arange(50.0)
    y = rising(x)
    assert hindrance(x, y, ONES, associate(x, y, ONES, scattered(50))) is None
    x[-1], y[-1] = 500, 200
    found = associate(x, y, ONES, scattered(50))
    with_it, without = line(x, y, ONES, 50, [0, 500]), line(x[:-1], y[:-1], ONES[:-1], 49, [0, 500])
    assert without.y[1] > with_it.high[1]
    assert hindrance(x, y, ONES, found) == Hindrance.ONE


@pytest.mark.parametrize("bend", [0.02, -0.02])
def test_no_line_is_drawn_where_the_relation_is_bent(bend):
    x = np.arange(50.0)
    y = rising(x) + bend * (x - 25) ** 2
    found = associate(x, y, ONES, scattered(50))
    assert found.low > 0 and hindrance(x, y, ONES, found) == Hindrance.CURVED
    assert np.sign(curvature(x, y, ONES, 50)) == np.sign(bend)


def test_no_line_is_drawn_through_what_is_impossible():
    x = np.arange(50.0)
    y = rising(x) * 2
    found = associate(x, y, ONES, scattered(50))
    low, high = line(x, y, ONES, found.size, [0, 49]).y
    for possible in ((low - 0.1, high + 0.1), (low, high), (-np.inf, np.inf)):
        assert hindrance(x, y, ONES, found, possible) is None
    for possible in ((low + 0.1, np.inf), (-np.inf, high - 0.1)):
        assert hindrance(x, y, ONES, found, possible) == Hindrance.BEYOND


def test_a_perfect_line_is_drawn_up_to_the_bounds():
    x = np.arange(50.0)
    found = associate(x, x * 0.3, ONES, scattered(50))
    assert hindrance(x, x * 0.3, ONES, found, (0, 49 * 0.3)) is None


def test_curvature_is_that_of_r():
    """summary(lm(dist ~ speed + I(speed^2), cars)): t value 1.515, Pr(>|t|) 0.136."""
    found = curvature(SPEED, DISTANCE, ONES, 50)
    assert found == pytest.approx(1.515, abs=5e-4)
    assert 2 * stats.t.sf(found, 47) == pytest.approx(0.136, abs=5e-4)


@given(st.integers(0, 2**32 - 1), st.integers(5, 40), st.floats(-1e3, 1e3))
def test_weighted_curvature_is_that_of_scipy(seed, count, start):
    random = np.random.default_rng(seed)
    x, y, w = random.random((3, count)) + 0.1
    (*_, bent), spread = optimize.curve_fit(lambda x, a, b, c: a + b * x + c * x**2, x, y, sigma=1 / np.sqrt(w))
    assert curvature(x + start, y, w, count) == pytest.approx(bent / np.sqrt(spread[2, 2]), rel=1e-3, abs=1e-4)


@given(st.integers(0, 2**32 - 1), st.integers(4, 40))
def test_influence_is_how_far_the_line_goes_without_an_area(seed, count):
    """Cook's own definition, Σw(ŷ - ŷ without i)² / (2 s²), with each area left out in turn."""
    random = np.random.default_rng(seed)
    x, y, w = random.random((3, count)) + 0.1
    at = line(x, y, w, count, x.tolist()).y
    part = w / w.sum() * count
    spread = np.sum(part * (y - at) ** 2) / (count - 2)
    keep = ~np.eye(count, dtype=bool)  # a row for each area that is left out
    moved = [line(x[each], y[each], w[each], count, x.tolist()).y for each in keep]
    wanted = [np.sum(part * (np.array(at) - each) ** 2) / (2 * spread) for each in moved]
    assert influence(x, y, w, count) == pytest.approx(np.array(wanted), rel=1e-4, abs=1e-9)
    assert influence(x, y, w, (count + 2) / 2) == pytest.approx(influence(x, y, w, count) / 2)


def test_where_only_one_area_makes_a_line_it_decides_everything():
    x = [0.0] * 9 + [1.0]
    assert np.isinf(influence(x, [*range(9), 20], [1] * 10, 10)).tolist() == [False] * 9 + [True]


def test_two_values_make_no_curve():
    assert curvature([0, 0, 1, 1], [1, 2, 5, 6], [1, 2, 3, 4], 4) == 0


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


def as_published(x, y, where):
    """Dutilleul's (1993) equation 3 with the autocorrelation in strata of distance, pair by pair, as in SpatialPack."""
    n = len(x)
    far = [[np.hypot(*(one - other)) for other in where] for one in where]
    width = max(map(max, far)) / STRATA
    stratum = [[max(int(np.ceil(far[i][j] / width - 1e-9)), 1) for j in range(n)] for i in range(n)]
    centre = np.eye(n) - 1 / n

    def matrix(values):
        away = values - values.mean()
        made = np.eye(n)
        for k in range(1, STRATA + 1):
            pairs = [(i, j) for i in range(n) for j in range(n) if i != j and stratum[i][j] == k]
            for i, j in pairs:
                made[i, j] = np.mean([away[a] * away[b] for a, b in pairs]) / away.var()
        return centre @ made @ centre

    one, two = matrix(x), matrix(y)
    return 1 + np.trace(one) * np.trace(two) / np.trace(one @ two)


@pytest.mark.parametrize("side", [4, 5])
def test_neighbours_count_as_in_the_publication(side):
    random, place = np.random.default_rng(3), np.random.default_rng(8).random((side * side, 2))
    x, y = smooth(random, side), smooth(random, side)
    assert neighbours(x, y, np.ones(side * side), place) == pytest.approx(as_published(x, y, place))


def test_without_neighbours_areas_count_as_kish_says():
    """Where nothing is alike Σ is I: 50 areas of weight 1 and 50 of weight 3 count for 200² / 500 = 80."""
    w = np.repeat([1, 3], 50) / 200
    one = np.sqrt(w)[:, None] * association._centred(np.eye(100), w) * np.sqrt(w)
    assert 1 + np.trace(one) ** 2 / np.sum(one**2) == pytest.approx(80, rel=0.01)


@given(st.integers(20, 60), st.integers(0, 2**32 - 1))
def test_areas_never_count_for_more_than_there_are(count, seed):
    random = np.random.default_rng(seed)
    w = random.integers(1, 9_000, count)
    found = effective(random.random(count), random.random(count), w, random.random((count, 2)))
    assert 0 < found <= w.sum() ** 2 / np.sum(w**2) * (1 + 1e-9)


def smooth(random, side, reach=1):
    """A field in which areas up to about `reach` apart are alike, made from noise."""
    return gaussian_filter(random.normal(size=(side, side)), reach).ravel()


def left_out(side, times, reach=1, spread=0.0):
    """How often the interval of two fields that have nothing to do with each other leaves out 0: plain, and ours."""
    random, place = np.random.default_rng(9), grid(side)
    plain = ours = 0
    for _ in range(times):
        x, y = (smooth(random, side, reach) for _ in range(2))
        weights = np.exp(spread * smooth(random, side))
        low, high = association._interval(correlation(x, y, weights), side * side)
        plain += low > 0 or high < 0
        found = associate(x, y, weights, place)
        ours += found.low > 0 or found.high < 0
    return plain / times, ours / times


@pytest.mark.parametrize(("side", "times", "reach"), [(10, 200, 1), (20, 100, 2), (40, 100, 3)])
def test_neighbours_that_are_alike_make_no_false_relation(side, times, reach):
    """Whatever the number of areas: the plain interval leaves out 0 far too often, ours about as it says."""
    plain, ours = left_out(side, times, reach)
    assert plain > 0.25 and ours <= 0.08


def test_neither_do_large_areas_beside_each_other():
    plain, ours = left_out(10, 200, spread=3.0)
    assert plain > 0.25 and ours <= 0.08


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


def test_the_distance_from_sens_own_line():
    """Slope 4, as Sen found, so 5, 7, 7, 4, 5, 7, 6 remain: median 6 and MAD 1 (R's deming::thielsen: 6 and 4)."""
    assert apart(TIME, SIZE) == pytest.approx(np.array([1, 1, 1, 2, 1, 1, 0]) / 1.4826, rel=1e-4)


@given(st.integers(0, 2**32 - 1), many)
def test_an_outlier_does_not_hide_itself(seed, count):
    """However far away it is, the others stay where they were: neither the line nor the spread is pulled."""
    random = np.random.default_rng(seed)
    x, y = random.random((2, 2 * count + 3))
    near, far = y.copy(), y.copy()
    near[0], far[0] = y.max() + 100, y.max() + 1e6
    assert apart(x, far)[1:] == pytest.approx(apart(x, near)[1:], rel=1e-6)
    assert apart(x, far)[0] > apart(x, near)[0] > FAR


def test_what_lies_off_the_line_is_found_and_nothing_else():
    y = 3.0 * SPEED + np.tile([-1, 0, 1, 0.5, -0.5], 10)
    y[[7, 30]] += (40, -40)
    assert np.flatnonzero(apart(SPEED, y) > FAR).tolist() == [7, 30]


def test_beside_a_line_that_is_drawn_it_is_the_distance_from_that_line():
    """Residuals 0, 1, 2, -2, 20 from y = x: the median of their sizes is 2. Who is on the line is not far from it."""
    drawn = Line((0.0, 5.0), (0.0, 5.0), (0.0, 0.0), (9.0, 9.0))
    assert apart([1, 2, 3, 4, 5], [1, 3, 5, 2, 25], drawn) == pytest.approx(
        np.array([0, 1, 2, 2, 20]) / 2.9652, rel=1e-4
    )
    assert apart([1, 2, 3, 4, 5], [1, 2, 3, 4, 9], drawn).tolist() == [0] * 5


def test_far_along_the_line_is_not_off_it():
    assert apart([*SPEED, 500], [*(SPEED * 2 + np.tile([0, 1], 25)), 1000.5])[-1] < FAR


@pytest.mark.parametrize("x", [[], [1.0] * 9, list(range(9))])
def test_without_spread_nobody_stands_apart(x):
    assert apart(x, x).tolist() == [0] * len(x)


def test_as_many_areas_as_a_country_has_take_no_square():
    """More than 400 areas count for no more than 400: how alike near ones are can't be seen from so few."""
    random = np.random.default_rng(2)
    x, weights = random.random(20_000), random.integers(1, 9_000, 20_000)
    found = associate(x, x + random.normal(size=20_000), weights, random.random((20_000, 2)))
    assert found.low > 0 and MOST / 2 < found.size <= MOST
    assert len(apart(x, x + random.normal(size=20_000))) == 20_000
