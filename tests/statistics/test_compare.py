"""An area beside the city: certain and large, or nothing is claimed."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.statistics.compare import Stand, little, reach, stands, usual

OTHERS = [18, 19, 20, 21, 22, 30, 10]  # from the city's 20: above 1 2 10, below 2 1 10, half of them at most 2


@pytest.mark.parametrize(
    ("own", "stand"),
    [
        ((30, 26, 34), Stand.ABOVE),
        ((10, 6, 14), Stand.BELOW),
        ((22, 21.9, 22.1), Stand.SLIGHT),  # certain, but no farther than half of the areas above the city
        ((18, 17.9, 18.1), Stand.SLIGHT),
        ((21, 20.5, 21.5), Stand.ALIKE),
        ((21, 17, 25), Stand.UNSURE),  # so wide that it may be far from the city: not known is not the same
        ((20, 10, 30), Stand.UNSURE),
        ((21, 20.5, 23), Stand.UNSURE),
        ((21.5, 21, 22), Stand.ALIKE),  # touching the city's margin, and no farther than usual
        ((30, 19, 44), Stand.UNSURE),
        ((30, 21, 39), Stand.UNSURE),  # the city may be 21 too
        ((20, 20, 20), Stand.ALIKE),
    ],
)
def test_an_area_beside_the_city(own, stand):
    assert stands(own, (20, 19, 21), OTHERS) == stand


def test_far_below_is_not_the_same_because_others_are_farther_above():
    """Of people per square kilometre: 34 beside the city's 3,991, where others have twice as many as the city."""
    others = [34, 2000, 3000, 3500, 6000, 8000, 9000, 12_000]
    assert stands((34, 33.5, 34.5), (3991, 3990.5, 3991.5), others) == Stand.BELOW
    assert stands((3500, 3499.5, 3500.5), (3991, 3990.5, 3991.5), others) == Stand.SLIGHT


@given(st.floats(-1e3, 1e3), st.floats(0, 1e3), st.floats(0, 1e3), st.lists(st.floats(-1e3, 1e3), max_size=9))
def test_what_is_about_the_same_is_certainly_no_farther_than_usual(value, down, up, others):
    own = (value, value - down, value + up)
    if stands(own, (20, 20, 20), others) == Stand.ALIKE:
        assert 20 - usual(20, others, -1) <= own[1] and own[2] <= 20 + usual(20, others, 1)


def test_alone_in_its_level():
    assert stands((5, 5, 5), (4, 4, 4), []) == Stand.ABOVE


@given(st.floats(-1e6, 1e6), st.floats(0, 1e5), st.lists(st.floats(-1e6, 1e6), max_size=9))
def test_whoever_covers_the_city_is_never_clearly_different(value, more, others):
    own = (value, min(value, 20) - more, max(value, 20) + more)
    assert stands(own, (20, 20, 20), [*others, value]) in (Stand.ALIKE, Stand.UNSURE)


@pytest.mark.parametrize(
    ("own", "city", "others", "times"),
    [(24, 20, OTHERS, 2), (16, 20, OTHERS, 2), (20, 20, OTHERS, 0), (5, 4, [4, 4, 3], inf), (4, 4, [], 0)],
)
def test_a_distance_is_counted_in_usual_distances(own, city, others, times):
    assert reach(own, city, others) == times


@given(st.integers(-1000, 1000), st.lists(st.integers(-1000, 1000), min_size=1, max_size=9), st.integers(1, 99))
def test_another_unit_is_the_same_distance(own, others, times):
    scaled = reach(own * times, 20 * times, [value * times for value in others])
    assert scaled == pytest.approx(reach(own, 20, others))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9), st.sampled_from([-1, 1]))
def test_half_of_the_areas_on_a_side_are_no_farther_than_usual(others, side):
    away = [abs(value - 20) for value in others if (value - 20) * side > 0]
    assert 2 * sum(each <= usual(20, others, side) for each in away) >= len(away)


def test_a_side_without_areas_has_no_usual_distance():
    assert usual(20, [21, 22], -1) == usual(20, [], 1) == usual(20, OTHERS, 0) == 0


@given(st.floats(-1e6, 1e6), st.lists(st.floats(-1e6, 1e6), max_size=9))
def test_what_is_clearly_different_is_farther_than_usual(own, others):
    if stands((own, own, own), (20, 20, 20), [*others, own]) in (Stand.ABOVE, Stand.BELOW):
        assert reach(own, 20, [*others, own]) > 1


def test_a_difference_that_says_little_is_as_large_as_the_median_margin():
    """R: median(c(4, 5, 6, 7, 20)) is 6, and quantile(…, c(.25, .75)), which is of type 7, gives 5 and 7."""
    assert little([20, 6, 4, 7, 5]) == 6


@pytest.mark.parametrize("widths", [[], [0, 0, 0], [1, 1, 1, 9, 9, 9], [0, 0, 5, 5]])
def test_without_a_usual_margin_there_is_no_usual_difference(widths):
    assert little(widths) is None


def test_quartiles_may_differ_by_a_factor_of_two():
    assert little([1, 1, 2, 2]) == 1.5
    assert little([1, 1, 2.1, 2.1]) is None


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0.1, 20))
def test_areas_that_differ_by_less_are_never_clearly_different_and_others_always(one, other, width):
    size = little([width] * 5)
    assert size == pytest.approx(width)
    ends = [(value, value - width / 2, value + width / 2) for value in (one, other)]
    if abs(abs(one - other) - width) > 1e-6:
        assert (stands(ends[0], ends[1], []) in (Stand.ABOVE, Stand.BELOW)) == (abs(one - other) > size)
