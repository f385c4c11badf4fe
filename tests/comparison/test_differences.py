"""Areas beside each other: one period per row, every difference told, and nothing that can't be said."""

import re
from dataclasses import replace
from itertools import combinations

import pytest

from buurtbeeld import profile
from buurtbeeld.catalogue import load
from buurtbeeld.comparison import differences
from buurtbeeld.statistics.compare import Stand
from buurtbeeld.verdicts import Apart
from tests.figures import HOSTILE, mart_of, view_of

CATALOGUE = load()
TWO = "BU03440131,BU03440111"
FOUR = "BU03440131,WK034401,BU03440911,GM0344"  # a wijk around it, a buurt without residents, the city


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


def rows(mart, areas):
    return {row.indicator.id: row for row in differences.rows(view_of(mart, gebied=areas))}


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL))


@pytest.mark.parametrize("areas", [TWO, FOUR])
def test_every_row_is_of_one_period(mart, areas):
    for row in rows(mart, areas).values():
        figures = [figure for figure in (*row.figures, row.city) if figure]
        assert {figure.period for figure in figures} == {row.period}
        assert {figure.indicator for figure in figures} == {row.indicator.id}
        assert [figure.code for figure in row.figures if figure] == [
            code for code, figure in zip(areas.split(","), row.figures, strict=True) if figure
        ]


def test_every_figure_that_is_published_for_one_of_the_areas_has_a_row(mart):
    found = rows(mart, FOUR)
    held = view_of(mart).offer.held
    assert set(found) == {id for id in held if set(held[id]) & {"buurt", "wijk", "gemeente"}}
    assert list(found) == [id for id in CATALOGUE.indicators if id in found]


def test_a_figure_that_the_level_lacks_is_no_figure(mart):
    row = rows(mart, FOUR)["crimes_per_1000"]
    assert [figure is None for figure in row.figures] == [False, True, False, False]
    assert row.gaps[0] is None
    assert "niet per wijk" in text(differences.table(view_of(mart, gebied=FOUR), headlines=False))


def test_a_missing_value_makes_no_difference_and_keeps_its_reason(mart):
    row = rows(mart, FOUR)["home_value"]
    assert row.figures[2] is not None and row.figures[2].value is None
    assert row.gaps[1] is None
    assert "niet bekend" in text(differences.table(view_of(mart, gebied=FOUR), headlines=True))


def test_the_difference_is_that_of_the_values_and_its_sign_that_of_the_verdict(mart):
    for row in rows(mart, FOUR).values():
        for figure, gap in zip(row.figures[1:], row.gaps, strict=True):
            if gap and gap.size:
                away, low, high = gap.size
                assert away == pytest.approx(figure.value - row.figures[0].value)
                assert low <= away <= high
                assert (gap.verdict == "higher") <= (low > 0) and (gap.verdict == "lower") <= (high < 0)


def test_the_other_way_round_it_is_the_opposite(mart):
    there, back = rows(mart, TWO), rows(mart, "BU03440111,BU03440131")
    turned = {"higher": "lower", "lower": "higher"}
    for id, row in there.items():
        one, other = row.gaps[0], back[id].gaps[0]
        assert (one is None) == (other is None)
        assert one is None or turned.get(one.verdict, one.verdict) == other.verdict


def test_nothing_is_claimed_of_models_and_counts(mart):
    for row in rows(mart, FOUR).values():
        verdicts = {str(gap.verdict) for gap in row.gaps if gap}
        if row.indicator.method == "model":
            assert verdicts <= {"untested"}
        if row.indicator.kind == "count":
            assert verdicts <= {"count"}


def test_the_words_name_what_is_clear_and_count_the_rest(mart):
    view = view_of(mart, gebied=TWO)
    ((heading, lines),) = differences.summary(view)
    assert heading == "Welgelegen, Den Hommel naast Nieuw Engeland, Th. a. Kempisplantsoen en omgeving"
    gaps = {row.indicator.id: row.gaps[0] for row in differences.rows(view)}
    for verdict, start in (("higher", "Duidelijk hoger"), ("lower", "Duidelijk lager")):
        titles = [view.title(id) for id, gap in gaps.items() if gap and gap.verdict == verdict]
        assert start in lines and titles and all(title in lines for title in titles)
    untested = sum(gap is not None and gap.verdict == "untested" for gap in gaps.values())
    assert f" {untested} cijfers kunnen we het niet zeggen" in lines


def test_a_difference_of_which_nothing_is_claimed_is_shown_with_the_words_for_that(mart):
    row = rows(mart, TWO)["residents"]
    away = row.figures[1].value - row.figures[0].value
    view = view_of(mart, gebied=TWO)
    written = f"{'+' if away > 0 else '−'}{view.words.number(abs(away))}"
    shown = text("".join(differences.table(view, headlines) for headlines in (True, False)))
    assert f"{written} · bij een aantal" in shown.replace("\xa0", " ")
    assert re.search(r"[+−][\d,]+ procentpunt · hoe zeker dat is, weten we niet", shown.replace("\xa0", " "))


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_both_tables_together_hold_every_figure_once(mart, lang):
    view = view_of(mart, gebied=FOUR, taal=lang)
    tables = [differences.table(view, headlines) for headlines in (True, False)]
    titles = [view.words.head(row.indicator, view.catalogue) for row in differences.rows(view)]
    heads = [head for table in tables for head in re.findall(r'<th scope="row">([^<]*)<', table)]
    assert sorted(heads) == sorted(titles)
    assert "−−" not in "".join(tables) and "nan" not in text("".join(tables)).lower().split()


def test_the_city_stands_there_once(mart):
    for areas in (TWO, FOUR):
        head = differences.table(view_of(mart, gebied=areas), headlines=True).partition("</thead>")[0]
        assert head.count(">Utrecht<") == 1


def test_a_local_caveat_stands_with_the_figure(mart):
    """Few people live around the station, so that crimes per resident say little about them."""
    areas = "BU03440131,BU03440612"
    assert "zegt hier weinig over wie er wonen" in text(differences.table(view_of(mart, gebied=areas), headlines=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_words(mart, name):
    view = view_of(mart, gebied=TWO)
    areas = {code: replace(area, name=name) if code in TWO else area for code, area in view.offer.areas.items()}
    hostile = replace(view, offer=replace(view.offer, areas=areas))
    html = differences._table(hostile, headlines=True)
    assert "<script" not in html and "<img" not in html


def test_every_pair_of_trap_areas_can_be_compared(mart):
    """Without residents, with 20, without dwellings, with a border on the water; a wijk and the city."""
    traps = ("BU03440911", "BU03440912", "BU03440822", "WK034409", "GM0344")
    known = [code for code in traps if code in view_of(mart).offer.areas]
    assert len(known) >= 4
    for pair in combinations(known, 2):
        view = view_of(mart, gebied=",".join(pair))
        assert differences.table(view, headlines=True) and differences.table(view, headlines=False)
        assert all(lines.startswith("- ") for _, lines in differences.summary(view))


AGREE = {
    Stand.ABOVE: {Apart.HIGHER},
    Stand.BELOW: {Apart.LOWER},
    Stand.SLIGHT: {Apart.HIGHER, Apart.LOWER, Apart.SLIGHT},
    Stand.ALIKE: {Apart.ALIKE},
    Stand.UNSURE: {Apart.ALIKE, Apart.UNTESTED},
}


def test_a_profile_and_a_comparison_with_the_city_never_contradict_each_other(mart):
    areas = [area for area in view_of(mart).offer.areas.values() if area.level != "gemeente"]
    seen = []
    for area in areas:
        view = view_of(mart, gebied=f"GM0344,{area.code}")
        stands = {row.indicator.id: row.stand for row in profile.rows(view, area)}
        gaps = {row.indicator.id: gap for row in differences.rows(view) if (gap := row.gaps[-1])}
        seen += [(area.code, id, stand, gaps[id].verdict) for id, stand in stands.items() if stand and id in gaps]
    assert {stand for *_, stand, _ in seen} == set(AGREE)
    assert [each for each in seen if each[3] not in AGREE[each[2]]] == []
