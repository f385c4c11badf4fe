"""Class breaks: every value in one class, no class empty, bounds that a person can remember."""

from collections import Counter
from itertools import combinations
from math import inf, nan
from time import process_time

import mapclassify
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from buurtbeeld.statistics.classes import CLASSES, SPLITS, Classes, around, classify, fences, moves, spread, usual

every_method = pytest.mark.parametrize("method", SPLITS)
finite = st.floats(allow_nan=False, allow_infinity=False)


def digits(number: float) -> int:
    """How many digits a person has to read, zeros at either end left out."""
    return len(f"{abs(number):.12f}".replace(".", "").strip("0"))


@pytest.mark.parametrize(
    ("method", "bounds", "counts"),
    [
        ("quantiles", (2.8, 4.6, 6.4, 8.2, 1000), (2, 2, 2, 2, 2)),
        ("rounded", (2, 4, 6, 8, 1000), (2, 2, 2, 2, 2)),
        ("natural", (2, 4, 6, 9, 1000), (2, 2, 2, 3, 1)),
        ("equal", (200.8, 1000), (9, 1)),
    ],
)
def test_the_same_ten_values_by_each_method(method, bounds, counts):
    classes = classify([1, 2, 3, 4, 5, 6, 7, 8, 9, 1000], method, 5)
    assert classes.bounds == pytest.approx(bounds)
    assert classes.counts == counts


def test_a_class_is_closed_on_the_right():
    classes = Classes((10, 20, 30), (1, 1, 1))
    assert [classes.of(value) for value in (9, 10, 10.1, 20, 20.1, 30)] == [0, 0, 1, 1, 2, 2]


def test_a_value_outside_the_bounds_goes_to_the_nearest_class():
    classes = Classes((10, 20, 30), (1, 1, 1))
    assert (classes.of(-1e9), classes.of(1e9)) == (0, 2)


@every_method
def test_no_values_give_no_classes(method):
    assert classify([], method) == Classes((), ())


@every_method
@pytest.mark.parametrize("value", [0, -3.5, 1e-300, 5e-324, 1e300])
def test_one_value_or_only_equal_values_are_one_class(method, value):
    assert classify([value], method) == Classes((value,), (1,))
    assert classify([value] * 111, method) == Classes((value,), (111,))


@every_method
def test_few_different_values_are_a_class_each(method):
    assert classify([0.4, 0.1, 0.1, 0.3], method) == Classes((0.1, 0.3, 0.4), (2, 1, 1))


def test_ties_stay_together_and_cost_classes():
    zeros = classify([0] * 100 + [1, 2, 3, 4, 5, 6, 7], "quantiles", 5)
    assert zeros == Classes((0, 7), (100, 7))
    assert classify([1, 2, 3, 4, 5] + [6] * 1000, "quantiles", 5) == Classes((6,), (1005,))


@pytest.mark.parametrize("method", ["rounded", "natural"])
def test_distances_keep_their_tenths(method):
    kilometres = [0.2] * 8 + [0.3] * 25 + [0.4] * 30 + [0.5] * 20 + [0.6] * 15 + [0.9, 1.2]
    classes = classify(kilometres, method, 4)
    assert all(round(bound, 1) == bound for bound in classes.bounds)
    assert sum(classes.counts) == 100


def test_natural_finds_the_groups_anybody_would_draw():
    assert classify([1, 2, 3, 50, 51, 52, 100, 101], "natural", 3) == Classes((3, 52, 101), (3, 3, 2))


@given(st.lists(st.integers(-50, 50), min_size=6, max_size=9, unique=True), st.sampled_from(CLASSES))
def test_natural_has_the_least_deviation_inside_classes(values, k):
    def deviation(bounds):
        groups = np.searchsorted(bounds, values)
        return sum(
            np.var([v for v, g in zip(values, groups, strict=True) if g == i]) * c for i, c in Counter(groups).items()
        )

    least = min(deviation([*cuts, max(values)]) for cuts in combinations(sorted(values)[:-1], k - 1))
    assert deviation(classify(values, "natural", k).bounds) == pytest.approx(least)


def test_natural_sees_small_differences_between_large_numbers():
    millions = [1e9 + step for step in (1, 2, 3, 50, 51, 52, 100, 101)]
    assert classify(millions, "natural", 3).counts == (3, 3, 2)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("scale", [1e-3, 1, 1e6])
def test_rounded_bounds_are_human_numbers(seed, scale):
    values = (np.random.default_rng(seed).lognormal(0, 0.6, 111) * scale).tolist()
    classes = classify(values, "rounded", 5)
    assert all(digits(bound) <= 3 for bound in classes.bounds[:-1])
    assert min(classes.counts) >= 111 / 5 / 3


def test_a_bound_that_is_a_value_is_exactly_that_value():
    # In binary 0.3 + 0.5 is a little less than the 0.8 of the areas, and the legend would say "0.8 or less".
    classes = classify([0.3, 0.8, 1.0, 1.3, 2.0, 2.3], "equal", 4)
    assert classes.bounds[0] == 0.8
    assert classes.of(0.8) == 0


@every_method
def test_values_below_zero_are_values(method):
    classes = classify([-30, -20, -10, -5, 0, 5, 10], method, 3)
    assert sum(classes.counts) == 7
    assert classes.of(-30) == 0 and classes.of(10) == len(classes.bounds) - 1


@given(st.lists(finite, max_size=40), st.sampled_from(SPLITS), st.sampled_from(CLASSES))
@example([0, 1, 2, 1.7976931348623157e308, -1.7976931348623157e308], "rounded", 3)
@example([0, 1, 2, 1e154, -1e154], "natural", 3)
@example([0, 5e-324, 1e-323, 1.5e-323], "rounded", 3)
@example([1e-300, 2e-300, 3e-300, 1e300], "equal", 3)
@example([1, 1 + 2e-16, 1 + 4e-16, 1 + 6e-16, 1 + 8e-16], "quantiles", 3)
def test_any_finite_values_are_classified(values, method, k):
    classes = classify(values, method, k)
    assert len(classes.bounds) == len(classes.counts) <= k
    assert list(classes.bounds) == sorted(set(classes.bounds))
    assert min(classes.counts, default=1) > 0
    found = Counter(classes.of(value) for value in values)
    assert [found[i] for i in range(len(classes.bounds))] == list(classes.counts)
    ordered = [classes.of(value) for value in sorted(values)]
    assert ordered == sorted(ordered)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60), st.sampled_from(SPLITS), st.randoms())
def test_the_order_of_the_areas_does_not_matter(values, method, random):
    shuffled = random.sample(values, len(values))
    assert classify(values, method) == classify(shuffled, method)


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="finite; leave out what is missing"):
        classify([1, 2, value])


@pytest.mark.parametrize(
    ("method", "k"), [("jenks", 5), ("", 5), ("city", 5), ("rounded", 2), ("rounded", 6), ("rounded", 0)]
)
def test_an_unknown_method_or_number_of_classes_is_refused(method, k):
    with pytest.raises(ValueError, match=r"not one of rounded, quantiles, natural, equal|must be 3 to 5"):
        classify([1, 2, 3], method, k)


# The 58 values of mapclassify's own examples: calls about dangerous dogs in California (calemp), and what its
# documentation says of them.
CALEMP = mapclassify.load_example().to_numpy()


@pytest.mark.parametrize(
    ("method", "bounds", "counts"),
    [
        ("quantiles", [1.464, 5.798, 13.278, 54.616, 4111.45], [12, 11, 12, 11, 12]),
        ("natural", [75.29, 192.05, 370.5, 722.85, 4111.45], [49, 3, 4, 1, 1]),
        ("equal", [822.394, 4111.45], [57, 1]),  # documented with three empty classes between them
    ],
)
def test_the_published_example(method, bounds, counts):
    classes = classify(CALEMP, method, 5)
    assert list(classes.bounds) == pytest.approx(bounds)
    assert list(classes.counts) == counts


def test_thousands_of_values_take_no_time_to_speak_of():
    values = np.random.default_rng(1).lognormal(0, 0.6, 14_000)
    begin = process_time()
    classes = classify(values, "natural", 5)
    assert process_time() - begin < 2
    assert classes == classify(values, "natural", 5)  # nothing is drawn at random
    assert sum(classes.counts) == 14_000


@pytest.mark.parametrize("seed", range(4))
def test_natural_breaks_of_many_values_are_nearly_those_of_all(seed):
    """Found on 200 of them; the whole is compared by the share of deviation that classes explain (Jenks's GVF)."""

    def fit(bounds):
        groups = np.searchsorted(bounds, values)
        inside = sum(values[groups == group].var() * (groups == group).sum() for group in set(groups))
        return 1 - inside / (values.var() * len(values))

    values = np.random.default_rng(seed).lognormal(0, 0.6, 600).round(3)
    whole = mapclassify.FisherJenks((values - values.mean()) / values.std(), 5)
    assert fit(classify(values, "natural", 5).bounds) > fit(whole.bins * values.std() + values.mean() + 1e-9) - 0.02


@pytest.mark.parametrize(
    ("areas", "classes"), [(0, 3), (1, 3), (10, 3), (12, 3), (15, 3), (16, 4), (19, 4), (20, 5), (111, 5), (14_000, 5)]
)
def test_few_areas_get_few_classes(areas, classes):
    assert usual(areas) == classes


@pytest.mark.parametrize(
    ("k", "bounds", "counts"),
    [
        (3, (95, 105, inf), (3, 1, 4)),
        (4, (90, 100, 110, inf), (2, 2, 1, 3)),
        (5, (85, 95, 105, 115, inf), (2, 1, 1, 2, 2)),
    ],
)
def test_distance_from_the_city_is_the_same_up_and_down(k, bounds, counts):
    values = [80, 85, 95, 100, 106, 112, 118, 120]  # deviate 12.6 on average from 100: half of that is rounded to 5
    assert around(values, [value - 100 for value in values], 100, k) == Classes(bounds, counts)


def test_the_step_is_half_the_standard_deviation_about_the_city():
    deviations = [-3, 4, 0, -5, 5, 5]  # squares add up to 100, so s = 4.08 and half of it is 2
    assert around([], deviations, 10, 3).bounds == (8, 12, inf)


def test_round_steps_around_a_city_with_decimals():
    assert around([1.1, 1.4, 2.3], [-0.8, -0.5, 0.4], 1.9, 5).bounds == (1.15, 1.65, 2.15, 2.65, inf)


@pytest.mark.parametrize("values", [[], [100], [100] * 9, [1e300, -1e300], [100, 100 + 1e-14]])
def test_no_distance_to_speak_of_is_still_a_map(values):
    classes = around(values, [value - 100 for value in values], 100, 5)
    assert len(classes.bounds) == len(classes.counts) == 5
    assert sum(classes.counts) == len(values)


@given(st.lists(st.floats(-1e9, 1e9), max_size=40), st.floats(-1e9, 1e9), st.sampled_from(CLASSES))
def test_distance_from_any_city_has_all_its_classes(values, centre, k):
    classes = around(values, [value - centre for value in values], centre, k)
    assert len(classes.bounds) == len(classes.counts) == k
    assert list(classes.bounds) == sorted(set(classes.bounds))
    found = Counter(classes.of(value) for value in values)
    assert [found[i] for i in range(k)] == list(classes.counts)
    if k % 2:
        assert classes.of(centre) == k // 2


@given(st.lists(st.integers(-1000, 1000), max_size=40), st.sampled_from(CLASSES))
def test_distance_is_mirrored(values, k):
    # A value on a bound belongs to the lower class, so it is kept off them.
    values = [value + 0.0137 for value in values]
    up, down = (around([sign * value for value in values], values, 0, k) for sign in (1, -1))
    assert up.counts == down.counts[::-1] and up.bounds == down.bounds


@pytest.mark.parametrize("arguments", [([nan], [], 0, 5), ([], [inf], 0, 5), ([], [], nan, 5), ([], [], 0, 6)])
def test_distance_from_what_is_no_number_is_refused(arguments):
    with pytest.raises(ValueError, match=r"finite|must be 3 to 5"):
        around(*arguments)


def test_classes_keep_their_bounds_for_other_values():
    assert Classes((10, 20, 30), (1, 1, 1)).recounted([5, 30, 40, 25]) == Classes((10, 20, 30), (1, 0, 3))
    assert Classes((10, 20, 30), (1, 1, 1)).recounted([]) == Classes((10, 20, 30), (0, 0, 0))
    assert Classes((), ()).recounted([]) == Classes((), ())


@pytest.mark.parametrize(
    ("count", "places"), [(0, ()), (1, (2,)), (2, (0, 4)), (3, (0, 2, 4)), (4, (0, 1, 3, 4)), (5, (0, 1, 2, 3, 4))]
)
def test_few_classes_lie_over_the_whole_ramp(count, places):
    assert spread(count, 5) == places


def test_how_many_other_methods_move_a_value():
    # Of 1, 2, …, 9, 1000 by five: quantiles and rounded make pairs, natural (1, 2) (3, 4) (5, 6) (7, 8, 9) (1000),
    # and equal steps put 1 to 9 in one class, the lightest, and 1000 in the darkest.
    values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000]
    assert moves(values, "quantiles", 5) == (0, 0, 1, 1, 1, 1, 1, 1, 2, 0)
    assert moves(values, "equal", 5) == (0, 0, 3, 3, 3, 3, 3, 3, 3, 0)


@pytest.mark.parametrize("values", [[], [5], [5] * 9, [1, 2, 3]])
def test_where_there_is_no_choice_nothing_moves(values):
    assert moves(values, "rounded", 5) == (0,) * len(values)


@given(st.lists(st.integers(0, 500), max_size=60), st.sampled_from(SPLITS), st.sampled_from(CLASSES))
def test_moves_count_the_methods_that_draw_another_colour(values, method, k):
    def colours(method):
        classes = classify(values, method, k)
        return [spread(len(classes.bounds), 5)[classes.of(value)] for value in values]

    every = {other: colours(other) for other in SPLITS}
    assert moves(values, method, k) == tuple(
        sum(every[other][i] != every[method][i] for other in SPLITS) for i in range(len(values))
    )


def test_the_fences_leave_out_what_is_far_away():
    # Quartiles of 1, 2, …, 8 are 2.75 and 6.25: three times 3.5 farther is −7.75 and 16.75.
    assert fences([1, 2, 3, 4, 5, 6, 7, 8]) == (1, 8)
    assert fences([1, 2, 3, 4, 5, 6, 7, 800]) == (1, 16.75)
    assert fences([-800, 2, 3, 4, 5, 6, 7, 8]) == (-7.75, 8)


@pytest.mark.parametrize(("values", "expected"), [([], (0, 0)), ([5], (5, 5)), ([1, 5, 5, 5, 5, 5, 9], (1, 9))])
def test_the_fences_of_hardly_any_different_values(values, expected):
    assert fences(values) == expected


@given(st.lists(finite, min_size=1, max_size=40))
def test_the_fences_lie_among_the_values(values):
    low, high = fences(values)
    assert min(values) <= low <= high <= max(values)
