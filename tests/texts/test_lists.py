"""Names as running text, also those that hold a comma."""

import pytest

from buurtbeeld.texts import words
from buurtbeeld.texts.lists import joined, listed

DOM, WELGELEGEN = "Domplein, Neude, Janskerkhof", "Welgelegen, Den Hommel"


@pytest.mark.parametrize(
    ("names", "said", "behind"),
    [
        ([], "", ""),
        (["Ondiep"], "Ondiep", "Ondiep"),
        ([DOM], DOM, DOM),
        (["Ondiep", "Wijk C"], "Ondiep en Wijk C", "Ondiep, Wijk C"),
        (["Ondiep", "Zuilen", "Wijk C"], "Ondiep, Zuilen en Wijk C", "Ondiep, Zuilen, Wijk C"),
        ([DOM, "Wijk C"], f"{DOM}; en Wijk C", f"{DOM}; Wijk C"),
        (["Wijk C", "Ondiep", WELGELEGEN], f"Wijk C; Ondiep; en {WELGELEGEN}", f"Wijk C; Ondiep; {WELGELEGEN}"),
    ],
)
def test_a_name_with_a_comma_stays_one_name(names, said, behind):
    assert (listed(names, words("nl")), joined(names)) == (said, behind)


def test_english_has_its_own_word():
    assert listed(["Ondiep", "Wijk C"], words("en")) == "Ondiep and Wijk C"
