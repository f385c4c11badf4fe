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
    assert change._clear(np.array(HEART), np.ones(15)).tolist() == [1] * 4 + [0] * 11


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
