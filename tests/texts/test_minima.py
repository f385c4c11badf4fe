"""Of how many a figure has to be, in words: each case, in both languages."""

import pytest

from buurtbeeld.catalogue import load
from buurtbeeld.texts import minima, words
from tests.figures import indicator

CATALOGUE = load()
NL, EN = words("nl"), words("en")


@pytest.mark.parametrize(
    ("id", "dutch"),
    [
        ("loneliness", "genoeg mensen nodig: minstens 100. Bij minder tonen we niets. Dat is onze eigen regel."),
        ("residents_65plus_share", "genoeg mensen nodig: minstens 50. Bij minder tonen we niets, net als de bron."),
        (
            "income_per_resident",
            "genoeg mensen: minstens 100. Staat het er toch bij minder, dan noemen wij het onzeker.",
        ),
        ("home_value", "genoeg woningen: minstens 20. Hoeveel het er per gebied zijn, weten wij niet."),
        (
            "household_size",
            "genoeg huishoudens nodig: minstens 10. Bij minder tonen we niets. Dat is onze eigen regel.",
        ),
    ],
)
def test_the_rule_says_how_many_of_what_and_whose_it_is(id, dutch):
    assert minima.rule(indicator(id), NL, CATALOGUE).endswith(dutch)
    assert str(int(indicator(id).least)) in minima.rule(indicator(id), EN, CATALOGUE)


def test_a_count_needs_no_rule():
    assert minima.rule(indicator("residents"), NL, CATALOGUE) == ""
    assert minima.cell(indicator("residents"), NL, CATALOGUE) == "niet nodig"


def test_a_table_says_it_in_a_few_words():
    assert minima.cell(indicator("crimes_per_1000"), NL, CATALOGUE) == "500 (mensen, onze regel)"
    assert minima.cell(indicator("home_value"), EN, CATALOGUE) == "20 (homes, rule of the source)"


def test_the_reason_why_a_figure_is_unreliable_is_that_of_its_rule():
    assert NL.unsure(indicator("crimes_per_1000")) == "de marge is groter dan het cijfer zelf"
    assert NL.unsure(indicator("income_per_resident")).startswith("het gaat over minder mensen")
