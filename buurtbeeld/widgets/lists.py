"""Registers and lists of others: a field that finds what is in them, and what is about the theme of a figure."""

import streamlit as st

from buurtbeeld import lists
from buurtbeeld.view import View
from buurtbeeld.widgets.frame import link, note


def browse(view: View) -> None:
    """Every list, to be searched. What is typed stays in this window."""
    say, titles = view.words, lists.kept(view)
    which, field = st.columns([1, 2], vertical_alignment="bottom")
    with which:
        source = st.selectbox(
            say.t("lists.which"),
            [None, *titles],
            format_func=lambda id: titles[id] if id else say.t("lists.all"),
            key="list",
            placeholder="",
        )
    with field:
        asked = st.text_input(
            say.t("lists.search"), key="list_words", type="search", icon="", placeholder="", autocomplete="off"
        )
    entries = lists.found(view, asked or "", source)
    if not entries:
        note(say.t("lists.none"))
        return
    if len(entries) > lists.SHOWN:
        note(say.t("lists.more", count=say.number(lists.SHOWN), total=say.number(len(entries))))
    st.markdown(lists.lines(view, entries, lists.SHOWN, named=source is None))


def beside(view: View) -> None:
    """What registers hold about the theme of the chosen figure; nothing when they hold nothing."""
    say, entries = view.words, lists.beside(view, view.indicator.theme)
    if not entries:
        return
    st.markdown(f"**{say.t('lists.beside')}**")
    st.markdown(lists.lines(view, entries, lists.BESIDE, named=True))
    note(say.t("lists.beside.how"))
    link("verantwoording", say.t("lists.beside.all"))
