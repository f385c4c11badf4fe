"""What the city filled in, as its pages say it: beside the figures, with its source; nothing where there is nothing.

Every goal and measure here is made up (`tests/marts.py`).
"""

from dataclasses import replace
from datetime import date

import pytest

from buurtbeeld import goals, queries, trend
from buurtbeeld.catalogue import Status, Target
from buurtbeeld.texts import LANGUAGES
from buurtbeeld.view import plain
from tests.figures import HOSTILE, indicator, mart_of, view_of

OWN, OTHER = "BU03440611", "BU03440111"


@pytest.fixture(scope="module")
def mart(filled):
    return mart_of(filled)


@pytest.fixture(scope="module")
def empty(sample):
    return mart_of(sample)


def profile(view, code):
    return goals.against(view, view.offer.areas[code]).splitlines()


# --- which goal holds


def target(year=2030, code="BU1", id="good_health"):
    return Target(id, code, year, 1.0, "TEST", "https://example.org")


@pytest.mark.parametrize(
    ("targets", "id", "year"),
    [
        ([], "good_health", None),
        ([target()], "good_health", 2030),
        ([target(2035), target(2030), target(2022)], "good_health", 2030),  # the first to come
        ([target(2024), target(2030)], "good_health", 2024),
        ([target(2020), target(2022)], "good_health", 2022),  # else the last that was
        ([target(2026, "GM1"), target(2030)], "good_health", 2030),  # its own before that of the city
        ([target(2026, "GM1")], "good_health", 2026),
        ([target(2026, "WK1")], "good_health", None),  # nobody set it for this area
        ([target(id="loneliness")], "good_health", None),
        ([target(2026, "GM1", "crimes")], "crimes", None),  # a number of the whole city
        ([target(2026, "BU1", "crimes")], "crimes", 2026),
    ],
)
def test_the_goal_that_holds_for_an_area(targets, id, year):
    found = goals.holding(targets, indicator(id), "BU1", "GM1", 2024)
    assert (found.year if found else None) == year


# --- the profile


def test_an_area_stands_beside_its_own_goal_and_else_that_of_the_city(mart):
    view = view_of(mart)
    own, others = profile(view, OWN), profile(view, OTHER)
    area = r"Domplein, Neude, Janskerkhof"
    assert [line.partition(".**")[0] for line in own] == ["- **Goede gezondheid", "- **Lopend naar school of werk"]
    assert f"Het doel van de raad voor {area} in 2028 is 75,5%. Het nieuwste cijfer is 84,0% \\(2024\\)." in own[0]
    assert [line.partition(".**")[0] for line in others] == [
        "- **Misdrijven", "- **Goede gezondheid", "- **Lopend naar school of werk"
    ]  # fmt: skip
    assert "is er geen eigen doel. Het doel van de raad voor heel Utrecht in 2030 is 80%." in others[1]


def test_a_goal_without_a_figure_says_that_there_is_none(mart):
    assert "Er is geen cijfer om ernaast te leggen." in profile(view_of(mart), OWN)[-1]


def test_the_goal_of_a_wijk_is_not_taken_for_its_buurten(mart):
    view = view_of(mart)
    assert not any("Erg eenzaam" in line for line in profile(view, OWN))
    [line] = [line for line in profile(view, "WK034406") if "Erg eenzaam" in line]
    assert "Het doel van de raad voor Binnenstad in 2027 is 50%." in line


def test_a_goal_has_a_link_to_its_document_that_means_nothing_more(mart):
    told = profile(view_of(mart), OWN)[0]
    assert r"Bron: [TEST besluit \| gezondheid](https://example.org/test%281%29)" in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_where_nothing_was_filled_in_nothing_is_said(empty, lang):
    view = view_of(empty, indicator="good_health", gebied=OWN, taal=lang)
    figures = trend.lines(view)
    assert goals.of_area(view, view.offer.areas[OWN]) == ()
    assert (
        goals.against(view, view.city)
        == goals.of_lines(view)
        == goals.measures(view, figures)
        == goals.measures_of(view, view.city)
        == ""
    )
    assert goals.layers(view, figures, 340, 30).layers == ()
    assert goals.documents(view) == f"{view.words.t('goals.none')}\n\n{view.words.t('measures.none')}"


def test_every_goal_of_an_area_is_told_and_one_of_the_past_was(mart):
    assert (
        r"De raad had voor Domplein, Neude, Janskerkhof ook een doel voor 2022\: 70%. "
        "Bron: [TEST oud besluit](https://example.org/test/oud)"
    ) in profile(view_of(mart), OWN)[0]


def test_the_profile_tells_what_was_done_there_around_it_and_in_the_city(mart):
    view = view_of(mart)
    told = goals.measures_of(view, view.offer.areas[OWN])
    assert [line.partition("](")[0].split()[-1] for line in told.splitlines() if line.startswith("- ")] == [
        "vijf", "drie", "twee", r"\*één\*"
    ]  # fmt: skip
    assert told.endswith("Dit bewijst niet dat het door de maatregel komt.")
    assert "TEST maatregel twee" not in goals.measures_of(view, view.city)


def test_a_strip_has_a_goal_only_beside_a_value(mart):
    view = view_of(mart)
    figures = view.mart.ask(queries.figures_of, ("good_health",), (OWN,))
    shown = max((figure for figure in figures if figure.value is not None), key=lambda figure: figure.period)
    target = goals.on_strip(view, shown)
    assert target and target.value == 75.5
    assert goals.on_strip(view, replace(shown, value=None, low=None, high=None, n=None, status=Status.SECRET)) is None


# --- trends


def test_beside_lines_stands_what_holds_for_each_of_them(mart):
    lines = goals.of_lines(view_of(mart, indicator="good_health", gebied=f"{OWN},{OTHER}")).splitlines()
    assert [line.partition(" in 20")[0] for line in lines] == [
        "- Het doel van de raad voor Domplein, Neude, Janskerkhof",
        r"- De raad had voor Domplein, Neude, Janskerkhof ook een doel voor 2022\: 70%. "
        "Bron: [TEST oud besluit](https://example.org/test/oud)",
        "- Voor Welgelegen, Den Hommel is er geen eigen doel. Het doel van de raad voor heel Utrecht",
        "- Het doel van de raad voor Utrecht",
    ]


def test_beside_numbers_of_parts_the_goal_of_the_city_is_left_out(mart):
    [line] = goals.of_lines(view_of(mart, indicator="crimes", gebied=OTHER)).splitlines()
    assert "voor Welgelegen, Den Hommel in 2027 is 300." in line
    [line] = goals.of_lines(view_of(mart, indicator="crimes")).splitlines()
    assert "voor Utrecht in 2027 is 20.000." in line


def test_every_goal_of_the_lines_is_drawn_also_one_that_was(mart):
    view = view_of(mart, indicator="good_health", gebied=OWN)
    also = goals.layers(view, trend.lines(view), 340, 30)
    assert sorted(row["label"] for row in also.labels) == [
        "doel Domplein, Neud… 2022: 70%", "doel Domplein, Neud… 2028: 75,5%", "doel Utrecht 2030: 80%"
    ]  # fmt: skip


def test_measures_are_those_of_the_areas_of_their_wijken_and_of_the_city(mart):
    view = view_of(mart, indicator="good_health", gebied=OWN)
    numbered, others = goals.done(view, trend.lines(view))
    assert [measure.title.split()[-1] for measure in numbered] == ["*één*", "twee", "drie", "vijf"]
    assert others == ()  # the chart goes up to the goals


def test_measures_are_numbered_as_in_the_chart_with_link_and_time_and_what_they_do_not_prove(mart):
    view = view_of(mart, indicator="good_health", gebied=OWN)
    told = goals.measures(view, trend.lines(view))
    assert "Het hoeft niet over dit cijfer te gaan." in told
    assert (
        r"1. [TEST maatregel \*één\*](https://example.org/een): Utrecht, van maart 2014 tot en met februari 2016"
        in told
    )
    assert (
        "2. [TEST maatregel twee](https://example.org/twee): Domplein, Neude, Janskerkhof, sinds september 2016" in told
    )
    assert "4. [TEST maatregel vijf]" in told
    assert told.endswith("Dit bewijst niet dat het door de maatregel komt.")


def test_only_the_newest_nine_get_a_number(mart, monkeypatch):
    view = view_of(mart, indicator="good_health", gebied=OWN)
    [first, *_] = view.mart.ask(queries.measures)
    many = tuple(replace(first, begin=date(2013, month, 1), end=None) for month in range(1, 13))
    monkeypatch.setattr(type(view.mart), "ask", lambda self, question, *args: many * (question is queries.measures))
    numbered, others = goals.done(view, trend_figures(view))
    assert [measure.begin.month for measure in numbered] == list(range(4, 13))
    assert [measure.begin.month for measure in others] == [1, 2, 3]


def trend_figures(view):
    """The lines of a view whose mart answers nothing else."""
    return view.mart.read(queries.figures_of, ("good_health",), (OWN,))


# --- the account of sources


def test_every_decision_is_listed_once_with_its_goals(mart):
    lines = goals.documents(view_of(mart)).splitlines()
    decisions = [line.partition("](")[0] for line in lines if line.startswith("- [TEST") and "maatregel" not in line]
    assert len(decisions) == len(set(decisions)) == 4
    [health] = [line for line in lines if "gezondheid](" in line]
    listed = "Goede gezondheid, Domplein, Neude, Janskerkhof, 2028: 75,5%; Goede gezondheid, Utrecht, 2030: 80%"
    assert plain(listed) in health


def test_every_measure_is_listed_with_its_link(mart):
    told = goals.documents(view_of(mart))
    assert "De gemeente heeft 5 maatregelen ingevuld:\n\n- [TEST maatregel " in told
    assert all(f"(https://example.org/{word})" in told for word in ("een", "twee", "drie", "vier", "vijf"))
    assert told.endswith("Dit bewijst niet dat het door de maatregel komt.")


@pytest.mark.parametrize("hostile", [*HOSTILE, "**b** [x](https://evil.example)", "a\n# b", ")](javascript:x"])
def test_words_and_addresses_mean_nothing_to_markdown(hostile):
    said = goals.link(hostile, f"https://example.org/{hostile}")
    assert said.count("](") == 1 and "\n" not in said
    assert not set(said.partition("](")[2].removesuffix(")")) & set("()<> `\\\n")


def test_a_goal_for_an_area_or_a_figure_that_is_gone_breaks_nothing(mart, monkeypatch):
    view = view_of(mart)
    gone = (target(code="BU03449999"), target(id="no_such_figure", code="GM0344"))
    monkeypatch.setattr(
        type(view.mart), "ask", lambda self, question, *args: gone if question is queries.targets else ()
    )
    assert "BU03449999" in goals.documents(view) and "no_such_figure" not in goals.documents(view)
