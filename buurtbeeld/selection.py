"""The visitor's choice ↔ the address. The address is the only place it is kept, and only this module writes it.

Addresses hold ids in Dutch words, never labels. What is unknown or hostile is ignored, and a sentence says so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import streamlit as st

from buurtbeeld.catalogue import WAYS, Catalogue, Way
from buurtbeeld.combining import MOST_PARTS, PART_LEVEL
from buurtbeeld.queries import Area, Held
from buurtbeeld.statistics.classes import CLASSES, METHODS
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
    "volgorde",
    "weergave",
    "tegen",
)
ORDERS = ("naam", "waarde")  # of a table; the first is the usual one
FIRST_INDICATOR = "home_value"
FIRST_AGAINST = "population_density"  # what that is set against: counted too, and not made from it
FIRST_LEVEL = "buurt"
FIRST_CLASSES = "rounded-5"
MOST_AREAS = 4


@dataclass(frozen=True)
class Offer:
    """What there is to choose from in one build."""

    areas: Mapping[str, Area]
    held: Mapping[str, Mapping[str, tuple[date, ...]]]  # indicator → level → periods with a value, oldest first
    themes: Mapping[str, tuple[str, ...]]  # theme → its indicators, in the catalogue's order


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
    order: str
    against: str  # the indicator that the other is set against; it may lack the level, or be the same
    way: Way = "waarde"
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


def offer(held: Sequence[Held], areas: Sequence[Area], catalogue: Catalogue) -> Offer:
    """What a mart offers. Levels of which there is only one area (the gemeente) are no map, and are left out."""
    levels: dict[str, dict[str, tuple[date, ...]]] = {}
    for row in held:
        if row.indicator in catalogue.indicators:
            levels.setdefault(row.indicator, {})[row.level] = row.periods
    themes: dict[str, tuple[str, ...]] = {}
    for theme in catalogue.themes:
        mine = tuple(i for i in levels if catalogue.indicators[i].theme == theme and set(levels[i]) - {"gemeente"})
        if mine:
            themes[theme] = mine
    return Offer({area.code: area for area in areas}, levels, themes)


def language(params: Mapping[str, str]) -> str:
    """The language asked for; Dutch unless another that we have."""
    return params.get("taal", "") if params.get("taal") in LANGUAGES else LANGUAGES[0]


def choose(params: Mapping[str, str], offer: Offer, catalogue: Catalogue) -> Selection:
    """What `params` ask for, as far as it exists in `offer`. Raises LookupError when nothing is offered."""
    if not offer.themes:
        raise LookupError("the mart has no figures")
    notices: list[tuple[str, str]] = []
    if params.get("taal", LANGUAGES[0]) not in LANGUAGES:
        notices.append(("ignored.taal", _shortened(params["taal"])))

    def pick(param: str, allowed: Sequence[str], otherwise: str) -> str:
        asked = params.get(param)
        if asked is None or asked in allowed:
            return asked if asked is not None else otherwise
        notices.append((f"ignored.{param}", _shortened(asked)))
        return otherwise

    mapped = [i for indicators in offer.themes.values() for i in indicators]
    theme = pick("thema", list(offer.themes), "")
    first = FIRST_INDICATOR if FIRST_INDICATOR in mapped else mapped[0]
    if theme:
        first = first if first in offer.themes[theme] else offer.themes[theme][0]
    indicator = pick("indicator", mapped, first)
    theme = next(name for name, indicators in offer.themes.items() if indicator in indicators)

    levels = [level for level in offer.held[indicator] if level != "gemeente"]
    # A figure that is not published for the level the visitor was looking at is shown at the level it has.
    wanted = params.get("niveau")
    known = {area.level for area in offer.areas.values()}
    if wanted is not None and wanted not in known - {"gemeente"}:
        notices.append(("ignored.niveau", _shortened(wanted)))
    level = wanted if wanted in levels else (FIRST_LEVEL if FIRST_LEVEL in levels else levels[-1])
    if wanted in known - {"gemeente", level}:
        notices.append(("ignored.level", catalogue.levels[wanted].singular.get(language(params))))

    grain = catalogue.indicators[indicator].grain
    written = {period_id(period, grain): period for period in offer.held[indicator][level]}
    period = written[pick("periode", list(written), list(written)[-1])]
    earlier = {id: start for id, start in written.items() if start < period}
    since = earlier.get(pick("van", list(earlier), next(iter(earlier), "")))

    areas, ignored = _several(params.get("gebied", ""), offer.areas, MOST_AREAS)
    notices += [pair for pair in zip(("ignored.gebied", "ignored.many"), ignored, strict=True) if pair[1]]
    buurten = {area.code for area in offer.areas.values() if area.level == PART_LEVEL}
    own, ignored = _several(params.get("eigen", ""), buurten, MOST_PARTS)
    notices += [
        (key, value) for key, value in zip(("ignored.eigen", "ignored.many_own"), ignored, strict=True) if value
    ]

    other = next(
        (id for id in (FIRST_AGAINST, FIRST_INDICATOR, *mapped) if id in mapped and id != indicator), indicator
    )

    classes = pick("klassen", [f"{method}-{k}" for method in METHODS for k in CLASSES], FIRST_CLASSES)
    return Selection(
        lang=language(params),
        theme=theme,
        indicator=indicator,
        level=level,
        period=period,
        since=since,
        areas=areas,
        own=own,
        classes=classes,
        order=pick("volgorde", ORDERS, ORDERS[0]),
        way=cast(Way, pick("weergave", WAYS, WAYS[0])),
        against=pick("tegen", mapped, other),
        notices=tuple(notices),
    )


def _several(text: str, known: Collection[str], most: int) -> tuple[tuple[str, ...], tuple[str, str]]:
    """The known codes of a list, each once, at most `most`; and what to say of unknown ones and of too many."""
    codes = [code.strip() for code in text.split(",") if code.strip()]
    unknown = _shortened(", ".join(code for code in codes if code not in known))
    found = tuple(dict.fromkeys(code for code in codes if code in known))
    return found[:most], (unknown, str(most) if len(found) > most else "")


def period_id(period: date, grain: str) -> str:
    """A period as addresses write it: 2024, 2024-03 or 2024-03-05."""
    return f"{period:{ {'year': '%Y', 'month': '%Y-%m', 'day': '%Y-%m-%d'}[grain] }}"


def address(**changes: str | None) -> dict[str, str]:
    """The parameters of the present address with `changes`; None takes one out. Order and names are fixed by PARAMS."""
    now = {key: value for key, value in read().items() if key in PARAMS} | changes
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
