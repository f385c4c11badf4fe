"""What is said of differences and of figures that go together."""

import pytest

from buurtbeeld.catalogue import load
from buurtbeeld.statistics.association import NONE, Association
from buurtbeeld.texts import comparisons, words
from buurtbeeld.verdicts import Apart, Gap
from tests.figures import indicator

NL, EN = words("nl"), words("en")
CATALOGUE = load()


@pytest.mark.parametrize(
    ("id", "size", "verdict", "nl", "en"),
    [
        (
            "home_value", (120_000, 119_000, 121_000), Apart.HIGHER,
            ("duidelijk hoger", "+€ 120.000 (tussen +119.000 en +121.000)"),
            ("clearly higher", "+€120,000 (between +119,000 and +121,000)"),
        ),
        (
            "owner_occupied_share", (-7, -8, -6), Apart.LOWER,
            ("duidelijk lager", "−7 procentpunt (tussen −8 en −6)"),
            ("clearly lower", "−7 percentage points (between −8 and −6)"),
        ),
        (
            "distance_gp", (0.04, -0.06, 0.14), Apart.ALIKE,
            ("geen duidelijk verschil", "0,0 km (tussen −0,1 en +0,1)"),
            ("no clear difference", "0.0 km (between −0.1 and +0.1)"),
        ),
        (
            "good_health", None, Apart.UNTESTED,
            ("−7,3 procentpunt · hoe zeker dat is, weten we niet", ""),
            ("−7.3 percentage points · how sure that is, we do not know", ""),
        ),
        (
            "crimes", None, Apart.COUNT,
            ("−7 · bij een aantal telt ook mee hoe groot een gebied is", ""),
            ("−7 · a number also depends on how large an area is", ""),
        ),
        ("urbanity_class", None, Apart.OTHER, ("andere klasse", ""), ("another class", "")),
    ],
)  # fmt: skip
def test_a_difference_in_words(id, size, verdict, nl, en):
    gap = Gap(verdict, size)
    for say, said in ((NL, nl), (EN, en)):
        assert (
            tuple(each.replace("\xa0", " ") for each in comparisons.gap(gap, -7.3, indicator(id), say, CATALOGUE))
            == said
        )


def test_a_summary_names_what_is_clear_and_counts_the_rest():
    gaps: list[tuple[str, Apart | None]]
    gaps = [("A", Apart.HIGHER), ("B", Apart.HIGHER), ("C", Apart.LOWER), ("D", Apart.SLIGHT), ("E", Apart.ALIKE)]
    gaps += [("F", Apart.UNTESTED), ("G", Apart.COUNT), ("H", Apart.SAME), ("I", None)]
    assert [said.sentence for said in comparisons.summary([("Geld", *gap) for gap in gaps], NL)] == [
        "Duidelijk hoger: A, B.",
        "Duidelijk lager: C.",
        "Bij 2 cijfers is het verschil klein of niet duidelijk.",
        "Bij 1 cijfer kunnen we het niet zeggen, want we weten niet hoe zeker het is.",
        "1 cijfer ontbreekt voor een van beide.",
    ]


def test_many_differences_stand_by_theme():
    gaps = [("Wonen", "A", Apart.HIGHER), ("Geld", "B, per jaar", Apart.HIGHER)]
    gaps += [(theme, title, Apart.HIGHER) for theme, title in (("Geld", "C"), ("Wonen", "D"), ("Veiligheid", "E"))]
    [said] = comparisons.summary(gaps, NL)
    assert said.sentence == "Duidelijk hoger bij 5 cijfers:"
    assert said.parts == ("Wonen: A, D", "Geld: B, per jaar; C", "Veiligheid: E")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Association(0.8, 0.6, 0.9, 50), "A en B gaan sterk samen."),
        (Association(-0.8, -0.9, -0.6, 50), "A en B gaan sterk tegen elkaar in."),
        (Association(0.5, 0.1, 0.8, 20), "A en B gaan duidelijk samen."),
        (Association(-0.5, -0.8, -0.1, 20), "A en B gaan duidelijk tegen elkaar in."),
        (Association(0.05, -0.1, 0.2, 200), "A en B hangen in deze buurten nauwelijks samen."),
        (Association(0.2, -0.3, 0.6, 20), "A en B: het is niet duidelijk of ze in deze buurten samenhangen."),
        (NONE, "Er zijn te weinig buurten met beide cijfers om te zeggen of die samenhangen."),
    ],
)
def test_how_two_figures_go_together(found, said):
    assert comparisons.relation("A", "B", "buurten", found, NL).startswith(said)
    assert comparisons.relation("A", "B", "neighbourhoods", found, EN)


def test_the_number_behind_it_comes_with_its_interval():
    assert comparisons.correlation(Association(-0.5, -0.8, -0.1, 20), NL).startswith(
        "De samenhang is −0,50, waarschijnlijk tussen −0,80 en −0,10."
    )
    assert comparisons.correlation(NONE, NL) == ""
