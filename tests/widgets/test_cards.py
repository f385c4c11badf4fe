"""The card of the chosen area: its value, and below it the words of its caption."""

import pytest

from buurtbeeld.addresses import PAGES

MAP = next(page for page in PAGES if page.segment == "kaart")
SURE = "Without chance this figure would probably be between 17 and 52 per 1,000 residents."


def card(app):
    """The large figure, and every other text of the page with plain spaces."""
    [metric] = app.metric
    said = " ".join(markdown.value for markdown in app.markdown).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")
    return metric.value.replace("\N{NO-BREAK SPACE}", " "), said


@pytest.mark.parametrize(
    ("id", "code", "lang", "value", "words"),
    [
        ("residents", "BU03440131", "nl", "5.860",
         "Dat is 1,6% van heel Utrecht (374.238). Dit cijfer is afgerond: zeker tussen 5.856 en 5.864."),
        ("home_value", "BU03440131", "nl", "€ 419.000", "In Utrecht als geheel is dat € 451.000."),
        ("good_health", "BU03440131", "nl", "79,1%",
         "In Utrecht als geheel is dat 76,1%. Hoe zeker deze schatting is, weten we niet."),
        ("crimes_per_1000", "BU03440522", "en", "31 (uncertain)",
         f"In Utrecht as a whole that is 67 per 1,000 residents. {SURE} The figure is uncertain: "
         "the margin is larger than the figure itself."),
        ("home_value", "BU03440911", "en", "not known",
         "Value of a home, Bedrijventerrein De Wetering, 2024: the figure is missing; the source does not say why. "
         "In Utrecht as a whole that is €451,000."),
        ("residents", "GM0344", "nl", "374.238", ""),
    ],
)  # fmt: skip
def test_a_card_goes_on_where_its_figure_stops(show, sample, id, code, lang, value, words):
    metric, said = card(show(sample, MAP, indicator=id, gebied=code, taal=lang))
    assert metric == value and words in said


def test_a_rate_far_above_that_of_the_city_says_that_many_come_there(show, sample):
    metric, said = card(show(sample, MAP, indicator="crimes_per_1000", gebied="BU03440621"))
    assert metric.isdigit() and int(metric) > 3 * 67
    assert "per 1.000 inwoners" in said and "vaak komen er dan veel meer mensen dan er wonen" in said
