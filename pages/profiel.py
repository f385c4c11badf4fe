"""One area: its headline figures beside its wijk, the city and all other areas, where it lies, and how it went."""

import streamlit as st

from buurtbeeld import profile, widgets
from buurtbeeld.texts import sentences
from buurtbeeld.view import plain

view = widgets.opened()
say = view.words
area = view.offer.areas[view.choice.area] if view.choice.area else view.city

text, finding = st.columns([2, 1], gap="medium")
with finding:
    widgets.pick_area(view, None, say.t("pick.any"))
    widgets.link("vergelijken", say.t("go.compare"), gebied=area.code)
with text:
    st.title(plain(area.name), anchor=False)

rows = profile.rows(view, area)
headlines = [row for row in rows if row.indicator.headline]
with text:
    st.markdown(plain(sentences.together([row.own for row in headlines[:3]], view.catalogue, say)))
with finding:
    widgets.place_map(view, area)

st.header(say.t("profile.short"), anchor=False)
for start in range(0, len(headlines), 3):
    for column, row in zip(st.columns(3), headlines[start : start + 3], strict=False):
        with column, st.container(border=True, height="stretch"):
            widgets.headline(view, row, area)

widgets.against_goals(view, area)

trends = profile.trends(view, area)
if trends:
    st.header(say.t("profile.trend"), anchor=False)
for start in range(0, len(trends), 3):
    for column, trend in zip(st.columns(3), trends[start : start + 3], strict=False):
        with column, st.container(border=True, height="stretch"):
            widgets.small_trend(view, trend, area)

st.header(say.t("profile.all"), anchor=False)
st.markdown(profile.table(view, area, rows))

widgets.source_note(view, [row.own for row in rows] + [figure for trend in trends for figure in trend.figures])
