"""The profile of one area: its newest figures beside its wijk and the city, of one period each."""

import pytest

from buurtbeeld import profile
from buurtbeeld.catalogue import load
from buurtbeeld.statistics.compare import Stand
from tests.figures import city, figure, indicator, mart_of, view_of

CATALOGUE = load()
EMPTY = "BU03440911"  # De Wetering: no residents in the sample


@pytest.fixture(scope="module")
def view(sample):
    return view_of(mart_of(sample))


def rows(view, code):
    return {row.indicator.id: row for row in profile.rows(view, view.offer.areas[code])}


def found(view, code):
    return profile.findings(tuple(rows(view, code).values()))


def ids(rows):
    return [row.indicator.id for row in rows]


def trends_of(view, code):
    area = view.offer.areas[code]
    return profile.trends(view, area, profile.rows(view, area))


def row(id="distance_gp", stand=Stand.ABOVE, reach=2.0, own=1.0, whole=2.0, caveats=()):
    """A row made by hand."""
    stands = None if whole is None else city(whole)
    return profile.Row(indicator(id), figure(own), None, stands, (), "", stand, reach, caveats)


@pytest.mark.parametrize("code", ["GM0344", "WK034401", "BU03440111", EMPTY])
def test_every_figure_of_the_level_is_there_also_where_it_is_missing(view, code):
    level = view.offer.areas[code].level
    held = [id for id in CATALOGUE.indicators if level in view.offer.held.get(id, {})]
    assert list(rows(view, code)) == held


@pytest.mark.parametrize("code", ["WK034401", "BU03440111"])
def test_years_are_never_mixed_in_one_row(view, code):
    for row in profile.rows(view, view.offer.areas[code]):
        beside = [figure for figure in (row.wijk, row.city) if figure]
        assert {figure.period for figure in beside} <= {row.own.period}
        assert {figure.indicator for figure in beside} <= {row.indicator.id}


def test_a_row_holds_this_area_its_wijk_the_city_and_all_of_its_level(view):
    row = rows(view, "BU03440111")["residents"]
    wijk = view.offer.areas["BU03440111"].parent_code
    assert (row.own.code, row.wijk.code, row.city.code) == ("BU03440111", wijk, "GM0344")
    assert row.own.value in row.all and len(row.all) <= 111
    assert row.city.value == 374238


def test_a_figure_is_the_newest_that_its_level_has(view):
    for row in profile.rows(view, view.offer.areas["BU03440111"]):
        assert row.own.period == view.offer.held[row.indicator.id]["buurt"][-1]


def test_a_wijk_and_the_city_have_no_wijk_above_them(view):
    assert all(row.wijk is None for code in ("WK034401", "GM0344") for row in rows(view, code).values())


def test_what_a_wijk_does_not_publish_is_not_made_from_its_buurten(view):
    assert "crimes" not in rows(view, "WK034401")
    assert rows(view, "BU03440111")["crimes"].wijk is None


def test_a_missing_figure_says_so_in_its_sentence(view):
    row = rows(view, EMPTY)["residents"]
    assert row.own.value is None and row.own.status == "reason_unknown"
    assert row.sentence.endswith("de bron zegt niet waarom.")


@pytest.mark.parametrize("code", ["GM0344", "WK034401", "BU03440111", EMPTY])
def test_there_are_five_to_eight_headlines_one_of_each_theme(view, code):
    shown = profile.headlines(tuple(rows(view, code).values()))
    assert 5 <= len(shown) <= 8
    themes = [row.indicator.theme for row in shown]
    assert themes == [theme for theme in CATALOGUE.themes if theme in themes]


@pytest.mark.parametrize(("code", "health"), [("WK034401", "long_term_condition"), ("BU03440111", "good_health")])
def test_a_theme_has_the_first_headline_that_its_level_has(view, code, health):
    shown = profile.headlines(tuple(rows(view, code).values()))
    assert [row.indicator.id for row in shown if row.indicator.theme == "health"] == [health]


def test_what_is_clearly_different_from_the_city_in_overvecht(view):
    overvecht = found(view, "WK034403")
    assert ids(overvecht.clear) == [
        "residents_65plus_share", "home_value", "owner_occupied_share", "single_family_share", "income_per_resident",
    ]  # fmt: skip
    assert [row.stand for row in overvecht.clear] == [Stand.ABOVE, *[Stand.BELOW] * 4]
    assert ids(overvecht.unsure) == ["distance_gp"]
    assert "loneliness" in ids(overvecht.untested) and overvecht.missing == ()


@pytest.mark.parametrize("code", ["WK034401", "WK034403", "BU03440111", "BU03440627", EMPTY])
def test_every_row_that_has_sides_is_in_one_place(view, code):
    every, findings = rows(view, code), found(view, code)
    places = (findings.clear, findings.alike, findings.unsure, findings.untested, findings.alone, findings.missing)
    listed = [id for place in places for id in ids(place)]
    sided = [id for id, row in every.items() if row.indicator.kind not in ("count", "class")]
    assert len(listed) == len(set(listed)) and set(sided) <= set(listed)
    assert len(listed) == len(findings.clear) + len(findings.alike) + sum(findings.unknown.values())


def test_of_each_theme_the_farthest_is_named():
    far, near = row("distance_gp", reach=3.0), row("distance_school", reach=2.0)
    other = row("home_value", reach=1.5)
    assert profile.findings([other, near, far]).named == (other, far)


def test_a_strength_is_not_hidden_by_a_problem_of_the_same_theme():
    far, near = row("distance_gp", reach=3.0), row("distance_supermarket", Stand.BELOW, reach=2.0)
    assert profile.findings([near, far]).named == (near, far)


@pytest.mark.parametrize(
    ("id", "stand", "caveats", "favour"),
    [
        ("distance_gp", Stand.BELOW, (), 1),
        ("distance_gp", Stand.ABOVE, (), -1),
        ("good_health", Stand.ABOVE, (), 1),
        ("good_health", Stand.BELOW, (), -1),
        ("distance_gp", Stand.ALIKE, (), 0),
        ("distance_gp", Stand.UNSURE, (), 0),
        ("good_health", None, (), 0),
        ("home_value", Stand.BELOW, (), 0),  # no direction was declared
        ("crimes_per_1000", Stand.ABOVE, ("more_visitors_than_residents",), 0),  # says little about the area
    ],
)
def test_a_difference_is_favourable_only_by_a_declared_direction(id, stand, caveats, favour):
    assert row(id, stand, caveats=caveats).favour == favour


def test_what_has_no_figure_of_the_city_stands_alone():
    findings = profile.findings([row(stand=None, whole=None)])
    assert len(findings.alone) == 1 and findings.unknown == {"alone": 1} and findings.untested == ()


def test_an_unreliable_figure_is_never_clearly_different(view):
    unreliable = [row for row in rows(view, "BU03440627").values() if row.own.status == "unreliable"]
    assert ids(unreliable) == ["crimes_per_1000"]
    assert unreliable[0].stand is Stand.UNSURE


def test_what_holds_in_one_area_only_is_known_there_and_not_elsewhere(view):
    assert rows(view, "BU03440621")["crimes_per_1000"].caveats == ("more_visitors_than_residents",)
    assert rows(view, "BU03440111")["crimes_per_1000"].caveats == ()


def test_what_nobody_publishes_for_a_wijk_is_known(view):
    nowhere = [indicator.id for indicator in profile.absent(view, view.offer.areas["WK034403"])]
    assert nowhere == ["crimes", "crimes_per_1000", "good_health"]
    assert profile.absent(view, view.offer.areas["BU03440111"]) == ()


@pytest.mark.parametrize(
    ("code", "whole", "level"),
    [("GM0344", "GM0344", "wijk"), ("WK034403", "WK034403", "buurt"), ("BU03440311", "WK034403", "buurt")],
)
def test_areas_beside_each_other(view, code, whole, level):
    company = profile.company(view, view.offer.areas[code])
    assert company
    assert (company.whole.code, {part.level for part in company.parts}) == (whole, {level})
    assert [part.name for part in company.parts] == sorted(part.name for part in company.parts)
    for part, made in zip(company.parts, company.rows, strict=True):
        assert [row and (row.own.code, row.indicator.id) for row in made] == [
            (part.code, indicator.id) for indicator in company.headlines
        ]


def test_every_source_on_the_page_is_named(view):
    wijk = view.offer.areas["WK034403"]
    assert {figure.source for figure in profile.cited(view, wijk)} >= {"police_crime", "rivm_health", "cbs_key_figures"}


def test_a_trend_is_of_this_area_and_the_city_and_has_two_values_at_least(view):
    trends = trends_of(view, "BU03440111")
    assert trends
    for trend in trends:
        own = [figure for figure in trend.figures if figure.code == "BU03440111" and figure.value is not None]
        assert len(own) > 1
        assert {figure.code for figure in trend.figures} == {"BU03440111", "GM0344"}
        assert {figure.indicator for figure in trend.figures} == {trend.indicator.id}


@pytest.mark.parametrize("code", ["GM0344", "WK034401", "BU03440111", EMPTY])
def test_trends_are_in_the_order_of_the_catalogue(view, code):
    trends = [trend.indicator.id for trend in trends_of(view, code)]
    assert trends == [id for id in CATALOGUE.indicators if id in trends]


def test_the_profile_speaks_english(sample):
    english = view_of(mart_of(sample), taal="en")
    assert rows(english, "BU03440111")["home_value"].sentence.startswith("In 2024 a home")
