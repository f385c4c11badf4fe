"""What may be claimed of a figure, by the way its indicator declares how sure it is."""

from collections.abc import Sequence

import pytest

from buurtbeeld import verdicts
from buurtbeeld.catalogue import Figure, Status, load
from buurtbeeld.statistics.compare import Stand
from buurtbeeld.statistics.dispersion import Dispersion
from buurtbeeld.verdicts import Change
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
    then = [figure(40, code=code, low=30, high=52) for code in "ab"]
    now = [figure(95, code="a", low=80, high=112), figure(45, code="b", low=34, high=58)]
    assert judged("crimes_per_1000", then, now) == ["up", "unclear"]


def test_another_border_is_another_area():
    then, now = series([100, 100]), series([400, 400])
    assert judged("crimes", then, now, moved=frozenset({now[0].code})) == ["border", "up"]


def test_without_a_value_in_both_periods_nothing_is_said():
    assert judged("crimes", series([None, 100]), series([400, Status.SECRET])) == ["none", "none"]
    assert judged("crimes", (), ()) == []


def test_a_tally_names_every_verdict():
    assert verdicts.tally({"a": Change.UP, "b": Change.UP}) == {
        Change.UP: 2, Change.DOWN: 0, Change.UNCLEAR: 0, Change.UNTESTED: 0, Change.BORDER: 0,
    }  # fmt: skip


CITY = figure(20, code="GM0344", level="gemeente")
OTHERS = [figure(value, code=str(value)) for value in (18, 19, 20, 21, 22, 30)]


@pytest.mark.parametrize(
    ("id", "own", "stand"),
    [
        ("crimes_per_1000", figure(30, low=25, high=36), Stand.ABOVE),
        ("crimes_per_1000", figure(30, low=15, high=52), Stand.UNSURE),
        ("owner_occupied_share", figure(30), Stand.ABOVE),
        ("owner_occupied_share", figure(10), Stand.BELOW),
        ("owner_occupied_share", figure(21), Stand.ALIKE),
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
