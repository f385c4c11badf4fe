"""One figure through time: lines of the chosen areas, small charts of all, and what changed between two periods."""

import streamlit as st

from buurtbeeld import trend, widgets
from buurtbeeld.texts import sentences
from buurtbeeld.view import plain

view = widgets.opened(mapped=False)
say = view.words
widgets.titled(say, "page.trends", view.title(view.choice.indicator))

theme, topic, level = st.columns([2, 3, 2], vertical_alignment="bottom")
with theme:
    widgets.pick_theme(view)
with topic:
    widgets.pick_indicator(view)
with level:
    if trend.has_choice_of_level(view):
        widgets.pick_level(view)
if trend.has_areas(view) or view.choice.areas:
    widgets.pick_areas(view)

st.title(plain(view.title(view.choice.indicator)), anchor=False)
if not trend.has_series(view):
    st.info(say.t("trend.single"))
shown, instead = trend.shown(view)
widgets.pick_way(view, shown.way)
widgets.lines(view, shown)
if told := [*([plain(instead)] if instead else []), *trend.notes(view, shown)]:
    st.markdown("  \n".join(told))
widgets.goals_and_measures(view, shown)
rows, method, sharing = st.tabs([say.t("trend.table"), say.t("tab.about"), say.t("tab.share")])
with rows:
    st.markdown(trend.table(view, shown))
with method:
    widgets.about(view)
with sharing:
    widgets.share(view, every_period=True)

if view.choice.since:
    st.header(say.t("change.title"), anchor=False)
    widgets.pick_span(view)
    if not trend.has_map_of_change(view):
        st.markdown("\n\n".join(map(plain, trend.about_city_alone(view))))
if trend.has_map_of_change(view):
    changes = trend.changes(view)
    drawing, reading = st.columns([2, 1], gap="medium")
    with drawing:
        widgets.change_map(view)
        widgets.zoom_bar(view)
    with reading:
        st.markdown("\n\n".join(map(plain, trend.about_all(view))))
        widgets.legend_of_change(view, trend.shades(view))
        missing = sentences.missing(changes, say, view.catalogue)
        widgets.note("  \n".join(filter(None, [plain(missing), say.t("change.mind"), view.method("change")])))
    # Below the map, and the small charts below that: what a click on the map adds must not push it away.
    if chosen := trend.about_chosen(view):
        st.markdown("\n".join(f"- {plain(line)}" for line in chosen))
    with st.expander(say.t("change.table")):
        st.markdown(trend.change_table(view, changes))

widgets.small_charts(view)

widgets.source_note(view, trend.lines(view))
