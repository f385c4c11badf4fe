"""Two to four areas beside each other, the areas that look most like the first, and two figures against each other."""

import streamlit as st

from buurtbeeld import selection, widgets
from buurtbeeld.comparison import choosing, differences
from buurtbeeld.view import CITY, plain

view = widgets.opened("thema", "indicator", "alone", "niveau", "level", "periode", "gebied", "many", "tegen")
say = view.words
areas = choosing.chosen(view)
widgets.titled(say, "page.compare", *(area.name for area in areas))
shown = []

st.title(say.t("differ.title"), anchor=False)
widgets.pick_areas(view)
if len(areas) < 2:
    widgets.beginnings(view)
else:
    widgets.pick_reference(view)
    told = differences.summary(view)
    for column, (heading, lines) in zip(st.columns(len(told)), told, strict=True):
        with column:
            st.header(plain(heading), anchor=False)
            st.markdown(lines)
    st.html(differences.table(view, headlines=True))
    minded = [say.t("differ.bars", area=areas[0].name), *choosing.overlaps(view)]
    widgets.note("  \n".join([*map(plain, minded), view.method("apart")]))
    shown += [figure for row in differences.rows(view) for figure in row.figures if figure]

if areas and areas[0].level != CITY:
    levels = view.catalogue.levels[areas[0].level].plural.get(say.lang)
    st.header(plain(say.t("alike.title", area=areas[0].name, levels=levels.capitalize())), anchor=False)
    shown += widgets.alike(view, areas[0])

st.header(say.t("relation.title"), anchor=False)
shown += widgets.scatter(view if "niveau" in selection.read() else choosing.at_level(view))

if len(areas) > 1:
    st.header(say.t("differ.rest"), anchor=False)
    st.html(differences.table(view, headlines=False))

widgets.source_note(view, shown)
