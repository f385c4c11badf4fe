"""One area: its figure, how it stands beside the city, and the way on."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from buurtbeeld import queries
from buurtbeeld.catalogue import Figure
from buurtbeeld.texts import sentences
from buurtbeeld.view import View, plain
from buurtbeeld.widgets.choices import pick_area
from buurtbeeld.widgets.frame import link, note
from buurtbeeld.widgets.mapbar import moved


def chosen_area(view: View, figures: Sequence[Figure], city: Figure | None) -> None:
    """The list of areas, and the chosen one with its figure and the way on."""
    with st.container(border=True, gap="xsmall"):
        pick_area(view, view.choice.level, view.words.t("pick.area", level=view.level(view.choice.level)))
        # The list names what is chosen, unless that is of another level.
        chosen = view.offer.areas.get(view.choice.area or "")
        _area_card(view, figures, city, "map.invitation", named=chosen is None or chosen.level != view.choice.level)


def found_area(view: View, figures: Sequence[Figure], city: Figure | None) -> None:
    """The chosen area with its figure and the way on, where the list of areas stands elsewhere on the page."""
    with st.container(border=True):
        _area_card(view, figures, city, "start.invitation")


def _area_card(view: View, figures: Sequence[Figure], city: Figure | None, invitation: str, named: bool = True) -> None:
    say, code = view.words, view.choice.area
    if code is None:
        note(say.t(invitation, level=view.level(view.choice.level)))
        return
    figure = next((f for f in figures if f.code == code), None) or _elsewhere(view, code)
    name = view.offer.areas[code].name
    if named:
        # The label of a metric doesn't wrap, and names of buurten are long.
        st.markdown(f"**{plain(name)}**{_other_level(view, code)}")
    about = view.indicator, view.catalogue
    # Nor does its value: a unit of words stands below it.
    # A large value has no room for its badge behind it, which then is the label.
    badge, bare = say.badge(figure), replace(figure, is_simulated=False) if figure else None
    written = say.cell(bare, *about) if bare else view.nothing(view.indicator.id, view.offer.areas[code].level)
    st.metric(badge or name, written, label_visibility="visible" if badge else "collapsed")
    if figure and bare:
        if written != say.figure(bare, *about):
            note(plain(view.catalogue.units[view.indicator.unit].word.get(say.lang)))
        badge = moved(view, figures, code)
        st.markdown(plain(_in_words(view, figure, city)) + (f"  \n:gray-badge[{badge}]" if badge else ""))
    with st.container(horizontal=True):
        link("profiel", say.t("go.profile"), gebied=code)
        link("trends", say.t("go.trends"), gebied=code)
        link("vergelijken", say.t("go.compare"), gebied=code)


def _in_words(view: View, figure: Figure, city: Figure | None) -> str:
    """What a large figure leaves to be said, in the words and the order of its caption."""
    about = view.indicator, view.words, view.catalogue
    reason = sentences.about_area(figure, *about) if figure.value is None else ""
    caveats = view.mart.ask(queries.local_caveats, figure.indicator).get((figure.code, figure.period), ())
    mind = " ".join(view.catalogue.caveats[key].description.get(view.words.lang) for key in caveats)
    parts = (reason, sentences.city_value(figure, city, *about), sentences.sure_of(figure, *about), mind)
    return " ".join(filter(None, parts))


def _other_level(view: View, code: str) -> str:
    """What an area is, when the map shows areas of another level."""
    level = view.offer.areas[code].level
    return "" if level == view.choice.level else f" ({plain(view.level(level))})"


def _elsewhere(view: View, code: str) -> Figure | None:
    """The chosen figure of an area that is not on the map: a wijk found by name while the map shows buurten."""
    level = view.offer.areas[code].level
    found = view.mart.ask(queries.figures, view.choice.indicator, level, view.choice.period)
    return next((figure for figure in found if figure.code == code), None)
