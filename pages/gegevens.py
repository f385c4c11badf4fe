"""Open data: every figure as a file, and the same for programs."""

import streamlit as st

from buurtbeeld import widgets
from buurtbeeld.view import plain

view = widgets.opened()
say = view.words

st.title(say.t("data.title"), anchor=False)
st.markdown(say.t("data.intro"))

theme, topic, level, period = st.columns([2, 3, 2, 1.4], vertical_alignment="bottom")
with theme:
    widgets.pick_theme(view)
with topic:
    widgets.pick_indicator(view)
with level:
    widgets.pick_level(view)
with period:
    widgets.pick_period(view)
st.markdown(plain(view.caption().whole))
widgets.downloads(view)

st.header(say.t("data.api"), anchor=False)
st.markdown(say.t("data.api.intro"))
widgets.addresses(view)

st.header(say.t("data.columns"), anchor=False)
st.markdown(say.t("data.columns.list"))

widgets.source_note(view, view.figures())
