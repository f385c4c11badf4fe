"""The rules for believing readings, as the tables that the SQL of the rollups works with.

Numbers of ours that the catalogue doesn't have stand here, with why.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from buurtbeeld.catalogue.sensing import Quantity, SensorKind

ENOUGH = 0.75  # of the readings of an hour, and of the hours of a day
SPIKE_OF = 5  # readings of an hour, from which on one can be far from the others
LOOK_BACK = 19  # hours before the first of a day; with it twenty, the most that `stuck` may be
LEAST_STARS = 3  # a reading with fewer, of five, is one that its publisher doubts
DRIFT_OTHERS = 3  # sensors that one is compared with, at least: of fewer, who is right can't be told
DRIFT_HOURS = 6  # hours that a day has to have before a sensor is said to be beside the others for most of it
HUMIDITY = "humidity"  # the quantity that damp is known from


def names(quantities: Iterable[Quantity], source: str) -> dict[str, tuple[Quantity, float]]:
    """What a source calls quantities -> the quantity, and by what its numbers are multiplied.

    A quantity that doesn't say what the source calls it goes by its id, unless the source calls another one so.
    """
    received = [quantity for quantity in quantities if quantity.share is None]
    read = {
        name.quantity: (quantity, float(name.scale))
        for quantity in received
        for name in quantity.read
        if name.source == source
    }
    said = {quantity.id for quantity, _ in read.values()}
    return {quantity.id: (quantity, 1.0) for quantity in received if quantity.id not in said} | read


def kind_of(quantity: str, kinds: Mapping[str, SensorKind]) -> str | None:
    """The kind that what measures a quantity is taken for where nobody says: the first fixed one that is no station."""
    fixed = (kind for kind in kinds.values() if not kind.reference and not kind.moving)
    return next((kind.id for kind in fixed if quantity in kind.quantities), None)


def of_readings(quantities: Iterable[Quantity], source: str) -> list[dict[str, Any]]:
    """The table `rule` of hours.sql."""
    return [
        {
            "name": name,
            "quantity": quantity.id,
            "scale": scale,
            "lowest": float(quantity.believed[0]),
            "low": float(quantity.low),
            "high": float(quantity.high),
            "highest": float(quantity.believed[1]),
            "jump": None if quantity.jump is None else float(quantity.jump),
        }
        for name, (quantity, scale) in sorted(names(quantities, source).items(), key=lambda item: item[0])
    ]


def quantiles(quantities: Iterable[Quantity], source: str) -> list[float]:
    """What is taken of the readings of an hour; of what is left over few is many, so then the low end too."""
    everything = list(quantities)
    left = {quantity.share.rest for quantity in everything if quantity.share}
    needed = any(quantity.id in left for quantity, _ in names(everything, source).values())
    return [0.5, 0.95, *([0.05] if needed else [])]


def of_hours(quantities: Iterable[Quantity]) -> list[dict[str, Any]]:
    """The table `rule` of areas.sql."""
    return [
        {
            "quantity": quantity.id,
            "low": float(quantity.low),
            "high": float(quantity.high),
            "jump": None if quantity.jump is None else float(quantity.jump),
            "stuck": quantity.stuck,
            "humid": None if quantity.humid is None else float(quantity.humid),
            "drift_factor": float(quantity.drift.factor) if quantity.drift else None,
            "drift_least": float(quantity.drift.least) if quantity.drift else None,
            "calibrated": quantity.calibrated,
            "per_hour": quantity.per_hour,
            "events": quantity.events,
            "least": quantity.least,
            "share_taken": quantity.share.taken if quantity.share else None,
            "share_rest": quantity.share.rest if quantity.share else None,
            "share_whole": quantity.share.whole if quantity.share else None,
        }
        for quantity in sorted(quantities, key=lambda quantity: quantity.id)
    ]


def of_kinds(kinds: Mapping[str, SensorKind]) -> list[dict[str, Any]]:
    """The table `kind_quantity` of areas.sql, with which kinds are of reference."""
    return [
        {"kind": kind.id, "quantity": quantity, "is_reference": kind.reference}
        for kind in sorted(kinds.values(), key=lambda kind: kind.id)
        for quantity in kind.quantities
    ]


CLOCK = pa.schema([("hour", pa.timestamp("us")), ("day", pa.date32()), ("local_hour", pa.uint8()), ("due", pa.int32())])
READING_RULE = pa.schema(
    [(name, pa.string()) for name in ("name", "quantity")]
    + [(name, pa.float64()) for name in ("scale", "lowest", "low", "high", "highest", "jump")]
)
HOUR_RULE = pa.schema(
    [("quantity", pa.string())]
    + [(name, pa.float64()) for name in ("low", "high", "jump")]
    + [("stuck", pa.int32())]
    + [(name, pa.float64()) for name in ("humid", "drift_factor", "drift_least")]
    + [("calibrated", pa.bool_()), ("per_hour", pa.int32()), ("events", pa.bool_()), ("least", pa.int32())]
    + [(name, pa.string()) for name in ("share_taken", "share_rest", "share_whole")]
)
KIND_RULE = pa.schema([("kind", pa.string()), ("quantity", pa.string()), ("is_reference", pa.bool_())])


def constants() -> dict[str, Any]:
    """The numbers above, by the names of the variables in the SQL."""
    return {
        "enough": ENOUGH,
        "spike_of": SPIKE_OF,
        "look_back": LOOK_BACK,
        "drift_others": DRIFT_OTHERS,
        "drift_hours": DRIFT_HOURS,
        "humidity": HUMIDITY,
    }
