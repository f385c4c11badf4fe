"""A table: a head for each column, a name for each row, marks that are also words."""

import re

import pytest

from buurtbeeld.charts import tables
from buurtbeeld.charts.tables import Cell, Line
from tests.charts.test_strip import Tags
from tests.figures import HOSTILE

HEAD = (Cell("Buurt"), Cell("Eenzaam", number=True, small="2020"))


def made(*cells, strong=False, notes=()):
    return tables.html("Buurten", HEAD, [Line((Cell("Lombok", href="/profiel?gebied=BU1"), *cells), strong)], notes)


def words(html):
    return [text.strip() for text in re.split(r"<[^>]*>", html) if text.strip()]


def test_it_is_a_table_with_a_title_and_heads_for_columns_and_rows():
    tags = Tags(made(Cell("58,2%"))).found
    assert [tag for tag, _ in tags if tag in ("table", "caption", "thead", "tbody")] == [
        "table", "caption", "thead", "tbody",
    ]  # fmt: skip
    assert [attributes["scope"] for tag, attributes in tags if tag == "th"] == ["col", "col", "row"]


def test_it_scrolls_by_itself_and_can_be_reached_with_the_keyboard():
    tag, attributes = Tags(made(Cell("58,2%"))).found[0]
    assert (tag, attributes["role"], attributes["tabindex"], attributes["aria-label"]) == (
        "div", "region", "0", "Buurten",
    )  # fmt: skip
    assert "overflow-x:auto" in attributes["style"]


def test_it_reads_from_left_to_right_with_the_notes_below():
    assert words(made(Cell("58,2%"), notes=["niet bekend: er is niets"])) == [
        "Buurten", "Buurt", "Eenzaam", "2020", "Lombok", "58,2%", "niet bekend: er is niets",
    ]  # fmt: skip


def test_what_the_marks_mean_is_not_the_name_of_the_table():
    shown = tables.html("Buurten", HEAD, [], key="▲ meer")
    assert words(shown)[:2] == ["▲ meer", "Buurten"]
    assert 'aria-label="Buurten"' in shown


def test_the_names_of_the_rows_stay_in_sight():
    styles = [attributes["style"] for tag, attributes in Tags(made(Cell("58,2%"))).found if tag == "th"]
    assert ["position:sticky" in style for style in styles] == [True, False, True]
    assert all("min-width" in style for style in styles if "sticky" in style)  # not a letter wide on a phone


def test_a_mark_is_also_said_in_words():
    shown = made(Cell("16%", number=True, sign="▲", meant="duidelijk meer"))
    assert ("span", {"aria-hidden": "true"}) in Tags(shown).found
    assert words(shown)[-1] == "duidelijk meer"


def test_a_drawing_takes_the_place_of_the_text():
    assert ("img", {"src": "x"}) in Tags(made(Cell("weg", drawing='<img src="x">'))).found
    assert "weg" not in made(Cell("weg", drawing='<img src="x">'))


def test_a_number_is_not_cut_in_two_and_a_missing_one_may_be():
    number, missing = (made(Cell("te weinig mensen", number=True, weak=weak)) for weak in (False, True))
    assert ("nowrap" in number, "nowrap" in missing) == (True, False)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text):
    cell = Cell(text, href=text, sign=text, meant=text, small=text)
    shown = tables.html(text, [cell], [Line((cell, cell))], [text])
    known = {"div", "table", "caption", "span", "thead", "tr", "th", "a", "br", "tbody", "td", "p"}
    assert {tag for tag, _ in Tags(shown).found} <= known
    links = [attributes["href"] for tag, attributes in Tags(shown).found if tag == "a"]
    assert set(links) == {text}
