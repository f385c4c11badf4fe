"""Clear change: published examples, the binomial by hand, and the promise that a page without change says so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from buurtbeeld.statistics import change
from buurtbeeld.statistics.dispersion import NONE, Dispersion

# Y. Benjamini and Y. Hochberg (1995), section 3: fifteen p-values, of which the first four are called
HEART = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_benjamini_and_hochbergs_own_example():
    assert change.stays(HEART).tolist() == [True] * 4 + [False] * 11


def test_what_was_not_tested_is_not_counted_either():
    assert change.stays([0.04, np.nan, np.nan]).tolist() == [True, False, False]
    assert change.stays([]).tolist() == []


@pytest.mark.parametrize(
    ("cases", "years", "p"),
    [((3, 17), (122_268, 100_025), 0.0003127), ((1, 8), (77_932, 78_531), 0.02210)],
)
def test_two_rates_as_openepi_prints_them(cases, years, p):
    """OpenEpi (openepi.com), "Comparing 2 Person-Time Rates", mid-P exact, two tails: cases and person-years of two
    groups in two strata, as printed in the course "Session I" of epiinformatics.com.
    """
    before, after = cases
    assert change.p_of_counts(before, after, part=years[1] / sum(years)) == pytest.approx(p, rel=5e-4)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.05, 0.95))
def test_without_dispersion_it_is_the_binomial_mid_p(x, y, part):
    upper = stats.binom.sf(y, x + y, part) + stats.binom.pmf(y, x + y, part) / 2
    assert change.p_of_counts(x, y, NONE, part) == pytest.approx(min(1, 2 * min(upper, 1 - upper)), abs=1e-9)


@given(st.integers(0, 500), st.integers(0, 500), st.floats(1, 9))
def test_a_wider_noise_never_makes_a_change_clearer(x, y, phi):
    assert change.p_of_counts(x, y, Dispersion(phi, 0, phi)) >= change.p_of_counts(x, y) - 1e-9


@given(st.integers(0, 500), st.integers(0, 500))
def test_up_and_down_are_mirror_images(x, y):
    assert change.p_of_counts(x, y) == pytest.approx(change.p_of_counts(y, x), abs=1e-9)
    assert change.of_counts([x], [y]) == -change.of_counts([y], [x])


def test_nothing_becoming_something_and_the_reverse():
    assert change.of_counts([0, 0, 40, 3], [40, 0, 0, 4]).tolist() == [1, 0, -1, 0]


def test_what_is_missing_is_no_change_and_no_test():
    assert change.of_counts([np.nan, 10, 5], [10, np.nan, 90]).tolist() == [0, 0, 1]
    assert change.of_margins([np.nan, 1], [1, 1], [5, 9], [1, 1]).tolist() == [0, 1]


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=9), st.integers(500, 9000))
def test_rates_of_as_many_residents_are_judged_as_their_events(pairs, residents):
    x, y = np.array(pairs).T
    noise = Dispersion(4.3, 0, 4.3)
    base = np.full(len(x), residents)
    signs = change.of_rates(x / base * 1000, y / base * 1000, base, base, 1000, noise)
    assert signs.tolist() == change.of_counts(x, y, noise).tolist()


def test_twice_as_many_residents_with_twice_as_many_crimes_is_no_change():
    assert change.of_rates([50, 50], [50, 200], [2000, 2000], [4000, 2000], 1000).tolist() == [0, 1]
    assert change.of_counts([100], [200]).tolist() == [1]  # though there are more of them


def band(pairs):
    """Two arrays, low and high, of pairs of a low end and a width."""
    low, width = np.array(pairs).T
    return low, low + width


bands = st.lists(st.tuples(st.integers(-99, 99), st.integers(0, 99)), min_size=4, max_size=4)


@given(bands, bands, st.integers(-99, 99), st.integers(1, 9))
def test_bands_are_clear_when_no_number_is_in_both_whatever_the_unit(then, now, start, times):
    before, after = band(then), band(now)
    signs = change.of_bands(before, after)
    apart = [max(b, d) > min(c, e) for b, c, d, e in zip(*before, *after, strict=True)]
    assert (signs != 0).tolist() == apart
    assert (signs == -change.of_bands(after, before)).all()
    before, after = ((low * times + start, high * times + start) for low, high in (before, after))
    assert (signs == change.of_bands(before, after)).all()


size = st.floats(-1e3, 1e3)
width = st.floats(0.1, 99)
estimates = st.lists(st.tuples(size, width, size, width), min_size=1, max_size=9)


@given(estimates, st.floats(1, 9))
def test_wider_margins_make_no_change_clearer_and_the_reverse_is_its_mirror(rows, wider):
    x, one, y, other = np.array(rows).T
    signs = change.of_margins(x, one, y, other)
    assert (signs == -change.of_margins(y, other, x, one)).all()
    assert ((signs == 0) | (signs == np.sign(y - x))).all()
    assert (np.abs(change.of_margins(x, one * wider, y, other * wider)) <= np.abs(signs)).all()


def test_bands_that_touch_say_nothing():
    before, after = ([21, 21, 21], [29, 29, 29]), ([29, 30, 11], [37, 38, 20])
    assert change.of_bands(before, after).tolist() == [0, 1, -1]


def test_margins_by_hand():
    """Two estimates of ±4 that differ by 6 are 6/√(2·(4/1.96)²) = 2.08 errors apart: p = 0.0376."""
    assert change.of_margins([20], [8], [26], [8]).tolist() == [1]
    assert change.of_margins([20] * 10, [8] * 10, [26] + [20] * 9, [8] * 10).tolist() == [0] * 10  # one among ten


@pytest.mark.parametrize("phi", [1.0, 4.3, 6.2])
def test_at_most_a_twentieth_of_pages_without_any_change_claims_one(phi):
    random = np.random.default_rng(5)
    means = np.exp(random.uniform(np.log(5), np.log(900), 111))
    noise = Dispersion(phi, 0.0, phi)

    def page() -> np.ndarray:
        rates = random.gamma(means / (phi - 1), phi - 1) if phi > 1 else means
        return random.poisson(rates).astype(float)

    claims = [bool(np.any(change.of_counts(page(), page(), noise))) for _ in range(400)]
    assert np.mean(claims) <= 0.075  # 5%, and what 400 pages may differ from it: 2.3 standard errors
    plain = [bool(np.any(change.p_of_counts(page(), page()) <= 0.05)) for _ in range(50)]
    assert np.mean(plain) > 0.9  # what the plain test would do
