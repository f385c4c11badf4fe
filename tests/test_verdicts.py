"""What may be claimed of a figure, by the way its indicator declares how sure it is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld import verdicts
from buurtbeeld.catalogue import Figure, Status, load
from buurtbeeld.statistics import intervals
from buurtbeeld.statistics.compare import Stand
from buurtbeeld.statistics.dispersion import Dispersion
from buurtbeeld.verdicts import Basis, Change
from tests.figures import figure, indicator, series

NOISE = Dispersion(4.3, 0.0, 4.3)
EVERY = load()


def judged(id: str, then: Sequence[Figure], now: Sequence[Figure], **others: object) -> list[str]:
    found = verdicts.changes(then, now, indicator(id), EVERY, others.pop("noise", NOISE), **others)  # type: ignore[arg-type]
    return [str(found.get(each.code, "none")) for each in now]


def test_events_are_judged_by_their_own_noise():
    then, now = series([100, 100, 100]), series([400, 120, 20])
    assert judged("crimes", then, now) == ["up", "unclear", "down"]


def test_events_of_unknown_noise_are_not_judged():
    assert judged("crimes", series([100, 100]), series([400, 20]), noise=None) == ["untested", "untested"]


def test_counts_of_a_register_change_when_rounding_can_not_explain_it():
    then = [figure(100, code="a", low=96, high=104), figure(100, code="b", low=96, high=104)]
    now = [figure(108, code="a", low=104, high=112), figure(110, code="b", low=106, high=114)]
    assert judged("residents", then, now) == ["unclear", "up"]


def test_what_a_register_publishes_rounded_changes_by_more_than_its_step():
    """Values of homes come in thousands of euros."""
    assert judged("home_value", series([400_000, 400_000]), series([401_000, 402_000])) == ["unclear", "up"]


def test_an_estimate_without_margins_is_never_judged():
    assert judged("good_health", series([70.0, 70.0]), series([20.0, 99.0])) == ["untested", "untested"]


def test_an_estimate_with_margins_is_judged_by_them():
    then = [figure(70, code=code, low=66, high=74) for code in "ab"]
    now = [figure(50, code="a", low=46, high=54), figure(69, code="b", low=65, high=73)]
    assert judged("good_health", then, now) == ["down", "unclear"]


def test_a_rate_of_events_is_judged_by_its_interval():
    then = [figure(40, code=code, n=4000) for code in "abc"]
    now = [figure(130, code="a", n=4000), figure(45, code="b", n=4000), figure(10, code="c", n=4000)]
    assert judged("crimes_per_1000", then, now) == ["up", "unclear", "down"]
    assert judged("crimes_per_1000", then, now) == judged("crimes", series([160] * 3), series([520, 180, 40]))


def test_a_rate_of_few_is_less_certain_than_the_same_rate_of_many():
    few, many = ([figure(value, n=n) for value in (40, 90)] for n in (500, 4000))
    assert judged("crimes_per_1000", few[:1], few[1:]) == ["unclear"]
    assert judged("crimes_per_1000", many[:1], many[1:]) == ["up"]


def test_a_rate_of_unknown_events_is_not_judged():
    assert judged("crimes_per_1000", [figure(40)], [figure(130, n=4000)]) == ["untested"]
    assert judged("crimes_per_1000", [figure(40, n=4000)], [figure(130, n=4000)], noise=None) == ["untested"]


def test_a_rate_has_the_noise_of_its_events():
    assert verdicts.events_of(indicator("crimes_per_1000")) == verdicts.events_of(indicator("crimes")) == "crimes"


@pytest.mark.parametrize("place", [0, 1])
def test_an_unreliable_figure_never_clearly_changed(place):
    then, now = [figure(10, low=2, high=14, n=4000)], [figure(130, low=110, high=150, n=4000)]
    assert judged("crimes_per_1000", then, now) == ["up"]
    (then, now)[place][0] = replace((then, now)[place][0], status=Status.UNRELIABLE)
    assert judged("crimes_per_1000", then, now) == ["unclear"]


def test_among_estimates_one_unreliable_figure_is_not_why_the_others_are_judged():
    then = [figure(70, code="a", low=66, high=74), figure(70, Status.UNRELIABLE, code="b", low=10, high=90)]
    now = [figure(50, code="a", low=46, high=54), figure(20, code="b", low=19, high=21)]
    assert judged("good_health", then, now) == ["down", "unclear"]
    assert judged("good_health", then[1:], now[1:]) == ["unclear"]
    assert judged("good_health", [figure(70, code="a"), then[1]], now) == ["untested", "untested"]


def test_of_figures_that_are_all_unreliable_and_have_no_margin_nothing_is_said():
    then, now = [figure(70, Status.UNRELIABLE)], [figure(20, Status.UNRELIABLE)]
    assert judged("good_health", then, now) == ["untested"]


# What the publisher rounds to tenths, to hundreds of euros and to whole percentages.
COUNTED = ("distance_gp", "household_size", "income_per_resident", "home_value", "owner_occupied_share")


@given(st.sampled_from(COUNTED), st.integers(1, 9999), st.sampled_from([0.1, 0.01, 0.5, None]))
def test_one_step_of_the_publisher_is_never_a_clear_difference(id, k, step):
    entry = indicator(id) if step is None else indicator(id).model_copy(update={"precision": step})
    low, high = (replace(figure(round(place * entry.step, 6)), indicator=id) for place in (k, k + 1))
    for one, other in ((low, high), (high, low)):
        assert set(verdicts.changes([one], [other], entry, EVERY, None).values()) == {Change.UNCLEAR}
        whole = replace(other, level="gemeente")
        assert verdicts.beside(one, whole, [entry.step], entry, EVERY) in {Stand.ALIKE, Stand.UNSURE}
    least, most = verdicts.between(low, high, entry, EVERY) or (1, 0)
    assert least == pytest.approx(0, abs=1e-9) and most == pytest.approx(2 * entry.step)
    two = replace(high, value=round((k + 2) * entry.step, 6))
    assert set(verdicts.changes([low], [two], entry, EVERY, None).values()) == {Change.UP}


def test_another_border_is_another_area():
    then, now = series([100, 100]), series([400, 400])
    assert judged("crimes", then, now, moved=frozenset({now[0].code})) == ["border", "up"]


def test_across_a_break_in_the_series_nothing_is_compared():
    then, now = ([figure(value, period=date(year, 1, 1))] for value, year in ((200_000, 2018), (400_000, 2019)))
    assert judged("home_value", then, now) == ["break"]
    assert judged("home_value", now, [figure(900_000, period=date(2024, 1, 1))]) == ["up"]


def test_without_a_value_in_both_periods_nothing_is_said():
    assert judged("crimes", series([None, 100]), series([400, Status.SECRET])) == ["none", "none"]
    assert judged("crimes", (), ()) == []


def test_a_tally_names_every_verdict():
    assert verdicts.tally({"a": Change.UP, "b": Change.UP}) == {
        Change.UP: 2, Change.DOWN: 0, Change.UNCLEAR: 0, Change.UNTESTED: 0, Change.BORDER: 0, Change.BREAK: 0,
    }  # fmt: skip


CITY = figure(20, code="GM0344", level="gemeente")
OTHERS = (18, 19, 20, 21, 22, 30)


@pytest.mark.parametrize(
    ("id", "own", "stand"),
    [
        ("crimes_per_1000", figure(30, low=25, high=36), Stand.ABOVE),
        ("crimes_per_1000", figure(30, low=15, high=52), Stand.UNSURE),
        ("crimes_per_1000", figure(30, Status.UNRELIABLE, low=25, high=36), Stand.UNSURE),
        ("owner_occupied_share", figure(30), Stand.ABOVE),
        ("owner_occupied_share", figure(10), Stand.BELOW),
        ("owner_occupied_share", figure(21), Stand.ALIKE),
        ("owner_occupied_share", figure(22), Stand.SLIGHT),
        ("crimes_per_1000", figure(20, low=10, high=36), Stand.UNSURE),
        ("good_health", figure(90), None),  # an estimate without a margin
        ("crimes", figure(90, low=80, high=100), None),  # a part of the city can't be above it
        ("urbanity_class", figure(5), None),
        ("owner_occupied_share", figure(None, Status.SECRET), None),
        ("owner_occupied_share", CITY, None),
    ],
)
def test_an_area_beside_the_city(id, own, stand):
    assert verdicts.beside(own, CITY, OTHERS, indicator(id), EVERY) == stand


def test_without_a_city_there_is_nothing_to_compare():
    assert verdicts.beside(figure(30), None, OTHERS, indicator("owner_occupied_share"), EVERY) is None


def apart(id: str, one: Figure | None, other: Figure | None, least: float = 0.0) -> str | None:
    one, other = (each and replace(each, indicator=id) for each in (one, other))
    (gap,) = verdicts.gaps([(one, other, least)], EVERY)
    return str(gap.verdict) if gap else None


@pytest.mark.parametrize(
    ("id", "one", "other", "verdict"),
    [
        ("owner_occupied_share", figure(30), figure(28), "higher"),
        ("owner_occupied_share", figure(30), figure(29), "alike"),  # 29.5 may be both
        ("owner_occupied_share", figure(28), figure(30), "lower"),
        ("residents_65plus_share", figure(20, low=19, high=21), figure(17, low=16, high=18), "higher"),
        ("residents_65plus_share", figure(20, low=19, high=21), figure(18, low=17, high=19), "alike"),
        ("crimes_per_1000", figure(93, low=64, high=131), figure(49, low=35, high=66), "higher"),
        ("crimes_per_1000", figure(60, low=40, high=90), figure(49, low=35, high=66), "alike"),
        ("crimes_per_1000", figure(93, low=64, high=131), CITY, "higher"),
        ("crimes_per_1000", figure(93, Status.UNRELIABLE, low=64, high=131), figure(9, low=5, high=12), "untested"),
        ("crimes_per_1000", figure(93), figure(9, low=5, high=12), "untested"),  # no margin
        ("good_health", figure(90), figure(60), "untested"),
        ("good_health", figure(90), CITY, "untested"),
        ("residents", figure(5000, low=4996, high=5004), figure(20, low=16, high=24), "count"),
        ("urbanity_class", figure(1), figure(1), "same"),
        ("urbanity_class", figure(1), figure(2), "other"),
        ("owner_occupied_share", figure(None, Status.SECRET), figure(28), None),
        ("owner_occupied_share", figure(30), None, None),
    ],
)
def test_one_area_beside_another(id, one, other, verdict):
    assert apart(id, one, other) == verdict


def test_a_certain_difference_can_be_slight():
    assert apart("home_value", figure(404_000), figure(400_000), least=10_000) == "slight"
    assert apart("home_value", figure(414_000), figure(400_000), least=10_000) == "higher"
    assert apart("home_value", figure(400_000), figure(400_000), least=10_000) == "alike"


def test_a_difference_comes_with_its_interval():
    one, other = (replace(each, indicator="owner_occupied_share") for each in (figure(30), figure(28)))
    (gap,) = verdicts.gaps([(one, other, 0.0)], EVERY)
    assert gap and gap.size == (2.0, 1.0, 3.0)


def test_what_is_clear_by_itself_is_not_among_many_that_are_not():
    """30 against 20 with margins of 6.4 each: p is 0.03; beside it eleven pairs that do not differ at all."""
    high, low = (
        replace(figure(value, low=value - 6.4, high=value + 6.4), indicator="crimes_per_1000") for value in (30, 20)
    )
    clear, same = (high, low, 0.0), (low, low, 0.0)
    assert [gap and gap.verdict for gap in verdicts.gaps([clear], EVERY)] == ["higher"]
    assert {gap and gap.verdict for gap in verdicts.gaps([clear, *[same] * 11], EVERY)} == {"alike"}


def test_no_pairs_give_no_verdicts():
    assert verdicts.gaps([], EVERY) == []


@pytest.mark.parametrize(
    ("id", "found"),
    [
        ("home_value", Basis.COUNTED),
        ("residents", Basis.ROUNDED),
        ("residents_65plus_share", Basis.ROUNDED),
        ("crimes", Basis.EVENTS),
        ("crimes_per_1000", Basis.EVENTS),  # of its parts, events are less certain than rounded residents
        ("good_health", Basis.MODEL),
    ],
)
def test_why_a_figure_may_not_be_exactly_so(id, found):
    assert verdicts.basis(indicator(id), EVERY) == found


@pytest.mark.parametrize(
    ("method", "interval", "found"),
    [
        ("survey", "survey", Basis.SURVEY), ("survey", "none", Basis.SURVEY), ("sensor", "none", Basis.MEASURED),
        ("register", "published", Basis.MEASURED), ("model", "published", Basis.MODEL),
    ],
)  # fmt: skip
def test_how_it_is_made_goes_before_how_its_interval_is_found(method, interval, found):
    other = indicator("home_value").model_copy(update={"method": method, "interval": interval})
    assert verdicts.basis(other, EVERY) == found
    assert not verdicts.counted(other, EVERY)


def between(id, before, after):
    return verdicts.between(before, after, indicator(id), EVERY)


def test_a_difference_of_rounded_counts_lies_in_a_band_for_certain():
    assert between("residents", figure(100, low=96, high=104), figure(200, low=196, high=204)) == (92, 108)


def test_a_difference_of_events_takes_both_margins_along_but_not_in_full():
    low, high = between("crimes", figure(100, low=80, high=125), figure(200, low=170, high=230))
    assert (low, high) == (pytest.approx(100 - 1525**0.5), pytest.approx(100 + 1300**0.5))


def test_a_rounded_mean_has_the_band_of_its_rounding():
    before, after = figure(400_000), figure(401_000)
    assert between("home_value", before, after) == (0, 2000)
    ratio = verdicts.ratio(before, after, indicator("home_value"), EVERY, None)
    assert ratio == pytest.approx((400_500 / 400_500, 401_500 / 399_500))


def test_a_part_beside_the_whole_city_has_the_margin_that_a_comparison_gives():
    """The city's own rate has none: beside that of a part of it, it would be nothing."""
    whole, own = (
        replace(each, indicator="crimes_per_1000")
        for each in (figure(67, code="GM0344", level="gemeente"), figure(93, low=64, high=131))
    )
    (gap,) = verdicts.gaps([(own, whole, 0.0)], EVERY)
    assert gap and gap.size
    assert between("crimes_per_1000", whole, own) == gap.size[1:]
    assert between("crimes_per_1000", whole, replace(whole, low=60, high=70)) is None  # both are the city


@pytest.mark.parametrize(
    ("id", "before", "after"),
    [
        ("good_health", figure(70), figure(60)),  # nobody knows how sure they are
        ("good_health", figure(70, low=60, high=80), figure(60)),
        ("crimes", figure(70, level="gemeente"), figure(60, level="gemeente")),
        ("residents", figure(70, level="gemeente"), figure(60, level="gemeente")),  # counted: nothing is uncertain
        ("residents", figure(None, Status.SECRET), figure(60, low=56, high=64)),
    ],
)
def test_where_nobody_knows_or_nothing_is_uncertain_a_difference_has_no_margin(id, before, after):
    assert between(id, before, after) is None
    assert verdicts.ratio(before, after, indicator(id), EVERY, NOISE) is None


def test_the_ratio_of_rounded_counts_lies_in_a_band_for_certain():
    before, after = figure(100, low=96, high=104), figure(200, low=196, high=204)
    assert verdicts.ratio(before, after, indicator("residents"), EVERY, None) == (196 / 104, 204 / 96)


def test_the_ratio_of_events_is_that_of_their_noise():
    before, after = figure(100, low=80, high=125), figure(200, low=170, high=230)
    low, high = verdicts.ratio(before, after, indicator("crimes"), EVERY, NOISE) or (0, 0)
    plain_low, plain_high = intervals.ratio_of_counts(100, 200)
    assert low < plain_low < 2 < plain_high < high
    assert verdicts.ratio(before, after, indicator("crimes"), EVERY, None) is None


def test_the_ratio_of_rates_is_that_of_events_over_that_of_residents():
    before, after = figure(60, low=40, high=90, n=2000), figure(93, low=64, high=131, n=4000)
    low, high = verdicts.ratio(before, after, indicator("crimes_per_1000"), EVERY, NOISE) or (0, 0)
    least, most = intervals.ratio_of_counts(120, 372, NOISE)
    assert (low, high) == pytest.approx((least * 1996 / 4004, most * 2004 / 3996))
    assert low < 93 / 60 < high
    none = replace(before, n=None)
    assert verdicts.ratio(none, after, indicator("crimes_per_1000"), EVERY, NOISE) is None


def test_nothing_is_a_multiple_of_nothing():
    before, after = figure(0, low=0, high=12), figure(200, low=170, high=230)
    assert verdicts.ratio(before, after, indicator("crimes"), EVERY, NOISE) is None
