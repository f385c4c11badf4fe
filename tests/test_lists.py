"""Registers and lists of others: found by words, beside the theme they mention, and harmless whatever they hold."""

from dataclasses import replace
from datetime import date

import pytest

from buurtbeeld import lists, queries
from buurtbeeld.queries import Entry
from buurtbeeld.texts import LANGUAGES
from tests.figures import HOSTILE, mart_of, view_of

REGISTER = "algorithm_register"


@pytest.fixture(scope="module", params=LANGUAGES)
def view(request, sample):
    return view_of(mart_of(sample), taal=request.param)


def entry(**words):
    usual = {
        "id": "a",
        "source": REGISTER,
        "title": "A",
        "link": "https://example.org/a",
        "date": None,
        "licence": None,
    }
    return Entry(**usual | words)


def titles(entries):
    return [entry.title for entry in entries]


def test_every_entry_is_there_before_anything_was_typed(view):
    assert set(lists.found(view, "", None)) == set(view.mart.ask(queries.entries))
    assert len(lists.found(view, "", REGISTER)) == 45


def test_words_are_found_anywhere_in_a_title_in_any_case_and_order(view):
    once = titles(lists.found(view, "afval", None))
    assert once and all("afval" in title.casefold() for title in once)
    assert titles(lists.found(view, "AFVAL inzamelen", None)) == titles(lists.found(view, "inzamelen afval", None))


def test_what_is_nowhere_gives_nothing(view):
    assert lists.found(view, "qqqq", None) == ()
    assert lists.found(view, "afval", "nowhere") == ()


def test_newest_come_first_and_those_without_a_date_last(view, monkeypatch):
    made = (entry(id="1", date=date(2024, 1, 1)), entry(id="2"), entry(id="3", date=date(2025, 1, 1)))
    monkeypatch.setattr(type(view.mart), "ask", lambda _mart, question, *_: made if question is queries.entries else ())
    monkeypatch.setattr(type(view), "once", lambda _view, _name, make, *_: make())
    assert [each.id for each in lists.found(view, "", None)] == ["3", "1", "2"]


def test_beside_a_theme_stands_what_mentions_it(view):
    for theme, about in view.catalogue.themes.items():
        for each in lists.beside(view, theme):
            words = each.title.casefold()
            assert any(mention in words for mention in about.mentions)
    assert "Parkeervergunning" not in titles(lists.beside(view, "health"))
    assert any("afval" in title.casefold() for title in titles(lists.beside(view, "space")))


def test_an_entry_says_of_when_it_is_and_links_to_its_list(view):
    [line] = lists.lines(view, [entry(date=date(2025, 10, 31), licence="CC0")], 10, named=True).splitlines()
    assert line.startswith("- [A](https://example.org/a) · ")
    assert view.words.day(date(2025, 10, 31)) in line and "CC0" in line and "Algoritmeregister" in line


def test_an_unknown_date_is_said_to_be_unknown(view):
    assert view.words.t("lists.undated") in lists.lines(view, [entry()], 10, named=False)


def test_no_more_than_asked_are_shown(view):
    assert len(lists.lines(view, [entry(id=str(n)) for n in range(60)], lists.SHOWN, named=False).splitlines()) == 50


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_title_means_nothing_to_markdown(view, hostile):
    said = lists.lines(view, [entry(title=hostile, licence=hostile)], 10, named=False)
    usual = lists.lines(view, [entry(title="x", licence="x")], 10, named=False)
    assert said.count("\n") == usual.count("\n") and said.count("](") == usual.count("](")


def test_a_list_without_a_link_has_its_title_all_the_same(view):
    assert lists.lines(view, [replace(entry(), link=None)], 10, named=False).startswith("- A · ")
