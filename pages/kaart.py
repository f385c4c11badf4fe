"""The map: one figure in every wijk or buurt. Choose → ask → draw → cite."""

import streamlit as st

from buurtbeeld import widgets

view = widgets.opened()
say = view.words
widgets.titled(say, "page.map", view.title(view.choice.indicator))
widgets.hidden_title(view)

theme, topic, level, period = st.columns([2, 3, 2, 1.4], vertical_alignment="bottom")
with theme:
    widgets.pick_theme(view)
with topic:
    widgets.pick_indicator(view)
with level:
    widgets.pick_level(view)
with period:
    widgets.pick_period(view)

figures, city = view.figures(), view.city_figure()
second = view.beside
others, whole = (second.figures(), second.city_figure()) if second else ((), None)

# Beside the sentence there is room for what to mind of it; on a phone all stands below each other, the sentence first.
phone = widgets.on_a_phone()
# With one map and with two the map and its bar stand at the same place, so that neither jumps nor is made anew.
with st.container():
    if second:
        for column, each in zip(st.columns(2, gap="medium"), (view, second), strict=True):
            with column:
                widgets.heading(each)
left, right = st.columns(2 if second else [2, 1], gap="medium")
with left:
    widgets.main_map(view)
    widgets.map_bar(view, figures)
    if second:
        widgets.reading_beside(view, figures)
        widgets.chosen_area(view, figures, city)
    elif not phone:
        widgets.minding(view)
with right:
    if second:
        widgets.second_map(second, view.choice.period)
        widgets.reading_beside(second, others)
        if view.choice.area:
            widgets.found_area(second, others, whole)
    else:
        widgets.reading(view, figures)
        widgets.chosen_area(view, figures, city)
        if phone:
            widgets.minding(view)
widgets.places_on_map(view)
if view.choice.since:
    widgets.link("trends", say.t("change.title"))

widgets.source_note(view, [*figures, *others, *filter(None, (city, whole))])
# What is in a tab travels when somebody opens it.
named = [say.t("tab.table"), say.t("tab.about"), say.t("tab.share")]
rows, method, sharing = st.tabs(named, key="tabs", on_change="rerun")
with rows:
    if rows.open:
        widgets.table(view, figures, second, others)
with method:
    if method.open:
        widgets.about(view)
        if second:
            widgets.about(second)
        widgets.beside(view)
with sharing:
    if sharing.open:
        widgets.share(view)
        if second:
            widgets.downloads(second)
