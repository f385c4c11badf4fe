"""The start: find your own place, see the city at once, and three ways in. Choose → ask → draw → cite."""

import streamlit as st

from buurtbeeld import widgets
from buurtbeeld.view import plain

view = widgets.opened()
say = view.words

words, search = st.columns([2, 1], gap="medium")
with words:
    st.title(plain(say.t("start.title", city=view.city.name)), anchor=False)
with search:
    widgets.finder(view)

figures, city = view.figures(), view.city_figure()

drawing, reading = st.columns([2, 1], gap="medium")
with drawing:
    widgets.value_map(view)
    widgets.minding(view)
with reading:
    widgets.reading(view, figures)
    widgets.found_area(view, figures, city)

for column, way, page in zip(st.columns(3), ("own", "meeting", "work"), ("profiel", "kaart", "trends"), strict=True):
    with column, st.container(border=True, height="stretch"):
        st.markdown(f"### {say.t(f'start.{way}')}", anchors=False)
        st.markdown(say.t(f"start.{way}.why"))
        widgets.link(page, say.t(f"start.{way}.go"))

widgets.source_note(view, [*figures, *([city] if city else [])])
