"""One area: what stands out beside the city, its headline figures, every theme, and the areas within it."""

import streamlit as st

from buurtbeeld import profile, selection, widgets
from buurtbeeld.view import CITY, plain

asked = widgets.opened("thema", "gebied")
view = profile.on_page(asked, theme=bool({"thema", "indicator"} & set(selection.read())))
say = view.words
area = view.offer.areas[view.choice.area] if view.choice.area else view.city
rows = profile.rows(view, area)
headlines = profile.headlines(rows)
widgets.titled(say, "page.profile", area.name)

text, finding = st.columns([3, 2], gap="medium")
with text:
    st.title(plain(area.name), anchor=False)
    widgets.introduction(view, area, rows)
with finding:
    widgets.pick_area(view, None, say.t("pick.any"))
    if len(asked.choice.areas) > 1:
        widgets.note(say.t("profile.first", area=plain(area.name)))
    widgets.link("vergelijken", say.t("go.compare"), gebied=",".join(asked.choice.areas) or area.code)
    widgets.place_map(view, area)

if rows and area.level != CITY:
    st.header(say.t("portrait.findings.title"), anchor=False)
    widgets.findings(view, area, rows)
    widgets.summed(view, area)

if headlines:
    st.header(say.t("profile.short"), anchor=False)
    widgets.headlines(view, area, rows)

widgets.against_goals(view, area)

if profile.trends(view, area, headlines):
    st.header(say.t("profile.trend"), anchor=False)
    widgets.small_trends(view, area, headlines)

st.header(say.t("portrait.themes.title"), anchor=False)
widgets.pick_theme_page(view)
widgets.theme_figures(view, area, rows)

widgets.beside_each_other(view, area)

widgets.source_note(view, profile.cited(view, area))
