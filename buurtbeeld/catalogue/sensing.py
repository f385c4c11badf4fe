"""What is measured, and by what: quantities with the rules for believing them, kinds of sensors, and signals."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from buurtbeeld.catalogue.entry import Entry, Id, Link, Positive, Text, Words

Reason = Literal["range", "spike", "stuck", "drift", "humid", "uncalibrated", "stars", "incomplete"]
Number = Annotated[float, Field(strict=True)]
Hours = Annotated[int, Field(strict=True, ge=1, le=20)]


class ReadAs(NamedTuple):
    """What a source calls a quantity; `scale` turns its numbers into the unit.

    Whatever else sends a quantity (a feed of the city, the simulator) calls it by its id.
    """

    source: Id
    quantity: Words
    scale: Positive = 1


class Drift(NamedTuple):
    """How far the hours of a sensor may be from those of its neighbours: more than `factor` times and `least` apart."""

    factor: Annotated[float, Field(strict=True, gt=1)]
    least: Positive


class Limit(Entry):
    """A value that should not be passed, over so many hours, a day or a year: who says so, and where."""

    value: Positive
    over: Literal["hour", "eight_hours", "day", "year"]
    by: Literal["who", "eu", "eu_target", "eu_2030"]
    link: Link


class Share(Entry):
    """Made per hour from two others of the same sensor: `taken`, or `whole` less `rest`, in percent of `whole`.

    One of taken and rest is there: a publisher that gives both need not make them add up.
    """

    whole: Id
    taken: Id | None = None
    rest: Id | None = None

    @model_validator(mode="after")
    def _of_one(self) -> "Share":
        if (self.taken is None) == (self.rest is None):
            raise ValueError("a share has either taken or rest")
        return self


class Quantity(Entry):
    """What a sensor measures, in `unit`, and when a reading of it is believed.

    low, high: outside these it is no measurement (range). tolerated: from where to where it is one all the same, that
    counts as the nearest of low and high: what a good sensor sends of what is just full, or empty. jump: a reading
    further than this from the median of the five or more of its hour, or an hour further than this from both its
    neighbours, is a spike. stuck: hours in which exactly the same value is sent before it is a fault. humid: relative
    humidity in percent above which cheap sensors are not believed. drift: see `Drift`. Reference stations know no drift
    and no damp.

    calibrated: false when the publisher has not corrected it; then it is unreliable and in no area.
    per_hour: how many readings an hour has when nothing fails; left out where that is not known.
    events: sent when something changes, and not by the clock, so that hours without a reading say nothing.
    even: cheap sensors of it are corrected on the assumption that it hardly differs within the city, so areas are never
    put in order by it. least: sensors that an area has to have. None: there is no figure of areas.
    share: it is not received but made of others.
    """

    id: Id
    unit: Id
    decimals: Annotated[int, Field(strict=True, ge=0, le=2)]
    title: Text
    short: Text
    read: tuple[ReadAs, ...] = ()
    share: Share | None = None
    low: Number
    high: Number
    tolerated: tuple[Number, Number] | None = None
    jump: Positive | None = None
    stuck: Hours | None = None
    humid: Positive | None = None
    drift: Drift | None = None
    calibrated: Annotated[bool, Field(strict=True)] = True
    per_hour: Annotated[int, Field(strict=True, ge=1)] | None = None
    events: Annotated[bool, Field(strict=True)] = False
    even: Annotated[bool, Field(strict=True)] = False
    least: Annotated[int, Field(strict=True, ge=1)] | None = None
    limits: tuple[Limit, ...] = ()

    @property
    def believed(self) -> tuple[float, float]:
        """From where to where a reading is a measurement, in `unit`."""
        return self.tolerated or (self.low, self.high)

    @model_validator(mode="after")
    def _tolerates_more(self) -> "Quantity":
        if not (self.believed[0] <= self.low <= self.high <= self.believed[1]):
            raise ValueError("low has to be at most high, and tolerated has to lie around both")
        return self


HOME_DIGITS = 3
"""Of the longitude and latitude of a sensor that may be at someone's home: some hundred metres."""


class SensorKind(Entry):
    """A kind of sensor; `id` is the kind of place that a loader gives, and its names are those in places.toml.

    group: the part of the page of now that it belongs to. reference: officially validated, and never mixed with others.
    moving: it has no fixed place, so what it measures comes as squares. silent: hours without a message after which it
    is said to be silent. mentions: beginnings of Dutch words by which an entry of the algorithm register is about it.
    about, privacy, mind: what it does, what it knows of people, and what its numbers don't say.
    """

    id: Id
    group: Literal["air", "containers", "parking", "bicycles"]
    quantities: Annotated[tuple[Id, ...], Field(min_length=1)]
    reference: Annotated[bool, Field(strict=True)] = False
    moving: Annotated[bool, Field(strict=True)] = False
    silent: Annotated[int, Field(strict=True, ge=1)]
    mentions: tuple[Words, ...] = ()
    about: Text
    privacy: Text
    mind: Text

    @property
    def at_home(self) -> bool:
        """Whether such a sensor may be at someone's home, and be called after him."""
        return self.group == "air" and not self.reference


class Signal(Entry):
    """A rule that opens and closes an alert of a sensor: its value passes a threshold, or it says nothing.

    kinds: the kinds of sensor that it is about. on: a rule that is off opens nothing.

    Of a value: quantity; `when` it is at_least, above or below the `threshold`, for `opens_after` hours. It closes when
    it was beyond `closes` for `closes_after` hours, so that a value around the threshold is no news.

    Of silence: `silent` hours without a message, and never fewer than the kind itself is said to be silent after.
    """

    id: Id
    kinds: Annotated[tuple[Id, ...], Field(min_length=1)]
    on: Annotated[bool, Field(strict=True)] = True
    quantity: Id | None = None
    when: Literal["at_least", "above", "below"] | None = None
    threshold: Number | None = None
    closes: Number | None = None
    opens_after: Annotated[int, Field(strict=True, ge=1, le=168)] = 1
    closes_after: Annotated[int, Field(strict=True, ge=1, le=168)] = 1
    silent: Annotated[int, Field(strict=True, ge=1)] | None = None
    title: Text
    description: Text

    @model_validator(mode="after")
    def _of_one_kind(self) -> "Signal":
        of_value = (self.quantity, self.when, self.threshold, self.closes)
        if (None in of_value) if self.silent is None else any(each is not None for each in of_value):
            raise ValueError("a signal has quantity, when, threshold and closes, or else silent")
        if self.threshold is not None and self.closes is not None:
            beyond = self.closes - self.threshold if self.when != "below" else self.threshold - self.closes
            if beyond > 0:
                raise ValueError(f"closes ({self.closes:g}) lies beyond the threshold ({self.threshold:g})")
        return self
