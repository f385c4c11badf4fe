"""The map: one figure in every wijk or buurt. Choose → ask → draw → cite."""

import streamlit as st

from buurtbeeld import widgets

view = widgets.opened()
say = view.words
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

drawing, reading = st.columns([2, 1], gap="medium")
with drawing:
    widgets.value_map(view, figures, city)
with reading:
    widgets.reading(view, figures, city)
    widgets.classing(view, figures)
    widgets.chosen_area(view, figures, city)

widgets.source_note(view, [*figures, *([city] if city else [])])
rows, method, sharing = st.tabs([say.t("tab.table"), say.t("tab.about"), say.t("tab.share")])
with rows:
    widgets.table(view, figures)
with method:
    widgets.about(view)
with sharing:
    widgets.share(view)
