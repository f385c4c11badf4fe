"""What people write differently is the same word; and what is a different word stays one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.search.folding import beginning, compound, fold, left_out


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "cafe"),
        ("MÁXIMAPARK", "maximapark"),
        ("Mariëndaalstraat", "mariendaalstraat"),
        ("IJsselstein", "ijsselstein"),
        ("Ĳsselstein", "ijsselstein"),
        ("Rynvliet", "Rijnvliet"),
        ("Rÿnvliet", "Rijnvliet"),
        ("St. Jan", "sint jan"),
        ("2e Daalsebuurt", "Tweede Daalsebuurt"),
        ("Wilhelminapark e.o.", "Wilhelminapark en omgeving"),
        ("Wilhelminapark e. o", "Wilhelminapark en omgeving"),
        ("Vleuten-De Meern", "vleuten  de/meern"),
        ("３５３２", "3532"),
        ("𝕊chool", "school"),
        ("65-plussers", "65 plussers"),
    ],
)
def test_these_are_the_same(one, other):
    assert fold(one) == fold(other) != ()


@pytest.mark.parametrize(("one", "other"), [("Oost", "West"), ("3532", "3533"), ("Zuid", "Zuidwest"), ("bui", "bij")])
def test_these_are_not(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_leaves_letters_and_digits_and_is_done_at_once(text):
    words = fold(text)
    assert all(word and word.isalnum() for word in words)
    assert fold(" ".join(words)) == words


def test_the_half_that_a_name_leaves_out_is_written():
    assert list(left_out("Taag- en Rubicondreef en omgeving")) == ["taagdreef"]
    assert list(left_out("Lombok-Oost")) == []


def test_a_compound_is_about_its_end():
    known = {"inbraak", "woning", "huisarts", "kort"}
    assert compound("woninginbraak", known) == ["inbraak"]
    assert compound("huisartsenpost", known) == ["huisarts"]
    assert compound("inbraak", known) == compound("tekort", known) == []


@given(st.lists(st.text(alphabet="abc", max_size=4)).map(sorted), st.text(alphabet="abc", max_size=3))
def test_the_beginning_is_looked_up_as_one_would_by_hand(words, start):
    assert list(beginning(words, start)) == [word for word in words if word.startswith(start)]
