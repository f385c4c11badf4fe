"""Figures made by hand, and the sample as a page sees it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from buurtbeeld import queries, selection
from buurtbeeld.catalogue import SHOWN, Catalogue, Figure, Indicator, Status, load
from buurtbeeld.settings import read
from buurtbeeld.store import Mart, Store
from buurtbeeld.texts import words
from buurtbeeld.view import View

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{text} {name}",
    "a\u2028b\n`c`",
    "'; DROP--",
    "\x00",
)


def indicator(id: str = "home_value") -> Indicator:
    """An indicator of the project's own catalogue."""
    return load().indicators[id]


def figure(value: float | None, status: Status | None = None, *, code: str = "BU03440111", **others: Any) -> Figure:
    """A figure of `home_value` in 2024. Without a value its status is reason_unknown, unless another is given."""
    status = status or (Status.OK if value is not None else Status.REASON_UNKNOWN)
    made = Figure(
        code, code, "buurt", "home_value", date(2024, 1, 1), "year", value, None, None, None, "euro",
        status, False, 2024, False, "cbs_key_figures", True, False,
    )  # fmt: skip
    return replace(made, **others)


def series(values: Sequence[float | Status | None], **others: Any) -> tuple[Figure, ...]:
    """A figure for every value or status, in areas BU03440001, BU03440002, …"""
    return tuple(
        figure(None, value, code=f"BU0344{place:04}", **others)
        if isinstance(value, Status)
        else figure(value, code=f"BU0344{place:04}", **others)
        for place, value in enumerate(values, start=1)
    )


def city(value: float | None, **others: Any) -> Figure:
    """The figure of the gemeente."""
    return figure(value, code="GM0344", **{"name": "Utrecht", "level": "gemeente"} | others)


HIDDEN = tuple(status for status in Status if status not in SHOWN)


def mart_of(data_dir: Path, gemeente: str = "GM0344") -> Mart:
    """The mart published in `data_dir`."""
    return Store(read({"DATA_DIR": str(data_dir), "GEMEENTE": gemeente})).current()


def offer_of(mart: Mart, catalogue: Catalogue) -> selection.Offer:
    """What a mart has to choose from."""
    kinds = mart.ask(queries.place_kinds)
    sensors = mart.ask(queries.sensor_kinds)
    return mart.keep(
        ("offer of a test", id(catalogue)),
        lambda: selection.offer(mart.ask(queries.held), mart.ask(queries.areas), catalogue, kinds, sensors),
    )


def view_of(mart: Mart, **params: str) -> View:
    """What a page works with when its address has these parameters."""
    return _view(mart, offer_of(mart, load()), params)


def whole_view_of(mart: Mart, **params: str) -> View:
    """The same of a page that needs no map."""
    return _view(mart, offer_of(mart, load()).whole, params)


def _view(mart: Mart, offer: selection.Offer, params: dict[str, str]) -> View:
    catalogue = load()
    return View(mart, catalogue, offer, selection.choose(params, offer, catalogue), words(selection.language(params)))
