"""Pieces that two or more pages use: a page calls them as `widgets.…`."""

from buurtbeeld.widgets.cards import chosen_area, found_area, headline
from buurtbeeld.widgets.choices import (
    pick_area,
    pick_areas,
    pick_indicator,
    pick_level,
    pick_period,
    pick_span,
    pick_theme,
)
from buurtbeeld.widgets.drawings import (
    beside,
    change_map,
    hidden_title,
    legend_of_change,
    lines,
    place_map,
    reading,
    small_trend,
    value_map,
)
from buurtbeeld.widgets.frame import all_pages, footer, header, link, note, opened, readable
from buurtbeeld.widgets.mapbar import map_bar
from buurtbeeld.widgets.notes import about, addresses, downloads, share, source_note, table
from buurtbeeld.widgets.search import finder, themes

__all__ = [
    "about",
    "addresses",
    "all_pages",
    "beside",
    "change_map",
    "chosen_area",
    "downloads",
    "finder",
    "footer",
    "found_area",
    "header",
    "headline",
    "hidden_title",
    "legend_of_change",
    "lines",
    "link",
    "map_bar",
    "note",
    "opened",
    "pick_area",
    "pick_areas",
    "pick_indicator",
    "pick_level",
    "pick_period",
    "pick_span",
    "pick_theme",
    "place_map",
    "readable",
    "reading",
    "share",
    "small_trend",
    "source_note",
    "table",
    "themes",
    "value_map",
]
