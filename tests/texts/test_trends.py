"""Sentences about what changed and what can't be compared, in both languages."""

from datetime import date

import pytest

from buurtbeeld.catalogue import Break, Status, Text, load
from buurtbeeld.texts import trends, words
from buurtbeeld.verdicts import Change
from tests.figures import figure, indicator

EVERY, NL, EN = load(), words("nl"), words("en")
Y2021, Y2025 = date(2021, 1, 1), date(2025, 1, 1)


def said(then, now, verdict, sure=None, id="crimes", say=NL):
    return trends.about_change(then, now, verdict, sure, "Lombok", indicator(id), say, EVERY)


@pytest.mark.parametrize(
    ("id", "before", "after", "verdict", "sure", "nl", "en"),
    [
        (
            "crimes", 200, 257, Change.UP, (20.4, 94),
            "Lombok: duidelijk gestegen. Van 200 in 2021 naar 257 in 2025 (+57, tussen +20 en +94).",
            "Lombok: clearly risen. From 200 in 2021 to 257 in 2025 (+57, between +20 and +94).",
        ),
        (
            "crimes", 200, 190, Change.UNCLEAR, (-60, 40),
            "Lombok: geen duidelijke verandering. Van 200 in 2021 naar 190 in 2025 (−10, tussen −60 en +40).",
            "Lombok: no clear change. From 200 in 2021 to 190 in 2025 (−10, between −60 and +40).",
        ),
        (
            "good_health", 70.0, 70.0, Change.UNTESTED, None,
            "Lombok: niet te zeggen (marge niet bekend). Van 70,0% in 2021 naar 70,0% in 2025 (0,0 procentpunt).",
            "Lombok: can't tell (margin not known). From 70.0% in 2021 to 70.0% in 2025 (0.0 percentage points).",
        ),
        (
            "urbanity_class", 2, 1, Change.UNCLEAR, None,
            "Lombok: geen duidelijke verandering. Van klasse 2 in 2021 naar klasse 1 in 2025 (−1 op de schaal).",
            "Lombok: no clear change. From class 2 in 2021 to class 1 in 2025 (−1 on the scale).",
        ),
    ],
)  # fmt: skip
def test_the_verdict_on_one_area(id, before, after, verdict, sure, nl, en):
    then, now = figure(before, period=Y2021), figure(after, period=Y2025)
    told = [said(then, now, verdict, sure, id, say).replace("\N{NO-BREAK SPACE}", " ") for say in (NL, EN)]
    assert told == [nl, en]


def test_what_can_not_be_compared_is_told_without_a_difference():
    then, now = figure(200, period=Y2021), figure(257, period=Y2025)
    assert said(then, now, Change.BREAK, (20, 94)) == (
        "Lombok: niet te vergelijken (breuk in de reeks). Het was 200 in 2021 en 257 in 2025."
    )


@pytest.mark.parametrize(
    ("then", "now"), [(None, figure(1)), (figure(1), None), (figure(None, Status.SECRET), figure(1)), (figure(1),) * 2]
)
def test_without_both_figures_or_a_verdict_nothing_is_said(then, now):
    assert said(then, now, None).startswith("Lombok: niet te zeggen, want")


def about(**counts):
    judged = {f"{name}{place}": Change(name) for name, count in counts.items() for place in range(count)}
    return trends.about_all(judged, "buurt", Y2021, Y2025, "year", NL, EVERY)


def test_all_areas_together():
    assert about(up=3, down=5, unclear=98, border=2) == (
        "Tussen 2021 en 2025 steeg dit duidelijk in 3 van de 106 buurten en daalde het duidelijk in 5. "
        "In 98 is er geen duidelijke verandering. Van 2 buurten kan de grens verschoven zijn. Die vergelijken we niet."
    )
    assert about(up=1, border=1).endswith("Van 1 buurt kan de grens verschoven zijn. Die vergelijken we niet.")

    assert about(border=9) == "Van 9 buurten kan de grens verschoven zijn. Die vergelijken we niet."


@pytest.mark.parametrize("counts", [{}, {"untested": 9}, {"break": 9}])
def test_where_nothing_was_tested_nothing_is_counted(counts):
    assert about(**counts) == ""


def test_a_break_says_from_when_what_and_why():
    each = Break(period=Y2021, kind="method", link="https://example.org", note=Text(nl="Anders.", en="Other."))
    assert trends.about_break(each, "year", NL) == (
        "2021: andere methode. Anders. Vergelijk de cijfers van voor en na die tijd niet."
    )
