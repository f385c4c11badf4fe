"""One figure through time: lines of the chosen areas, and a map of what changed between two periods."""

import streamlit as st

from buurtbeeld import trend, widgets
from buurtbeeld.texts import sentences
from buurtbeeld.view import plain

view = widgets.opened()
say = view.words

theme, topic, level = st.columns([2, 3, 2], vertical_alignment="bottom")
with theme:
    widgets.pick_theme(view)
with topic:
    widgets.pick_indicator(view)
with level:
    widgets.pick_level(view)
widgets.pick_areas(view)

st.title(plain(view.title(view.choice.indicator)), anchor=False)
if not trend.has_series(view):
    st.info(say.t("trend.single"))
figures = trend.lines(view)
widgets.lines(view, figures)
for line in trend.gaps(view, figures):
    st.markdown(plain(line))
rows, method, sharing = st.tabs([say.t("trend.table"), say.t("tab.about"), say.t("tab.share")])
with rows:
    st.markdown(trend.table(view, figures))
with method:
    widgets.about(view)
with sharing:
    widgets.share(view, every_period=True)

if view.choice.since:
    st.header(say.t("change.title"), anchor=False)
    widgets.pick_span(view)
    changes = trend.changes(view)
    shades = trend.shades(view)
    sentence = sentences.about_change(changes, view.choice.since, shades.step, view.indicator, say, view.catalogue)
    drawing, reading = st.columns([2, 1], gap="medium")
    with drawing:
        widgets.change_map(view)
    with reading:
        st.markdown(plain(sentence))
        widgets.legend_of_change(view, shades)
        missing = sentences.missing(changes, say, view.catalogue)
        widgets.note("  \n".join(filter(None, [plain(missing), say.t("change.mind")])))
    with st.expander(say.t("change.table")):
        st.markdown(trend.change_table(view, changes))

widgets.source_note(view, figures)
