"""The map page drawn the plain way: what one would write first, for `reruns.py` to measure ours against.

Shapes inline from geopandas and a table; with PLAIN_CHARTS=1 also a legend as a chart of st.altair_chart, and the
city's years as st.line_chart. Our own page has its legend with counts as a table of its own, and no line.
"""

import os

import altair as alt
import duckdb
import geopandas
import pandas as pd
import pydeck as pdk
import shapely
import streamlit as st

COLOURS = [[215, 232, 168], [132, 199, 164], [42, 157, 181], [27, 101, 147], [11, 22, 87]]

mart = duckdb.connect(os.environ["PLAIN_MART"], read_only=True)
indicators = mart.execute("SELECT id, title_nl FROM indicator ORDER BY id").fetchall()
titles = dict(indicators)
asked = st.query_params.get("indicator", "home_value")
indicator = st.selectbox("Onderwerp", list(titles), index=list(titles).index(asked), format_func=lambda id: titles[id])

rows = mart.execute(
    """SELECT figure.code, figure.name, figure.value, figure.status, area_now.geometry
       FROM figure JOIN area_now USING (code)
       WHERE indicator = ? AND figure.level = 'buurt' AND period = (
           SELECT max(period) FROM figure WHERE indicator = ? AND level = 'buurt' AND value IS NOT NULL)""",
    [indicator, indicator],
).df()
areas = geopandas.GeoDataFrame(
    rows.drop(columns="geometry"), geometry=[shapely.from_wkb(bytes(wkb)) for wkb in rows["geometry"]], crs=4326
)
classes = pd.qcut(areas["value"], 5, labels=False, duplicates="drop")
areas["fill"] = [COLOURS[int(c)] if pd.notna(c) else [200, 200, 200] for c in classes]
layer = pdk.Layer("GeoJsonLayer", data=areas.__geo_interface__, get_fill_color="properties.fill", pickable=True)
view = pdk.ViewState(longitude=5.08, latitude=52.085, zoom=10.9)
st.pydeck_chart(pdk.Deck(layers=[layer], map_provider=None, initial_view_state=view), on_select="rerun", key="map")
charts = os.environ["PLAIN_CHARTS"] == "1"
if charts:
    st.altair_chart(alt.Chart(areas[["value"]]).mark_bar().encode(x=alt.X("value", bin=True), y="count()"))
if charts:
    years = mart.execute(
        "SELECT period, value FROM figure WHERE indicator = ? AND level = 'gemeente' ORDER BY period", [indicator]
    ).df()
    st.line_chart(years.set_index("period"))
st.selectbox("Buurt", list(areas["name"]), index=None)
st.dataframe(areas[["name", "value", "status"]])
