"""Pieces that two or more pages use: a page calls them as `widgets.…`."""

from buurtbeeld.widgets.cards import chosen_area, found_area
from buurtbeeld.widgets.choices import (
    pick_area,
    pick_areas,
    pick_indicator,
    pick_level,
    pick_period,
    pick_span,
    pick_theme,
    pick_theme_page,
    pick_way,
)
from buurtbeeld.widgets.drawings import (
    against_goals,
    change_map,
    goals_and_measures,
    hidden_title,
    legend_of,
    lines,
    place_map,
    reading,
    small_charts,
    value_map,
)
from buurtbeeld.widgets.frame import all_pages, footer, header, link, note, opened, readable
from buurtbeeld.widgets.notes import about, addresses, downloads, share, source_note, table
from buurtbeeld.widgets.portrait import findings, headlines, introduction
from buurtbeeld.widgets.portrait_tables import beside_each_other, small_trends, theme_figures
from buurtbeeld.widgets.search import finder, themes

__all__ = [
    "about",
    "addresses",
    "against_goals",
    "all_pages",
    "beside_each_other",
    "change_map",
    "chosen_area",
    "downloads",
    "finder",
    "findings",
    "footer",
    "found_area",
    "goals_and_measures",
    "header",
    "headlines",
    "hidden_title",
    "introduction",
    "legend_of",
    "lines",
    "link",
    "note",
    "opened",
    "pick_area",
    "pick_areas",
    "pick_indicator",
    "pick_level",
    "pick_period",
    "pick_span",
    "pick_theme",
    "pick_theme_page",
    "pick_way",
    "place_map",
    "readable",
    "reading",
    "share",
    "small_charts",
    "small_trends",
    "source_note",
    "table",
    "theme_figures",
    "themes",
    "value_map",
]
