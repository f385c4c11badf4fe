"""Search: an area, a postcode or a figure by any of its names, also misspelt, and the way there."""

import streamlit as st

from buurtbeeld import widgets

view = widgets.opened()
say = view.words

st.title(say.t("search.title"), anchor=False)
if not widgets.finder(view):
    st.header(say.t("search.themes"), anchor=False)
    widgets.themes(view)
