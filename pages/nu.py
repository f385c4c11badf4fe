"""What is measured now: air, containers, parking. Choose → ask → draw → cite."""

import streamlit as st

from buurtbeeld import widgets
from buurtbeeld.now import page

view = widgets.opened("deel", "stof", "sensor", "ververs", "gebied", "many", "zoom")
say = view.words
widgets.titled(say, "page.now")

st.title(say.t("now.title", city=view.city.name), anchor=False)
with st.container(horizontal=True, vertical_alignment="center"):
    widgets.pick_part(view)
    moving = bool(page.part(view)) and widgets.refreshing(view)

if not page.part(view):
    widgets.nothing(view)
else:
    widgets.newest(view, moving)
    left, right = st.columns([2, 1], gap="medium")
    with left:
        widgets.now_map(view)
        widgets.zoom_bar(view)
        widgets.now_minding(view)
    with right:
        widgets.pick_quantity(view)
        widgets.now_legend(view)
        widgets.sensor_card(view)
    widgets.now_levels(view)
    widgets.now_rhythm(view)
    widgets.now_sources(view)
    # What is in a tab travels when somebody opens it.
    rows, about = st.tabs([say.t("tab.table"), say.t("now.about")], key="tabs", on_change="rerun")
    with rows:
        if rows.open:
            widgets.now_table(view)
    with about:
        if about.open:
            widgets.about_sensors(view)
