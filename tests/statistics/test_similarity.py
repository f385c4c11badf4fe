"""Areas alike: a distance by hand, and what must hold for every table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from buurtbeeld.statistics import similarity
from buurtbeeld.statistics.similarity import FEWEST, distances, nearest, standardised

cells = st.one_of(st.integers(-50, 50).map(float), st.just(np.nan))
tables = arrays(np.float64, st.tuples(st.integers(2, 12), st.integers(FEWEST, 9)), elements=cells)

# Rows are areas; the median of each column is 3, its median absolute deviation 1
EVEN = np.tile(np.array([[1.0], [2], [3], [4], [5]]), (1, 5))


def test_a_column_is_brought_to_its_median_and_robust_deviation():
    """1, 2, 3, 4, 5: median 3, MAD 1, so 1 / 1.4826 per step (Rousseeuw and Croux)."""
    assert standardised(EVEN)[:, 0] == pytest.approx(np.array([-2, -1, 0, 1, 2]) / 1.4826, rel=1e-4)


def test_the_deviation_is_that_of_r():
    """?mad: mad(c(1:9), constant = 1) == mad(c(1:8, 100), constant = 1), both 2: one extreme area adds nothing."""
    for column in (range(1, 10), [*range(1, 9), 100]):
        steps = np.diff(standardised(np.array([column], dtype=float).T)[:, 0])
        assert steps[:7] == pytest.approx(np.full(7, 1 / (1.4826 * 2)), rel=1e-4)


def test_distances_are_those_of_r(monkeypatch):
    """R's cluster::daisy(d5, stand = TRUE), from the package's own tests/daisy-ex.R: the summary of all 55 distances.

    It makes up for missing figures as we do, and divides by the mean deviation from the mean; ours is per figure.
    """
    monkeypatch.setattr(similarity, "FEWEST", 1)
    nan = np.nan
    d5 = np.array([
        [0, 0, 0, 1, 0, 0, 0, 0, 1, 0, nan],
        [nan, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0],
        [0, 1, 1, 0, 1, nan, 1, 0, 1, 0, nan],
        [1, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0],
        [1, nan, 0, 1, 0, 0, 0, 0, nan, 1, 1],
    ]).T  # fmt: skip
    away = d5 - np.nanmean(d5, axis=0)
    scaled = away / np.nanmean(np.abs(away), axis=0)
    far = np.array([distances(scaled, place) for place in range(11)])[np.triu_indices(11, 1)] * np.sqrt(5)
    summary = [*np.quantile(far, [0, 0.25, 0.5]), far.mean(), *np.quantile(far, [0.75, 1])]
    assert summary == pytest.approx([0, 2.6142638, 3.4938562, 3.2933687, 4.0591077, 5.5580177], abs=2e-7)


def test_a_distance_by_hand():
    """Two steps apart on every figure; and on one of five only: √(2² / 5) of that."""
    apart = EVEN.copy()
    apart[0] = [3, 3, 3, 3, 1]
    assert distances(standardised(EVEN), 0)[2] == pytest.approx(2 / 1.4826, rel=1e-4)
    scaled = (apart - 3) / 1.4826
    assert distances(scaled, 0)[2] == pytest.approx(2 / np.sqrt(5) / 1.4826, rel=1e-4)


def test_what_is_missing_neither_brings_nearer_nor_drives_apart():
    table = np.column_stack([EVEN, EVEN[:, 0]])
    whole = distances(standardised(table), 0)
    table[3, 2] = np.nan
    scaled = (table - 3) / 1.4826
    assert distances(scaled, 0)[3] == pytest.approx(whole[3], rel=1e-4)


def test_too_little_known_is_no_likeness():
    table = EVEN.copy()
    table[1, 0] = np.nan
    assert np.isnan(distances(standardised(table), 0)).tolist() == [False, True, False, False, False]
    assert np.isnan(distances(standardised(table), 1)).all()
    assert nearest(standardised(table), 1, 5) == []


def test_a_figure_that_is_the_same_nearly_everywhere_says_nothing():
    table = np.column_stack([EVEN, [7, 7, 7, 7, 900.0]])
    assert np.isnan(standardised(table)[:, 5]).all()
    assert nearest(standardised(table), 4, 1) == [3]


def test_a_figure_that_nobody_has_says_nothing():
    table = np.column_stack([EVEN, np.full(5, np.nan)])
    assert distances(standardised(table), 0) == pytest.approx(distances(standardised(EVEN), 0))


@given(tables)
def test_an_area_is_like_itself_and_likeness_is_mutual(table):
    scaled = standardised(table)
    far = np.array([distances(scaled, place) for place in range(len(scaled))])
    assert np.allclose(far, far.T, equal_nan=True)
    assert (far[np.isfinite(far)] >= 0).all()
    enough = np.isfinite(scaled).sum(axis=1) >= FEWEST
    assert (np.diag(far)[enough] == 0).all() and np.isnan(np.diag(far)[~enough]).all()


@given(tables, st.floats(0.01, 1000), st.floats(-1000, 1000))
def test_units_do_not_matter(table, scale, start):
    assert np.allclose(standardised(table * scale + start), standardised(table), atol=1e-6, equal_nan=True)


@given(tables)
def test_the_nearest_come_first_and_never_the_area_itself(table):
    scaled = standardised(table)
    found = nearest(scaled, 0, 5)
    far = distances(scaled, 0)
    assert 0 not in found and len(found) == len(set(found)) <= 5
    assert far[found].tolist() == sorted(far[found].tolist())
    others = set(range(1, len(table))) - set(found)
    assert all(np.isnan(far[row]) or far[row] >= far[found[-1]] for row in others if found)
