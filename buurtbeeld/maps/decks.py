"""The deck: which files a map draws and in which order. It names addresses and holds no shapes, so it stays small.

No map provider and no map style: anything else, even `map_style=None`, makes the front end fetch one elsewhere.
"""

import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pydeck as pdk

from buurtbeeld.maps import palettes

# Every area is filled by its colour, and over that by the hatch of what is the matter with it, if anything is.
HATCH = {
    "extensions": [{"@@type": "FillStyleExtension", "proceduralPattern": True}],
    # String keeps pydeck from taking an address for a file of this machine, and a word for a way to look one up.
    "fill_pattern_mapping": pdk.types.String("/assets/hatch.json"),
    "fill_pattern_size_units": pdk.types.String("pixels"),
    "get_fill_pattern": "properties.pattern",
    "get_fill_color": "properties.hatch",
}
WORLD = 512  # pixels around the equator at zoom 0
# How a map moves by hand. Never by the wheel, which it would take away from the page: there are buttons.
# Nor by a double click, which is two clicks on an area.
BUTTONS, STILL = {"scrollZoom": False, "doubleClickZoom": False}, False
# The radius of a place: all of one size, since a place is no number; and how little smaller on a small map, or the ring
# would leave nothing of it.
PLACE_PX, LEAST_SCALE = 5, 0.7
SIGN_PX = 13  # the height of the sign in a sensor
NAME = {"html": "<b>{name}</b>"}
TOOLTIP = {"html": "<b>{name}</b><br>{text}"}  # its looks stand once in the page, not in every message


@dataclass(frozen=True)
class Frame:
    """What a map shows at first: west, south, east, north in degrees."""

    west: float
    south: float
    east: float
    north: float

    def view(self, width: int, height: int, steps: int = 0, centre: tuple[float, float] | None = None) -> pdk.ViewState:
        """The view in which the frame just fits `width` by `height` pixels.

        steps: how often it is drawn twice as large as that. centre: longitude and latitude of what then lies in the
        middle, instead of the middle of the frame.
        """

        def mercator(lat: float) -> float:
            return math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)

        across = math.log2(width / WORLD / ((self.east - self.west) / 360))
        along = math.log2(height / WORLD / (mercator(self.north) - mercator(self.south)))
        longitude, latitude = centre or ((self.west + self.east) / 2, (self.south + self.north) / 2)
        return pdk.ViewState(
            longitude=round(longitude, 4),
            latitude=round(latitude, 4),
            zoom=round(min(across, along) - 0.05 + steps, 2),
        )


def values(
    build: str,
    file: str,
    view: pdk.ViewState,
    *,
    circles: str | None = None,
    borders: str | None = None,
    marked: Sequence[str] = (),
    places: str | None = None,
    scale: float = 1,
    moves: Any = BUTTONS,
    badge: str = "",
    height: int = 0,
) -> pdk.Deck:
    """A map of values. `file`, `circles` and `places` are addresses below /map/<build>/.

    borders: a level whose outlines lie over the areas. marked: codes of the chosen areas. scale: how large circles are
    drawn, of the size in their file. moves: BUTTONS or STILL. A click selects from the layer `pick`, whose id
    ends in the choice: the front end drops a selection whose layer has gone, and with it the dimming of the others. A
    click on one of `places` selects from the layer `places`, named likewise: it has the code of the buurt it lies in.

    badge: what everything simulated wears, written on the map, at the upper edge of one of `height` pixels.
    """
    root = f"/map/{build}"
    shapes = f"{root}/{file}"
    fill = list(palettes.rgb(palettes.GROUND)) if circles else "properties.fill"
    drawn = {"get_line_color": _EDGE, "line_width_min_pixels": 0.7, "get_fill_pattern_background_color": fill}
    layers = [_layer("values", shapes, **drawn, **HATCH)]
    if borders:
        # A dark line alone is lost between two dark areas, and a light one between two light areas.
        layers.append(_outline("halo", f"{root}/borders/{borders}.geojson", _WHITE, 3.4))
        layers.append(_outline("borders", f"{root}/borders/{borders}.geojson", _OUTLINE, 1.4))
    if circles:
        # In pixels: circles keep their size when one zooms in, so that they come apart and the legend stays right.
        round_ = {"get_point_radius": "properties.radius", "point_radius_units": pdk.types.String("pixels")}
        round_ |= {"point_radius_scale": scale} if scale != 1 else {}
        edge = {"get_line_color": "properties.edge", "line_width_min_pixels": 1.5}
        layers.append(_layer("circles", f"{root}/{circles}", get_fill_color="properties.fill", **round_, **edge))
    if marked:
        # One layer for all: a layer of its own for each of four areas would be a third of the message.
        layers.append(_outline("marked", f"{root}/outline/{'_'.join(marked)}.geojson", _MARK, 4))
    # Two bytes will do, and four codes in full would be a fortieth of the message.
    choice = f"{zlib.crc32('-'.join(marked).encode()) % 2**16:x}"
    layers.append(_layer(f"pick-{choice}", shapes, stroked=False, get_fill_color=[0, 0, 0, 0], **_PICK))
    if places:
        dots = {
            "get_point_radius": PLACE_PX * max(scale, LEAST_SCALE),
            "point_radius_units": pdk.types.String("pixels"),
        }
        ring = {"get_line_color": _OUTLINE, "line_width_min_pixels": 2}
        layers.append(_layer(f"places-{choice}", f"{root}/{places}", get_fill_color=_PLACE, **dots, **ring, **_PICK))
    if badge:
        layers.append(_badge(badge, view, height))
    return _deck(layers, view, TOOLTIP, moves)


def own(build: str, view: pdk.ViewState, level: str, codes: Sequence[str], borders: str) -> pdk.Deck:
    """A map on which areas of `level` are put together into one: a click selects one from the layer `pick`.

    codes: the areas that it has now. In the address of their outline stands only what differs between codes of one
    gemeente, so that forty of them fit.
    """
    root = f"/map/{build}"
    places = f"{root}/places/{level}.geojson"
    layers = [
        _layer("places", places, get_fill_color=_GROUND, get_line_color=_EDGE, line_width_min_pixels=0.7),
        _outline("borders", f"{root}/borders/{borders}.geojson", _OUTLINE, 1.6),
    ]
    if codes:
        united = f"{root}/own/{'_'.join(code[SHARED:] for code in sorted(codes))}.geojson"
        inside = {"get_fill_color": [*_MARK, 70], "get_line_color": _MARK, "line_width_min_pixels": 3}
        layers.append(_layer("own", united, **inside))
    choice = f"{zlib.crc32('-'.join(codes).encode()):x}"
    layers.append(_layer(f"pick-{choice}", places, stroked=False, get_fill_color=[0, 0, 0, 0], **_PICK))
    return _deck(layers, view, NAME)


def now(
    build: str,
    view: pdk.ViewState,
    areas: str,
    sensors: str,
    *,
    borders: str,
    hatched: bool = False,
    marked: str = "",
    ring: tuple[float, float] | None = None,
    badge: str = "",
    height: int = 0,
) -> pdk.Deck:
    """A map of sensors over areas. A click selects a sensor from the layer `sensors`, or an area from the layer `pick`.

    areas, sensors: addresses below /map/<build>/. hatched: whether areas have a pattern. marked: the chosen area. ring:
    where the chosen sensor is. The ids of the layers end in the choice, and badge and height are, as in `values`.
    """
    root = f"/map/{build}"
    look = {"get_line_color": _EDGE, "line_width_min_pixels": 0.7}
    fill = {"get_fill_color": "properties.fill"}
    if hatched:
        fill = {"get_fill_pattern_background_color": "properties.fill", **HATCH}
    layers = [
        _layer("areas", f"{root}/{areas}", **look, **fill),
        _outline("borders", f"{root}/borders/{borders}.geojson", _OUTLINE, 1.4),
    ]
    if marked:
        layers.append(_outline("marked", f"{root}/outline/{marked}.geojson", _MARK, 4))
    choice = f"{zlib.crc32(f'{marked}{ring}'.encode()) % 2**16:x}"
    layers.append(_layer(f"pick-{choice}", f"{root}/{areas}", stroked=False, get_fill_color=[0, 0, 0, 0], **_PICK))
    signs = {
        "point_type": pdk.types.String("circle+text"),
        "get_text": "properties.sign",
        "get_text_color": "properties.ink",
        "get_text_size": SIGN_PX,
        "text_character_set": pdk.types.String("auto"),
        "text_font_weight": 700,
    }
    dots = {
        "get_fill_color": "properties.fill",
        "get_point_radius": "properties.radius",
        "point_radius_units": pdk.types.String("pixels"),
        "get_line_color": _OUTLINE,
        "line_width_min_pixels": 1.5,
    }
    if ring:
        at = {"data": [{"position": [round(each, 5) for each in ring]}], "filled": False}
        look = {"get_line_color": _MARK, "radius_min_pixels": 14, "line_width_min_pixels": 4, "stroked": True}
        layers.append(pdk.Layer("ScatterplotLayer", id="ring", **at, **look))
    layers.append(_layer(f"sensors-{choice}", f"{root}/{sensors}", **dots, **signs, **_PICK))
    if badge:
        layers.append(_badge(badge, view, height))
    return _deck(layers, view, TOOLTIP)


SHARED = 6  # signs of a code that all of a gemeente share: what it is, and the gemeente's number
# Without a colour for what the mouse is on: it would stay when the mouse has left, and it is in no legend.
_PICK = {"pickable": True}
_GROUND = list(palettes.rgb(palettes.GROUND))
_EDGE = list(palettes.rgb(palettes.EDGE))
_OUTLINE = list(palettes.rgb(palettes.OUTLINE))
_PLACE = list(palettes.rgb(palettes.PLACE))
_WHITE = list(palettes.rgb(palettes.WHITE))
_MARK = list(palettes.rgb(palettes.MARK))


def _badge(text: str, view: pdk.ViewState, height: int) -> pdk.Layer:
    # By the names that deck.gl looks for by itself, in black on white as it does by itself: the message stays small.
    at = {"position": [view.longitude, view.latitude], "text": text}
    look = {"font_family": pdk.types.String("sans-serif"), "font_weight": 700, "get_size": 15}
    box = {"background": True, "background_padding": [6, 3], "get_pixel_offset": [0, 18 - height // 2]}
    return pdk.Layer("TextLayer", id="badge", data=[at], **look, **box)


def _outline(id: str, url: str, colour: list[int], pixels: float) -> pdk.Layer:
    return _layer(id, url, filled=False, get_line_color=colour, line_width_min_pixels=pixels)


def _layer(id: str, url: str, **options: Any) -> pdk.Layer:
    return pdk.Layer("GeoJsonLayer", id=id, data=url, **options)


class _Deck(pdk.Deck):  # type: ignore[misc]  # pydeck has no types
    def _set_api_keys(self, api_keys: dict[str, str] | None = None) -> None:
        """Nothing: there is no map provider. pydeck would look five times for a package of Jupyter's, on every map."""

    def to_json(self) -> str:
        return self._written

    @cached_property
    def _written(self) -> str:
        # pydeck writes for a reader, with a space for every level: twice the bytes for the same deck.
        return json.dumps(json.loads(super().to_json()), separators=(",", ":"))


def _deck(layers: list[pdk.Layer], view: pdk.ViewState, tooltip: Any, moves: Any = BUTTONS) -> pdk.Deck:
    views = [pdk.View("MapView", controller=moves)]
    return _Deck(layers=layers, views=views, map_provider=None, initial_view_state=view, tooltip=tooltip or False)
