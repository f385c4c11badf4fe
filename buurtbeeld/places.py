"""Places on the map in words: how many lie in the city and in the chosen areas, what they are called, of when it is.

They are what a register holds, so what is counted here are places that are registered, with the day of that register.
"""

from collections import Counter

from buurtbeeld import queries
from buurtbeeld.queries import Place
from buurtbeeld.texts.lists import listed
from buurtbeeld.view import CITY, View, plain

SHOWN = 50


def found(view: View) -> tuple[Place, ...]:
    """The places of the chosen kind, by name; none where no kind is chosen."""
    return view.mart.ask(queries.places, view.choice.places) if view.choice.places else ()


def kind(view: View, id: str, count: int = 2) -> str:
    """What so many places of a kind are called."""
    words = view.catalogue.places[id]
    return (words.singular if count == 1 else words.plural).get(view.words.lang)


def badge(view: View) -> str:
    """What everything simulated wears, where one of the places shown is; else empty."""
    return view.words.t("badge.simulated") if any(place.source in _simulated(view) for place in found(view)) else ""


def _simulated(view: View) -> set[str]:
    return {row.id for row in view.mart.ask(queries.sources) if row.is_simulated}


def told(view: View) -> str:
    """How many of the chosen kind the register has in the city and in each chosen area, and of which day it is."""
    say, chosen, every = view.words, view.choice.places, found(view)
    assert chosen
    used = {place.source for place in every}
    days = {row.retrieved_at.date() for row in view.mart.ask(queries.sources) if row.id in used}
    date = listed([say.day(day) for day in sorted(days)], say)
    name = kind(view, chosen, len(every))
    sentences = [say.n("places.city", len(every), kind=name, city=view.city.name, date=date)]
    for code in view.choice.areas:
        area = view.offer.areas[code]
        if area.level != CITY:
            sentences.append(say.n("places.area", len(inside(view, code)), area=area.name))
    worn = [f"{worn}:"] if (worn := badge(view)) else []
    return plain(" ".join([*worn, *sentences, say.t("places.dot", kind=kind(view, chosen, 1))]))


def names(view: View, code: str) -> str:
    """The places of the chosen kind in an area as a list in Markdown: `SHOWN` names, and then how many places more.

    Places of the same name stand together, since registers give many the name of what they are.
    """
    simulated, worn = _simulated(view), f" ({badge(view)})"
    every = (place.name + (worn if place.source in simulated else "") for place in inside(view, code))
    counts = list(Counter(every).items())
    lines = [plain(name) if count == 1 else f"{plain(name)} ({count}×)" for name, count in counts[:SHOWN]]
    if more := sum(count for _, count in counts[SHOWN:]):
        lines.append(view.words.t("places.more", count=view.words.number(more)))
    return "\n".join(f"- {line}" for line in lines)


def inside(view: View, code: str) -> tuple[Place, ...]:
    """The places of the chosen kind that lie in an area."""
    return tuple(place for place in found(view) if code in _around(view, place.code))


def area_below(view: View, code: str | None) -> str | None:
    """The area of the map's level that `code` is, or that the buurt `code` is part of; `code` where we know of none."""
    areas = view.offer.areas
    return next((each for each in _around(view, code) if areas[each].level == view.choice.level), code)


def _around(view: View, code: str | None) -> tuple[str, ...]:
    """An area and every area that it is part of."""
    areas, members = view.offer.areas, view.mart.ask(queries.members).get(code or "", ())
    chain = []
    while code and code in areas:
        chain.append(code)
        code = areas[code].parent_code
    return (*chain, *(whole for whole in members if whole in areas))
