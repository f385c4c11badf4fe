"""The visitor's choice ↔ the address. The address is the only place it is kept, and only this module writes it.

Addresses hold ids in Dutch words, never labels. What is unknown or hostile is ignored, and a sentence says so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

import streamlit as st

from buurtbeeld.catalogue import WAYS, Catalogue, Way
from buurtbeeld.combining import MOST_PARTS, PART_LEVEL
from buurtbeeld.queries import Area, Held
from buurtbeeld.statistics.classes import CITY, CLASSES, METHODS, usual
from buurtbeeld.texts import LANGUAGES

PARAMS = (
    "taal",
    "thema",
    "indicator",
    "niveau",
    "periode",
    "van",
    "gebied",
    "eigen",
    "klassen",
    "vast",
    "naast",
    "volgorde",
    "weergave",
    "tegen",
    "zoom",
    "plekken",
    "deel",
    "stof",
    "sensor",
    "ververs",
)
YES, NO = ("ja",), ("nee",)
# The parts of the page of now: as the address says it → group of kinds of sensors.
PARTS = {"lucht": "air", "containers": "containers", "parkeren": "parking", "fietsen": "bicycles"}
ORDERS = ("naam", "waarde")  # of a table; the first is the usual one
FIRST_INDICATOR = "home_value"
FIRST_AGAINST = "population_density"  # what that is set against: counted too, and not made from it
FIRST_LEVEL = "buurt"
MOST_AREAS = 4
MOST_ZOOM = 4  # steps; each draws the map twice as large
# A method alone has as many classes as suit the number of areas.
ZOOMS = tuple(str(step) for step in range(1, MOST_ZOOM + 1))
CLASSES_WRITTEN = (*METHODS, *(f"{method}-{k}" for method in METHODS for k in CLASSES))


@dataclass(frozen=True)
class Offer:
    """What there is to choose from in one build."""

    areas: Mapping[str, Area]
    held: Mapping[str, Mapping[str, tuple[date, ...]]]  # indicator → level → periods with a value, oldest first
    themes: Mapping[str, tuple[str, ...]]  # theme → its indicators that have a map, in the catalogue's order
    every: Mapping[str, tuple[str, ...]]  # the same, with those that only the gemeente as a whole has
    places: tuple[str, ...] = ()  # the kinds of place that can be shown, in the catalogue's order
    sensors: Mapping[str, str] = field(default_factory=dict)  # `source/id` of each sensor → its group of kinds

    @property
    def whole(self) -> "Offer":
        """The same for a page that needs no map: what only the gemeente has can be chosen too."""
        return replace(self, themes=self.every)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the page of now that have sensors, as the address says it."""
        there = set(self.sensors.values())
        return tuple(part for part, group in PARTS.items() if group in there)


@dataclass(frozen=True)
class Selection:
    """What the visitor chose, always something that exists. `notices`: (key of a text, value) of what was ignored."""

    lang: str
    theme: str
    indicator: str
    level: str
    period: date
    since: date | None  # the earlier period of a change, None where there is one period only
    areas: tuple[str, ...]
    own: tuple[str, ...]  # the buurten of an area of one's own
    classes: str
    fixed: bool  # whether classes are those of all periods together, so that a colour means the same in each
    beside: str | None  # the indicator of a second map
    order: str
    against: str  # the indicator that the other is set against; it may lack the level, or be the same
    zoom: int = 0  # steps from the whole city to what is drawn; nothing is further in than `MOST_ZOOM`
    way: Way = "waarde"
    places: str | None = None  # the kind of place that is shown on the map
    part: str = next(iter(PARTS))  # of the page of now
    quantity: str | None = None  # that is looked at there
    sensor: str | None = None  # `source/id`
    still: bool = False  # whether that page is not to refresh itself
    notices: tuple[tuple[str, str], ...] = ()

    @property
    def area(self) -> str | None:
        """The area that was chosen last."""
        return self.areas[-1] if self.areas else None

    @property
    def method(self) -> tuple[str, int]:
        """Class method and number of classes."""
        method, _, k = self.classes.rpartition("-")
        return method, int(k)


def offer(
    held: Sequence[Held],
    areas: Sequence[Area],
    catalogue: Catalogue,
    kinds: Collection[str] = (),
    sensors: Mapping[str, str] | None = None,
) -> Offer:
    """What a mart offers. Levels of which there is only one area (the gemeente) are no map, and are left out.

    kinds: of the places that the mart has; one that the catalogue has no words for is left out too. sensors: the kind
    of each, by `source/id`, of which the same holds.
    """
    levels: dict[str, dict[str, tuple[date, ...]]] = {}
    for row in held:
        if row.indicator in catalogue.indicators:
            levels.setdefault(row.indicator, {})[row.level] = row.periods
    every = {theme: tuple(i for i in levels if catalogue.indicators[i].theme == theme) for theme in catalogue.themes}
    themes = {theme: tuple(i for i in mine if set(levels[i]) - {"gemeente"}) for theme, mine in every.items()}
    every, themes = ({theme: mine for theme, mine in found.items() if mine} for found in (every, themes))
    places = tuple(kind for kind in catalogue.places if kind in kinds)
    known = catalogue.sensor_kinds
    groups = {id: known[kind].group for id, kind in (sensors or {}).items() if kind in known}
    return Offer({area.code: area for area in areas}, levels, themes, every, places, groups)


def language(params: Mapping[str, str]) -> str:
    """The language asked for; Dutch unless another that we have."""
    return params.get("taal", "") if params.get("taal") in LANGUAGES else LANGUAGES[0]


class _Asked:
    """The parameters of an address, and a notice for each that is not followed."""

    def __init__(self, params: Mapping[str, str]) -> None:
        self.params = params
        self.notices: list[tuple[str, str]] = []

    def ignore(self, what: str, value: str) -> None:
        self.notices.append((f"ignored.{what}", _shortened(value)))

    def pick(self, param: str, allowed: Collection[str], otherwise: str) -> str:
        """What is asked for, as far as it is allowed."""
        asked = self.params.get(param)
        if asked is None or asked in allowed:
            return asked if asked is not None else otherwise
        self.ignore(param, asked)
        return otherwise

    def several(self, param: str, known: Collection[str], most: int, too_many: str) -> tuple[str, ...]:
        """The known codes of a list, each once, no more than fit; too_many: what to say where there are more."""
        codes = [code.strip() for code in self.params.get(param, "").split(",") if code.strip()]
        codes = [code.upper() if code.upper() in known else code for code in codes]
        if unknown := [code for code in codes if code not in known]:
            self.ignore(param, ", ".join(unknown))
        found = tuple(dict.fromkeys(code for code in codes if code in known))
        if len(found) > most:
            self.ignore(too_many, str(most))
        return found[:most]


def choose(params: Mapping[str, str], offer: Offer, catalogue: Catalogue) -> Selection:
    """What `params` ask for, as far as it exists in `offer`. Raises LookupError when nothing is offered."""
    if not offer.themes:
        raise LookupError("the mart has no figures")
    lang = language(params)
    asked = _Asked(params)
    if params.get("taal", lang) != lang:
        asked.ignore("taal", params["taal"])

    mapped = [i for indicators in offer.themes.values() for i in indicators]
    theme = asked.pick("thema", list(offer.themes), "")
    first = FIRST_INDICATOR if FIRST_INDICATOR in mapped else mapped[0]
    if theme:
        first = first if first in offer.themes[theme] else offer.themes[theme][0]
    if (alone := params.get("indicator", "")) not in mapped and any(alone in ids for ids in offer.every.values()):
        asked.ignore("alone", catalogue.indicators[alone].title.get(lang))
        indicator = first
    else:
        indicator = asked.pick("indicator", mapped, first)
    level = _level(asked, indicator, offer, catalogue)

    grain = catalogue.indicators[indicator].grain
    written = {period_id(period, grain): period for period in offer.held[indicator][level]}
    period = written[asked.pick("periode", list(written), list(written)[-1])]
    earlier = {id: start for id, start in written.items() if start < period}
    since = earlier.get(asked.pick("van", list(earlier), next(iter(earlier), "")))

    areas = asked.several("gebied", offer.areas, MOST_AREAS, "many")
    buurten = {area.code for area in offer.areas.values() if area.level == PART_LEVEL}
    own = asked.several("eigen", buurten, MOST_PARTS, "many_own")
    classes = _whole(asked.pick("klassen", CLASSES_WRITTEN, METHODS[0]), level, offer)
    if classes.partition("-")[0] not in methods(offer, catalogue, indicator, period):
        about = catalogue.indicators[indicator]
        asked.ignore("part" if about.kind == "count" else "city", about.title.get(lang))
        classes = _whole(METHODS[0], level, offer)
    second = asked.pick("naast", mapped, "")
    if second and level not in offer.held[second]:
        asked.ignore("beside", catalogue.indicators[second].title.get(lang))
        second = ""
    if second == indicator:
        asked.ignore("same", second)
        second = ""
    other = next(
        (id for id in (FIRST_AGAINST, FIRST_INDICATOR, *mapped) if id in mapped and id != indicator), indicator
    )
    sensor = asked.pick("sensor", offer.sensors, "") or None
    mine = next((part for part in offer.parts if sensor and PARTS[part] == offer.sensors[sensor]), "")
    part = asked.pick("deel", list(PARTS), mine or next(iter(offer.parts), next(iter(PARTS))))
    return Selection(
        lang=lang,
        theme=_theme(indicator, offer),
        indicator=indicator,
        level=level,
        period=period,
        since=since,
        areas=areas,
        own=own,
        classes=classes,
        fixed=bool(asked.pick("vast", YES, "")),
        beside=second or None,
        order=asked.pick("volgorde", ORDERS, ORDERS[0]),
        way=cast(Way, asked.pick("weergave", WAYS, WAYS[0])),
        against=asked.pick("tegen", mapped, other),
        zoom=int(asked.pick("zoom", ZOOMS, "0")),
        places=asked.pick("plekken", offer.places, "") or None,
        part=part,
        quantity=asked.pick("stof", list(catalogue.quantities), "") or None,
        sensor=sensor,
        still=bool(asked.pick("ververs", NO, "")),
        notices=tuple(asked.notices),
    )


def _theme(indicator: str, offer: Offer) -> str:
    return next(theme for theme, indicators in offer.themes.items() if indicator in indicators)


def _level(asked: _Asked, indicator: str, offer: Offer, catalogue: Catalogue) -> str:
    """The level of the map: a figure that is not published for the one that was asked is shown at one it has."""
    levels = [level for level in offer.held[indicator] if level != "gemeente"] or ["gemeente"]
    wanted = asked.params.get("niveau")
    known = {area.level for area in offer.areas.values()}
    if wanted is not None and wanted not in known - {"gemeente"}:
        asked.ignore("niveau", wanted)
    level = wanted if wanted in levels else (FIRST_LEVEL if FIRST_LEVEL in levels else levels[-1])
    if wanted in known - {"gemeente", level}:
        asked.ignore("level", catalogue.levels[wanted].singular.get(language(asked.params)))
    return level


def beside(choice: Selection, offer: Offer, catalogue: Catalogue) -> Selection | None:
    """The choice of the second map: another indicator at the same level, in the same period where it has that.

    Otherwise in the period nearest to it, of two as near the newer one; and in round classes where it has no city to be
    compared with.
    """
    if choice.beside is None:
        return None
    periods = offer.held[choice.beside][choice.level]
    period = min(reversed(periods), key=lambda held: abs(held - choice.period))
    method, k = choice.method
    able = method if method in methods(offer, catalogue, choice.beside, period) else METHODS[0]
    return replace(
        choice,
        theme=_theme(choice.beside, offer),
        indicator=choice.beside,
        period=period,
        since=None,
        classes=f"{able}-{k}",
    )


def methods(offer: Offer, catalogue: Catalogue, indicator: str, period: date) -> tuple[str, ...]:
    """The class methods that suit a figure: the distance from the city only where the city has a figure to compare."""
    if catalogue.indicators[indicator].beside_city and period in offer.held[indicator].get("gemeente", ()):
        return METHODS
    return tuple(method for method in METHODS if method != CITY)


def as_classes(method: str, k: int, level: str, offer: Offer) -> str | None:
    """A way of classing as short as an address can say it; None for the usual one."""
    if f"{method}-{k}" != _whole(method, level, offer):
        return f"{method}-{k}"
    return method if method != METHODS[0] else None


def zoomed(choice: Selection, steps: int) -> str | None:
    """So many steps further in than now, or out when negative, as an address says it; None for the whole city."""
    return str(min(max(choice.zoom + steps, 0), MOST_ZOOM) or "") or None


def look_again(choice: Selection, offer: Offer, catalogue: Catalogue) -> dict[str, str | None]:
    """What to change in the address to see the same figure otherwise: by the next class method.

    After the last method the next level, with the first method again.
    """
    able = methods(offer, catalogue, choice.indicator, choice.period)
    method, k = choice.method
    following = able.index(method) + 1
    if following < len(able):
        return {"klassen": as_classes(able[following], k, choice.level, offer)}
    levels = [level for level in offer.held[choice.indicator] if level != "gemeente"]
    level = levels[(levels.index(choice.level) + 1) % len(levels)]
    kept = choice.period in offer.held[choice.indicator][level]
    return {"klassen": None, "niveau": level} | ({} if kept else {"periode": None, "van": None})


def _whole(classes: str, level: str, offer: Offer) -> str:
    """A way of classing with its number of classes."""
    areas = sum(area.level == level for area in offer.areas.values())
    return classes if "-" in classes else f"{classes}-{usual(areas)}"


def period_id(period: date, grain: str) -> str:
    """A period as addresses write it: 2024, 2024-03 or 2024-03-05."""
    return f"{period:{ {'year': '%Y', 'month': '%Y-%m', 'day': '%Y-%m-%d'}[grain] }}"


def address(**changes: str | None) -> dict[str, str]:
    """The parameters of the present address with `changes`; None takes one out. Order and names are fixed by PARAMS."""
    now = {key: value for key, value in read().items() if key in PARAMS} | changes
    if now.get("naast") == now.get("indicator"):
        now["naast"] = None  # what was beside the map is now the map
    return {key: value for key in PARAMS if (value := now.get(key))}


def read() -> dict[str, str]:
    """The parameters of the address, each once."""
    return st.query_params.to_dict()


def repeated() -> tuple[tuple[str, str], ...]:
    """A notice, as in `Selection`, for each parameter that the address holds more than once: the last one counts."""
    names = [name for name in PARAMS if len(st.query_params.get_all(name)) > 1]
    return tuple(("ignored.repeated", name) for name in names)


def change(**changes: str | None) -> None:
    """Changes the address, as one step that the browser's Back undoes."""
    st.query_params.from_dict(address(**changes))


def bind(key: str, value: Any) -> None:
    """Makes the widget `key` show what the address says, also after Back."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def _shortened(text: str) -> str:
    """The beginning, without signs that can't be seen: some of them turn around the words behind them."""
    seen = "".join(sign if sign.isprintable() else " " for sign in text[:40])
    return seen if len(text) <= 40 else f"{seen}…"
