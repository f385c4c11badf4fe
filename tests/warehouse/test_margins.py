"""Intervals in the mart: each by the way its indicator declares, and none where nothing is known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from buurtbeeld.catalogue import Indicator
from buurtbeeld.warehouse.build import build
from tests.warehouse.town import (
    BUURTEN,
    CODE,
    CRIMES,
    HOME_VALUE,
    NOW,
    OLDER,
    RESIDENTS,
    Row,
    Town,
    areas,
    changed,
    residents,
)  # fmt: skip

FIRST = BUURTEN[0]
MANY = tuple(f"BU9999{wijk:02}{buurt:02}" for wijk in (1, 2) for buurt in range(1, 16))  # enough to measure noise


def margins(town: Town, indicator: str, code: str = FIRST) -> tuple[object, ...]:
    """(value, low, high, n, status) of one figure of 2024."""
    [found] = town.ask(
        f"""SELECT value, low, high, n, status FROM figure
            WHERE (indicator, code, period) = ('{indicator}', '{code}', '2024-01-01')"""
    )
    return found


def with_entry(town: Town, id: str, **changed: object) -> Indicator:
    """Changes an indicator of the town's own catalogue; its kind keeps what it needs."""
    entry = town.catalogue.indicators[id].model_copy(update=changed)
    town.catalogue = replace(town.catalogue, indicators=town.catalogue.indicators | {id: entry})
    return entry


def beside(town: Town, **cells: object) -> None:
    """The key figures with `cells` in the row of the first buurt; in the other rows those columns are empty."""
    rows = {code: row | ({HOME_VALUE: 40} if HOME_VALUE in cells else {}) for code, row in residents().items()}
    rows[FIRST] |= cells
    town.figures({FIRST: rows.pop(FIRST)} | rows)


def busy(town: Town, **last: int) -> None:
    """30 buurten with crimes in four years that vary more than by chance; `last` sets those of 2024 by code."""
    random = np.random.default_rng(7)
    town.outlines(buurten=MANY)
    codes = [CODE, "WK999901", "WK999902", *MANY]
    people = {CODE: 30_000} | dict.fromkeys(codes[1:], 1000)
    rows: dict[str, Row] = {code: {RESIDENTS: number, OLDER: 100, HOME_VALUE: 400} for code, number in people.items()}
    town.figures(rows)
    for year in (2021, 2022, 2023, 2024):
        drawn = random.poisson(random.gamma(30, 3, len(MANY)))
        rows = {code: {CRIMES: int(number)} for code, number in zip(MANY, drawn, strict=True)}
        rows |= {code: {CRIMES: number} for code, number in last.items() if year == 2024}
        rows[CODE] = {CRIMES: int(drawn.sum())}
        town.figures(rows, year, source="police_crime", period=date(year, 1, 1))
    town.build()


def test_residents_lie_in_the_band_of_their_rounding(town):
    town.figures(residents(**{FIRST: 3}))
    town.build()
    assert margins(town, "residents", BUURTEN[1]) == (1000, 996, 1004, None, "ok")
    assert margins(town, "residents") == (3, 0, 7, None, "ok")


def test_the_whole_gemeente_was_not_rounded(town):
    town.build()
    assert margins(town, "residents", CODE) == (1000, None, None, None, "ok")


def test_a_share_has_the_margins_of_both_its_parts_and_says_of_how_many(town):
    """96 of 1,004 is 9.6%, 104 of 996 is 10.4%: rounded outwards."""
    town.build()
    assert margins(town, "residents_65plus_share") == (10, 9, 11, 1000, "ok")
    assert margins(town, "residents_65plus_share", CODE) == (10, None, None, 1000, "ok")


def test_a_share_is_never_more_than_all(town):
    rows = residents()
    rows[FIRST] |= {RESIDENTS: 60, OLDER: 60}
    town.figures(rows)
    town.build()
    assert margins(town, "residents_65plus_share") == (100, 87, 100, 60, "ok")


def test_of_two_numbers_that_are_rounded_each_by_itself_the_part_may_seem_more_than_all(town):
    """52 of 52 is published as 55 of 50."""
    rows = residents()
    rows[FIRST] |= {RESIDENTS: 50, OLDER: 55}
    town.figures(rows)
    town.build()
    assert margins(town, "residents_65plus_share") == (100, 94, 100, 50, "ok")


def test_what_is_missing_has_no_margin_either(town):
    rows = residents()
    rows[FIRST] |= {RESIDENTS: -99997}
    town.figures(rows)
    town.build()
    assert margins(town, "residents")[:4] == margins(town, "residents_65plus_share")[:4] == (None,) * 4


def test_events_vary_more_than_by_chance_and_the_mart_says_how_much(bare):
    busy(bare, **{MANY[0]: 100})
    [(indicator, level, factor, power, overall)] = bare.ask("FROM mart_noise")
    assert (indicator, level) == ("crimes", "buurt")
    assert 2 < overall < 8 and factor > 0 and 0 <= power <= 1
    asked = f"code = '{MANY[0]}' AND indicator = 'crimes' AND period = '2024-01-01'"
    [(low, high)] = bare.ask(f"SELECT low, high FROM figure WHERE {asked}")
    assert low < 81 < 122 < high  # 81.4 to 121.6 is what chance alone would give


def test_the_city_s_own_events_have_no_interval_since_there_is_one_city(bare):
    busy(bare)
    assert margins(bare, "crimes", CODE)[1:3] == (None, None)


def noises(town: Town, moved: bool = False, years: Sequence[int] = (2021, 2022, 2023, 2024)) -> list[float]:
    """How much the crimes of 30 buurten vary that never change but in the last year, when half of them lose most."""
    for edition in years:
        outlines = areas(MANY, edition)
        lost = dict.fromkeys(MANY[::2], 3) if moved and edition == years[-1] else {}
        town.write("pdok_areas", edition, changed(outlines, "changed", dict.fromkeys(MANY, 1) | lost), shape="outline")
        rows: dict[str, Row] = {
            code: {CRIMES: 20 if edition == years[-1] and code in MANY[::2] else 100} for code in MANY
        }
        town.figures(rows, edition, source="police_crime")
    town.figures({CODE: {RESIDENTS: 30_000, OLDER: 100, HOME_VALUE: 400}}, years[-1])
    town.build()
    return [overall for (overall,) in town.ask("SELECT overall FROM mart_noise")]


def test_an_area_whose_border_moved_is_another_area_and_no_noise(bare):
    assert noises(bare, moved=True) == [1]


def test_an_area_whose_border_stayed_is_noise(bare):
    assert noises(bare) > [5]


def test_years_with_a_year_missing_between_them_are_not_successive(bare):
    """2022 and 2024 differ much; the three pairs before are equal."""
    assert noises(bare, years=(2020, 2021, 2022, 2024)) == [1]


def test_a_rate_that_is_uncertain_by_half_is_unreliable_and_keeps_its_value(bare):
    busy(bare, **{MANY[0]: 2, MANY[1]: 200})
    assert margins(bare, "crimes_per_1000", MANY[0])[0::4] == (2, "unreliable")
    assert margins(bare, "crimes_per_1000", MANY[1])[0::4] == (200, "ok")


def test_events_of_too_few_years_have_no_interval(town):
    town.figures({FIRST: {CRIMES: 50}}, source="police_crime")
    town.build()
    assert town.ask("FROM mart_noise") == []
    assert margins(town, "crimes") == (50, None, None, None, "ok")


def test_published_margins_are_taken_as_they_are(town):
    with_entry(town, "home_value", interval="published", low_column="Onder", high_column="Boven", n_column="Aantal")
    beside(town, Onder=390.5, Boven=412, Aantal=55)
    town.build()
    assert margins(town, "home_value") == (400_000, 390_500, 412_000, 55, "ok")


def test_published_margins_that_do_not_hold_the_value_are_refused(town):
    with_entry(town, "home_value", interval="published", low_column="Onder", high_column="Boven")
    beside(town, Onder=410, Boven=412)
    assert "home_value of BU99990101 in 2024-01-01 is 400000.0, which is not within 410000.0 to" in town.problems()


def test_a_survey_without_margins_gets_those_of_its_answers(town):
    """12 of 100 answers: 7.0% to 19.8% (Wilson)."""
    entry = with_entry(
        town,
        "home_value",
        kind="share",
        unit="percent",
        method="survey",
        scale=1,
        decimals=1,
        interval="survey",
        n_column="Aantal",
    )
    assert entry.columns.keys() == {"value", "n"}
    beside(town, **{HOME_VALUE: 12, "Aantal": 100})
    town.build()
    assert margins(town, "home_value") == (12, pytest.approx(7.0, abs=0.05), pytest.approx(19.8, abs=0.05), 100, "ok")


def test_what_may_still_change_says_so(town):
    town.figures({FIRST: {CRIMES: 50, "provisional": True}, BUURTEN[1]: {CRIMES: 50}}, source="police_crime")
    town.build()
    found = town.ask("SELECT code FROM figure WHERE provisional AND indicator = 'crimes'")
    assert found == [(FIRST,)]
    rates = town.ask("SELECT code FROM figure WHERE provisional AND indicator = 'crimes_per_1000'")
    assert rates == [(FIRST,)]


def test_an_area_far_above_the_city_carries_a_caveat_of_its_own(bare):
    busy(bare, **{MANY[0]: 2000})
    found = bare.ask("SELECT code, key FROM caveat WHERE code IS NOT NULL AND indicator = 'crimes_per_1000'")
    assert (MANY[0], "more_visitors_than_residents") in found
    assert MANY[1] not in {code for code, _ in found}


def test_building_twice_gives_the_same_margins(town):
    town.build()
    first = town.ask("SELECT code, indicator, low, high FROM figure ORDER BY ALL")
    build(town.settings, town.catalogue, NOW.replace(hour=13))
    assert town.ask("SELECT code, indicator, low, high FROM figure ORDER BY ALL") == first
