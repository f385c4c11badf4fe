"""Searching: one field for areas, postcodes and figures, and under it what was found as links."""

from html import escape
from itertools import groupby

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from buurtbeeld import queries, search
from buurtbeeld.search import Found, Index
from buurtbeeld.texts import Words
from buurtbeeld.view import View, plain
from buurtbeeld.widgets.frame import link, note

WIDTH = 620  # pixels at most: a longer field looks as if it asks for a story


def finder(view: View) -> bool:
    """The field and its results; whether anything was found. What is typed stays in this window, and only until the
    visitor goes to another page.
    """
    text = st.text_input(
        view.words.t("search.label"),
        key="search",
        type="search",
        icon="",
        placeholder="",
        autocomplete="off",
        live="300ms",
        width=WIDTH,
    )
    found = search.find(_index(view), text)
    # Read aloud when it changes, which is why it is there before anything was typed.
    st.html(f'<p role="status" style="margin:0">{escape(_status(view, found))}</p>')
    if found.results:
        with listed():
            for why, results in groupby(found.results, key=lambda result: result.why):
                for result in results:
                    link(result.page, f"**{plain(result.label)}** · {plain(result.about)}", **result.params)
                if why:
                    note(plain(why))
    return bool(found.results)


def themes(view: View) -> None:
    """Every theme, as a link to its map."""
    with listed():
        for id in view.offer.themes:
            theme, lang = view.catalogue.themes[id], view.words.lang
            label = f"**{plain(theme.title.get(lang))}** · {plain(theme.description.get(lang))}"
            link("kaart", label, thema=id, indicator=None, periode=None, van=None)


def listed() -> DeltaGenerator:
    """A list of links with long names."""
    return st.container(key="links", gap=None)


def _index(view: View) -> Index:
    offer = view.offer
    return view.once(
        "search",
        lambda: search.index(
            offer.areas.values(),
            view.mart.ask(queries.area_names),
            view.catalogue,
            offer.every,
            offer.held,
            view.words,
        ),
    )


def _status(view: View, found: Found) -> str:
    """What was found, in a sentence; before anything was typed, what one can type."""
    say = view.words
    if not found.asked:
        district = next((area.name for area in view.offer.areas.values() if area.level == "wijk"), view.city.name)
        return say.t("search.hint", area=district)
    digits = say.t("search.digits") if found.shortened else ""
    return " ".join(filter(None, (_outcome(say, found), digits)))


def _outcome(say: Words, found: Found) -> str:
    shown = len(found.results)
    if found.ranking:
        return say.t("search.ranking" if shown else "search.ranking.none")
    if not shown and found.postcode:
        return say.t("search.nothing.postcode", code=found.postcode)
    if not shown:
        return say.t("search.nothing", text=found.asked)
    if found.guess:
        return say.t("search.guess", text=found.asked)
    if found.total > shown:
        return say.t("search.more", total=say.number(found.total), count=say.number(shown))
    return say.n("search.found", shown)
