"""OGC SensorThings: sets of entities, in pages. What servers make of it differs most at the edges:

- A page holds at most 200 entities on one server, 100 or 1,000 on another, however many are asked for. `@iot.nextLink`
  says that there are more, but may lose the options of the question; so pages are asked for by `$skip`.
- GOST answers 504 after half a minute where there is nothing: for an empty set, and for a page after the last. A
  second 504 means that.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from loaders.http import Http, NothingError
from loaders.readings import point_of

PAGE = 200
MAX_PAGES = 100

Entity = dict[str, Any]


def entities(
    http: Http, host: str, path: str, params: Mapping[str, str] | None = None, *, label: str, most: int | None = None
) -> Iterator[Entity]:
    """Every entity of a set, or the first `most`. `params` are options such as $filter; not $top and $skip.

    Raises LoadError for what is no page of entities, and for pages without end.
    """
    skip, first = 0, None
    for _ in range(MAX_PAGES):
        top = PAGE if most is None else min(PAGE, most - skip)
        asked = {**(params or {}), "$top": str(top), "$skip": str(skip)}
        try:
            answer = http.get(host, path, asked, label=label, nothing=504)
        except NothingError:
            return
        body = answer.json()
        page = body.get("value")
        if not isinstance(page, list) or not all(isinstance(entity, dict) for entity in page):
            raise answer.problem("sent JSON without a list of entities")
        if page and page[0] == first:
            break
        yield from page
        skip += len(page)
        if not page or skip == most or (len(page) < top and "@iot.nextLink" not in body):
            return
        first = page[0]
    raise answer.problem("leads from page to page without end")


def place(thing: Entity) -> tuple[float, float] | None:
    """Longitude and latitude of a Thing that was asked for with its Locations; None when it has none in the country."""
    locations = thing.get("Locations")
    newest = locations[0] if isinstance(locations, list) and locations else {}
    return point_of(newest.get("location")) if isinstance(newest, dict) else None


def unit(datastream: Entity) -> str | None:
    """The symbol of what a Datastream measures in, as published."""
    measured = datastream.get("unitOfMeasurement")
    symbol = measured.get("symbol") if isinstance(measured, dict) else None
    return str(symbol) if symbol else None
