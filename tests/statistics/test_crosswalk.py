"""Figures on other borders: the ends hold whatever lies where, totals stay, and what is missing stays missing."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.statistics import crosswalk
from buurtbeeld.statistics.crosswalk import Pieces, Range

NEW = 4


@dataclass(frozen=True)
class Country:
    """Old areas in pieces over the new ones, with who lives in each piece and what they have, which nobody publishes.

    people, owners, euros: of each piece. Owners are some of its people, and euros are theirs together.
    """

    pieces: Pieces
    people: np.ndarray
    owners: np.ndarray
    euros: np.ndarray

    def old(self, amounts: np.ndarray) -> np.ndarray:
        """What is published: the sum of each old area."""
        return np.bincount(self.pieces.old, amounts)

    def new(self, amounts: np.ndarray) -> np.ndarray:
        """The truth of each new area."""
        return np.bincount(self.pieces.new, amounts, NEW)


@st.composite
def countries(draw: st.DrawFn) -> Country:
    """Up to five old areas, each in one new area or cut into several of them."""
    where = draw(st.lists(st.sets(st.integers(0, NEW - 1), min_size=1), min_size=1, max_size=5))
    old, new, share, whole, people, owners, euros = [], [], [], [], [], [], []
    for number, places in enumerate(where):
        land = [draw(st.integers(1, 9)) for _ in places]
        for place, size in zip(sorted(places), land, strict=True):
            old.append(number)
            new.append(place)
            share.append(size / sum(land))
            whole.append(len(places) == 1)
            people.append(draw(st.integers(0, 50)))
            owners.append(draw(st.integers(0, people[-1])))
            euros.append(draw(st.integers(0, 1000)) if people[-1] else 0)
    pieces = Pieces(np.array(old), np.array(new), np.array(share), np.array(whole), NEW)
    return Country(pieces, *(np.array(each, dtype=float) for each in (people, owners, euros)))


def exact(values: object) -> Range:
    """Values without margins."""
    return Range(*[np.asarray(values, dtype=float)] * 3)


def mean(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """NaN where there is nobody."""
    found = np.full(len(below), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def holds(found: Range, truth: np.ndarray) -> bool:
    """Whether every truth that there is lies between the ends."""
    there = ~np.isnan(truth)
    low, high, truth = found.low[there], found.high[there], truth[there]
    return bool(np.all(low <= truth * (1 + 1e-9) + 1e-9) and np.all(high >= truth * (1 - 1e-9) - 1e-9))


@given(countries())
def test_a_count_lies_between_its_ends_wherever_the_people_are(country):
    found = crosswalk.counts(country.pieces, exact(country.old(country.people)))
    assert holds(found, country.new(country.people)) and holds(found, found.value)


@given(countries())
def test_the_estimates_of_all_new_areas_add_up_to_the_old_total(country):
    found = crosswalk.counts(country.pieces, exact(country.old(country.people)))
    assert found.value.sum() == pytest.approx(country.people.sum())


@given(countries(), st.data())
def test_a_count_that_was_rounded_lies_between_wider_ends(country, data):
    counted = country.old(country.people)
    published = counted + [data.draw(st.integers(-4, 4)) for _ in counted]
    given = Range(published, np.maximum(published - 4, 0), published + 4)
    assert holds(crosswalk.counts(country.pieces, given), country.new(country.people))


@given(countries())
def test_a_percentage_lies_between_its_ends_wherever_the_people_are(country):
    people = country.old(country.people)
    published = np.nan_to_num(100 * mean(country.old(country.owners), people))
    found = crosswalk.means(country.pieces, exact(published), exact(people), 100)
    assert holds(found, 100 * mean(country.new(country.owners), country.new(country.people)))
    assert holds(found, found.value)
    there = ~np.isnan(found.value)
    assert np.all(found.low[there] >= 0) and np.all(found.high[there] <= 100)


@given(countries())
def test_a_mean_lies_between_its_ends_wherever_the_people_are(country):
    people = country.old(country.people)
    published = np.nan_to_num(mean(country.old(country.euros), people))
    found = crosswalk.means(country.pieces, exact(published), exact(people), math.inf)
    assert holds(found, mean(country.new(country.euros), country.new(country.people)))
    assert holds(found, found.value)


@given(countries(), st.data())
def test_a_percentage_of_rounded_numbers_lies_between_wider_ends(country, data):
    people = country.old(country.people)
    rounded = np.maximum(people + [data.draw(st.integers(-4, 4)) for _ in people], 0)
    true = np.nan_to_num(100 * mean(country.old(country.owners), people))
    published = np.round(true)
    means = Range(published, np.maximum(published - 0.5, 0), np.minimum(published + 0.5, 100))
    sizes = Range(rounded, np.maximum(rounded - 4, 0), rounded + 4)
    found = crosswalk.means(country.pieces, means, sizes, 100)
    truth = 100 * mean(country.new(country.owners), country.new(country.people))
    assert holds(found, np.where(np.isnan(found.value), np.nan, truth))


# One new area of the old ones 0 and 1, and sometimes a piece of 2

MERGED = Pieces(np.array([0, 1]), np.array([0, 0]), np.array([1.0, 1.0]), np.array([True, True]), 1)
MORE = Pieces(np.array([0, 1, 2]), np.array([0, 0, 0]), np.array([1, 1, 0.5]), np.array([True, True, False]), 1)


def test_what_was_merged_is_exactly_the_sum():
    assert [end.tolist() for end in crosswalk.counts(MERGED, exact([300, 50]))] == [[350], [350], [350]]


def test_of_a_split_area_nothing_or_all_may_have_come():
    assert [end.tolist() for end in crosswalk.counts(MORE, exact([300, 50, 80]))] == [[390], [350], [430]]


def test_the_mean_of_whole_areas_is_weighted_and_exact():
    found = crosswalk.means(MERGED, exact([20, 60]), exact([300, 100]), math.inf)
    assert [end.tolist() for end in found] == [[30], [30], [30]]


def test_whom_a_split_area_may_have_brought_widens_a_percentage():
    """Of 100 people 60 own a home: here at least none of those and all 40 others, at most all 60 and nobody else."""
    found = crosswalk.means(MORE, exact([20, 20, 60]), exact([300, 100, 100]), 100)
    assert found.value[0] == pytest.approx((0.2 * 400 + 30) / 450 * 100)
    assert found.low[0] == pytest.approx(80 / 440 * 100) and found.high[0] == pytest.approx(140 / 460 * 100)


def test_a_mean_without_a_ceiling_may_get_all_that_the_split_area_had():
    found = crosswalk.means(MORE, exact([20, 20, 60]), exact([300, 100, 100]), math.inf)
    assert found.low[0] == pytest.approx(8000 / 500) and found.high[0] == pytest.approx(14_000 / 400)


def test_where_the_overlap_tells_nothing_a_mean_has_no_highest():
    part = Pieces(np.array([0]), np.array([0]), np.array([0.5]), np.array([False]), 1)
    found = crosswalk.means(part, exact([20]), exact([300]), math.inf)
    assert (found.value[0], found.low[0], found.high[0]) == (20, 0, math.inf)
    assert not crosswalk.carried(found)[0]


@pytest.mark.parametrize("lacking", [0, 1, 2])
def test_a_part_that_is_missing_makes_the_whole_missing(lacking):
    values = np.array([300.0, 50, 80])
    values[lacking] = np.nan
    found = crosswalk.counts(MORE, exact(values))
    assert np.isnan([end[0] for end in found]).all()
    assert np.isnan(crosswalk.means(MORE, exact(values), exact([1, 1, 1]), 100).value[0])
    assert np.isnan(crosswalk.means(MORE, exact([1, 1, 1]), exact(values), 100).value[0])
    assert not crosswalk.carried(found)[0]


def test_a_mean_of_nobody_is_not_known():
    found = crosswalk.means(MERGED, exact([0, 0]), exact([0, 0]), 100)
    assert np.isnan(found.value[0]) and not crosswalk.carried(found)[0]


@pytest.mark.parametrize(("split", "carried"), [(0, True), (400, True), (500, False)])
def test_a_figure_of_which_the_overlap_leaves_open_more_than_half_is_not_carried(split, carried):
    """Whole areas of 600, and half of one that was split: 400 leave 600 to 1,000 open, of an estimate of 800."""
    found = crosswalk.counts(MORE, exact([500, 100, split]))
    assert bool(crosswalk.carried(found)[0]) is carried


def test_nothing_at_all_is_carried_when_it_is_certain():
    assert crosswalk.carried(crosswalk.counts(MERGED, exact([0, 0])))[0]


# Shares by who lives there

CUT = Pieces(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([0.9, 0.1, 1.0]), np.array([False, False, True]), 2)


def test_who_lives_in_a_piece_tells_more_than_its_land():
    assert crosswalk.by_size(CUT, np.array([100.0, 300, 70])).tolist() == [0.25, 0.75, 1]


@pytest.mark.parametrize("size", [[np.nan, 300, 70], [0, 0, 70]])
def test_where_nobody_knows_who_lives_there_land_decides(size):
    assert crosswalk.by_size(CUT, np.array(size, dtype=float)).tolist() == [0.9, 0.1, 1]


def test_an_area_that_is_partly_nowhere_keeps_its_shares():
    left = replace(CUT, share=np.array([0.7, 0.1, 1.0]))
    assert crosswalk.by_size(left, np.array([100.0, 300, 70])).tolist() == [0.7, 0.1, 1]
