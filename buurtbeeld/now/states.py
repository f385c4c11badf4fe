"""In which state a sensor is, and since when: its newest readings against the clock.

A page asks again and again, so a state depends on nothing but the mart and a moment. What turns with the clock alone
(a sensor that falls silent) turns at moments of five minutes, so that the page and the file of its map agree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from buurtbeeld.catalogue import Catalogue, SensorKind
from buurtbeeld.queries import Reading, Sensor

STEP = timedelta(minutes=5)
FULL = {"fill": 80.0}  # percent
TAKEN = 90.0  # percent of places
AROUND = ("humidity", "temperature")  # of the air around a sensor: they tell how well it measures the rest
BEGIN = "begin"  # the moment before anything fell silent, as an address says it
_WRITTEN = "%Y%m%dT%H%M"


class State(StrEnum):
    """What a sensor is like: each has its own look and words, and stands in this order in a legend."""

    REFERENCE = "reference"
    OK = "ok"
    FULL = "full"
    DOUBTED = "doubted"
    SILENT = "silent"
    NEVER = "never"


@dataclass(frozen=True)
class Places:
    """The ids of the quantities by which a kind of sensor counts places: all, free, taken, and taken in percent.

    None: it doesn't report that one.
    """

    whole: str
    free: str | None
    taken: str | None
    share: str


@dataclass(frozen=True)
class Seen:
    """A sensor, what it is, and the last reading of each quantity, in the order of its kind.

    places: how it counts places; None when it doesn't.
    """

    sensor: Sensor
    kind: SensorKind
    readings: tuple[Reading, ...]
    places: Places | None = None

    @property
    def key(self) -> str:
        """By which an address names it."""
        return f"{self.sensor.source}/{self.sensor.id}"

    @property
    def newest(self) -> tuple[Reading, ...]:
        """The readings of about its newest message.

        One quantity can stop while the others go on: its last reading is then of as long ago as a silent sensor's, and
        says nothing of now.
        """
        if self.sensor.last_at is None:
            return ()
        since = self.sensor.last_at - timedelta(hours=self.kind.silent)
        return tuple(reading for reading in self.readings if reading.last_at > since)

    @property
    def main(self) -> tuple[Reading, ...]:
        """Of the newest readings those that it is there for: of the air around it only where there is nothing else."""
        return tuple(each for each in self.newest if each.quantity not in AROUND) or self.newest

    def reading(self, quantity: str) -> Reading | None:
        """The last reading of a quantity, of whenever it is."""
        return next((reading for reading in self.readings if reading.quantity == quantity), None)

    def believed(self, quantity: str) -> float | None:
        """The newest value of a quantity; None when there is none, when it stopped, or when it is not believed."""
        reading = next((reading for reading in self.newest if reading.quantity == quantity), None)
        return reading.last_value if reading and not reading.last_reason else None

    @property
    def whole(self) -> float | None:
        """How many places it has."""
        return self.believed(self.places.whole) if self.places else None

    @property
    def free(self) -> float | None:
        """How many places are free, as it counts: never fewer than none."""
        return self.believed(self.places.free) if self.places and self.places.free else None

    @property
    def taken(self) -> float | None:
        """How many places are taken: as that counts, or all less the free ones where only those are."""
        if self.places and self.places.taken:
            return self.believed(self.places.taken)
        free, whole = self.free, self.whole
        return max(whole - free, 0) if free is not None and whole is not None else None

    @property
    def share(self) -> float | None:
        """How much of it is taken, in percent: out of its places, or as the hour has it."""
        if self.places is None:
            return None
        taken, whole = self.taken, self.whole
        if taken is not None and whole:
            return 100 * min(taken, whole) / whole
        return self.believed(self.places.share)


def clock() -> datetime:
    """Now: UTC without zone, as everything in the mart."""
    return datetime.now(UTC).replace(tzinfo=None)


def seen(sensors: Sequence[Sensor], readings: Sequence[Reading], catalogue: Catalogue) -> tuple[Seen, ...]:
    """Every sensor of a kind that the catalogue knows."""
    mine: dict[tuple[str, str], list[Reading]] = {}
    for reading in readings:
        if reading.quantity in catalogue.quantities:
            mine.setdefault((reading.source, reading.sensor), []).append(reading)
    found = []
    for sensor in sensors:
        if kind := catalogue.sensor_kinds.get(sensor.kind):
            order = {quantity: place for place, quantity in enumerate(kind.quantities)}
            own = [each for each in mine.get((sensor.source, sensor.id), ()) if each.quantity in order]
            own.sort(key=lambda each: order[each.quantity])
            found.append(Seen(sensor, kind, tuple(own), places(kind, catalogue)))
    return tuple(found)


def places(kind: SensorKind, catalogue: Catalogue) -> Places | None:
    """How a kind of sensor counts places, from the share that the catalogue has of it; None when it doesn't.

    A publisher that gives both free and taken places has a share of the taken ones. Of its quantities the free ones
    are then what is left in the same unit.
    """
    for id in kind.quantities:
        if share := catalogue.quantities[id].share:
            unit, known = catalogue.quantities[share.whole].unit, (id, share.whole, share.taken)
            left = (each for each in kind.quantities if catalogue.quantities[each].unit == unit and each not in known)
            return Places(share.whole, share.rest or next(left, None), share.taken, id)
    return None


def silent_from(each: Seen) -> datetime | None:
    """When a sensor is silent if nothing more comes, on a whole step; None when it never said anything."""
    if each.sensor.last_at is None:
        return None
    end = each.sensor.last_at + timedelta(hours=each.kind.silent)
    late = timedelta(minutes=end.minute, seconds=end.second, microseconds=end.microsecond) % STEP
    return end + (STEP - late if late else timedelta())


def ends(every: Iterable[Seen]) -> tuple[datetime, ...]:
    """The moments at which sensors fall silent, in order. Between two of them nothing changes by the clock alone."""
    return tuple(sorted({end for each in every if (end := silent_from(each)) is not None}))


def written(at: datetime | None) -> str:
    """A moment as an address says it."""
    return at.strftime(_WRITTEN) if at else BEGIN


def read(text: str, every: Sequence[Seen]) -> datetime | None:
    """The moment that an address says. Raises LookupError when nothing fell silent then: no other has a map."""
    if text == BEGIN:
        return None
    return {written(end): end for end in ends(every)}[text]


def state(each: Seen, at: datetime | None, catalogue: Catalogue) -> State:
    """The state of a sensor at a moment of `ends`; None: before all of them."""
    end = silent_from(each)
    if end is None:
        return State.NEVER
    if at is not None and end <= at:
        return State.SILENT
    if not any(fine(reading, catalogue) for reading in each.main):
        return State.DOUBTED
    fill = each.believed("fill")
    taken = each.share
    if (fill is not None and fill >= FULL["fill"]) or (taken is not None and taken >= TAKEN):
        return State.FULL
    return State.REFERENCE if each.sensor.is_reference else State.OK


def fine(reading: Reading, catalogue: Catalogue) -> bool:
    """Whether a reading may be told as it is: it is believed, and its publisher corrected it where that is needed."""
    return reading.last_reason is None and catalogue.quantities[reading.quantity].calibrated
