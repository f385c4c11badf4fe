"""A made-up city: what its sensors would send, by the clock, the weather and their own faults. No measurement at all.

Every value follows from the seed, the number of the sensor and the time, and from nothing that was made before. So any
stretch of time can be made on its own, in any order, and comes out the same.
"""

import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]
Marks = np.ndarray[Any, np.dtype[np.bool_]]

CLOCK = ZoneInfo("Europe/Amsterdam")
SECOND = 1_000_000  # times are microseconds since 1970, UTC
HOUR = 3600 * SECOND
PERIOD = 240  # hours, in each of which a sensor may get a fault that lasts
BACK = 72  # hours before a day that are still needed in it: what is stuck has the value of then
STUCK, RISES = 48, 48  # hours that one is stuck, and in which one that drifts gets to five times
SLOT = 4  # hours, in each of which a container may send something
QUARTER = HOUR // 4


class Batch(NamedTuple):
    """Readings, one per place in the arrays. quantity: its place among those of the kind."""

    sensor: Integers
    quantity: Integers
    time: Integers
    value: Numbers


class Odds(NamedTuple):
    """How often something is wrong: of the periods of a sensor (stuck, drift, silent), or of its readings."""

    stuck: float = 0
    drift: float = 0
    silent: float = 0
    spike: float = 0
    beyond: float = 0
    missing: float = 0


class Kind(NamedTuple):
    """What sensors of a kind send: each quantity with its unit and a value that can't be; and how often they fail."""

    quantities: tuple[tuple[str, str | None, float], ...]
    odds: Odds
    day: Callable[[int, str, Integers, int], Batch]


class Weather(NamedTuple):
    """The weather of the city, and its clock, by the hour. weekday: 0 is Monday; clock: hours since midnight."""

    first: int
    weekday: Integers
    clock: Numbers
    wind: Numbers  # m/s
    temperature: Numbers  # °C
    humidity: Numbers  # %


def draw(seed: int, what: str, *numbers: Integers | int) -> Numbers:
    """From 0 up to 1, evenly spread: always the same for the same seed, word and numbers."""
    with np.errstate(over="ignore"):
        mixed = _mixed(np.asarray(zlib.crc32(what.encode()) + (seed << 32) & _ALL, np.uint64))
        for number in numbers:
            mixed = _mixed(mixed + np.asarray(number, np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    return np.asarray((mixed >> np.uint64(11)) / float(1 << 53), np.float64)


_ALL = (1 << 64) - 1


def _mixed(number: Any) -> Any:
    """SplitMix64: neighbouring numbers come out as far apart as any."""
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))


def noise(seed: int, what: str, *numbers: Integers | int) -> Numbers:
    """Around 0, most of it within 2: the normal distribution."""
    far = np.sqrt(-2 * np.log(1 - draw(seed, what, *numbers)))
    return np.asarray(far * np.cos(2 * np.pi * draw(seed, f"{what} way", *numbers)))


def smooth(seed: int, what: str, hours: Integers, every: int, *numbers: Integers | int) -> Numbers:
    """As `noise`, going little by little from one value to the next, which comes `every` so many hours."""
    knot, part = hours // every, (hours % every) / every
    part = part * part * (3 - 2 * part)
    return noise(seed, what, knot, *numbers) * (1 - part) + noise(seed, what, knot + 1, *numbers) * part


def weather(seed: int, first: int, count: int) -> Weather:
    """The weather of `count` hours from hour `first` since 1970 on."""
    hours = np.arange(first, first + count)
    weekday, clock = _local(hours)
    season = np.cos(2 * np.pi * (hours / 24 % 365.25 - 15) / 365.25)  # 1 in the middle of January
    warm = np.cos(2 * np.pi * (clock - 15) / 24)  # 1 at three in the afternoon
    temperature = 10.5 - 7.5 * season + 3 * warm + 3 * smooth(seed, "temperature", hours, 48)
    wind = np.maximum(0.5, 4 + 2 * smooth(seed, "wind", hours, 18) + 0.8 * warm)
    humidity = 79 + 6 * season - 10 * warm + 8 * smooth(seed, "humidity", hours, 12)
    # A night has fog or not, from late in the evening until the next morning.
    fog = (draw(seed, "fog", (hours + 12) // 24) < 0.2) & ((clock >= 22) | (clock < 9))
    humidity = np.where(fog, np.maximum(humidity, 96), humidity)
    wind = np.where(fog, np.minimum(wind, 1.2), wind)
    return Weather(first, weekday, clock, wind, temperature, np.clip(humidity, 30, 99))


def _local(hours: Integers) -> tuple[Integers, Numbers]:
    """The day of the week and the hour on the clock in the Netherlands at the middle of each hour."""
    times = [datetime.fromtimestamp(int(hour) * 3600, UTC).astimezone(CLOCK) for hour in hours]
    return np.array([time.weekday() for time in times]), np.array([time.hour + 0.5 for time in times])


def traffic(weekday: Integers, clock: Numbers) -> Numbers:
    """How much traffic there is, 0 to about 1: two peaks on a working day, one flat hill in the weekend."""
    working = _hill(clock, 8.3, 1.3) + _hill(clock, 17.3, 1.8) + 0.45 * _hill(clock, 13, 4)
    return np.where(weekday < 5, working, 0.55 * _hill(clock, 14.5, 4.5))


def smoke(weekday: Integers, clock: Numbers, temperature: Numbers) -> Numbers:
    """How much wood is burnt, 0 to 1.5: on cold evenings, in the weekend more."""
    cold = np.clip((14 - temperature) / 12, 0, 1)
    return _hill(clock, 20.5, 2.2) * cold * np.where(weekday >= 4, 1.5, 1)


def _hill(clock: Numbers, top: float, width: float) -> Numbers:
    """1 at `top` o'clock, and less around it; midnight is no edge."""
    apart = (clock - top + 12) % 24 - 12
    return np.asarray(np.exp(-0.5 * (apart / width) ** 2))


class Trouble(NamedTuple):
    """What is the matter with each sensor in each hour; since: the hour of which it has the value."""

    silent: Marks
    rise: Numbers  # what its values are multiplied by
    since: Integers


def trouble(seed: int, kind: str, sensors: Integers, hours: Integers, odds: Odds) -> Trouble:
    """For hours × sensors. Periods begin at another moment for every sensor, so there is always one in trouble."""
    at = hours[:, None] + (draw(seed, f"{kind} phase", sensors) * PERIOD).astype(np.int64)
    period, inside = at // PERIOD, at % PERIOD
    which = draw(seed, f"{kind} trouble", sensors, period)
    into = inside - (draw(seed, f"{kind} begin", sensors, period) * PERIOD * 0.8).astype(np.int64)
    begun = into >= 0
    stuck = begun & (into < STUCK) & (which < odds.stuck)
    drift = begun & (which >= odds.stuck) & (which < odds.stuck + odds.drift)
    silent = begun & (which >= 1 - odds.silent)
    rise = np.where(drift, 1 + 4 * np.minimum(into / RISES, 1), 1.0)
    return Trouble(silent, rise, np.where(stuck, hours[:, None] - into, hours[:, None]))


def air_sensors(seed: int, kind: str, sensors: Integers, day: int) -> Batch:
    """Cheap sensors, an hour at a time: dust as corrected and as it was counted, damp, and warmth."""
    hours = np.arange(day * 24, day * 24 + 24)
    bad, sky = trouble(seed, kind, sensors, hours, KINDS[kind].odds), weather(seed, hours[0] - BACK, 24 + BACK)
    since, at = bad.since, bad.since - sky.first
    damp = np.clip(sky.humidity[at] + 2 * noise(seed, "place damp", sensors), 20, 99)
    wet = damp / (100 - damp)  # 1 at 50%, 19 at 95%
    fine = _fine(seed, kind, sensors, sky, at)
    seen = fine * (1 + 0.08 * noise(seed, "fine", sensors, since)) * bad.rise
    coarse = 3 + 1.5 * fine * (1 + 0.1 * noise(seed, "coarse", sensors, since)) * bad.rise
    counted = seen * (0.8 + 0.18 * wet)  # drops in damp air count as dust
    warm = sky.temperature[at] + 0.7 * noise(seed, "place warm", sensors) + 0.3 * noise(seed, "warm", sensors, since)
    now = hours - sky.first
    humidity = np.clip(sky.humidity[now][:, None] + 2 * noise(seed, "damp", sensors, hours[:, None]), 20, 100)
    dust = [np.maximum(0, value) for value in (seen * (1 + 0.012 * wet), coarse * (1 + 0.012 * wet), counted)]
    return _hourly(seed, kind, sensors, hours, [np.round(value, 1) for value in (*dust, humidity, warm)], bad)


def air_stations(seed: int, kind: str, sensors: Integers, day: int) -> Batch:
    """Stations, an hour at a time: nitrogen dioxide, dust, ozone, and the index made of them."""
    hours = np.arange(day * 24, day * 24 + 24)
    bad, sky = trouble(seed, kind, sensors, hours, KINDS[kind].odds), weather(seed, hours[0], 24)
    at = np.broadcast_to(np.arange(24)[:, None], bad.since.shape)
    still, busy = _still(sky)[at], traffic(sky.weekday, sky.clock)[at] * (0.5 + draw(seed, f"{kind} busy", sensors))
    no2 = still * (9 + 26 * busy) + noise(seed, "no2", sensors, hours[:, None])
    fine = _fine(seed, kind, sensors, sky, at) + 0.8 * noise(seed, "station fine", sensors, hours[:, None])
    coarse = 3 + 1.5 * fine + noise(seed, "station coarse", sensors, hours[:, None])
    sun = np.maximum(0, np.cos(2 * np.pi * (sky.clock - 15) / 24))[at]
    o3 = 45 + 2 * np.maximum(0, sky.temperature[at] - 5) * sun - 0.7 * no2
    index: Numbers = np.interp(np.maximum(fine, no2 / 2), [0, 10, 20, 30, 50, 75, 100], [1, 2, 3, 4, 6, 8, 11])
    values: list[Numbers] = [np.round(value, 1) for value in (no2, fine, coarse, o3)]
    return _hourly(seed, kind, sensors, hours, [*values, np.rint(index)], bad)


def _still(sky: Weather) -> Numbers:
    """How far what is blown into the air stays where it is: 1 with a usual wind, more with little."""
    return np.asarray((4 / sky.wind) ** 0.5)


def _fine(seed: int, kind: str, sensors: Integers, sky: Weather, at: Integers) -> Numbers:
    """Fine dust as it is, in µg/m³: from far away, of traffic and of wood."""
    hours = np.arange(sky.first, sky.first + len(sky.wind))
    still = _still(sky)
    far = 6.5 * np.exp(0.45 * smooth(seed, "far", hours, 36)) * still
    cars, wood = 2 * traffic(sky.weekday, sky.clock) * still, 6 * smoke(sky.weekday, sky.clock, sky.temperature) * still
    busy, burning = 0.5 + draw(seed, f"{kind} busy", sensors), 1.2 * draw(seed, f"{kind} wood", sensors)
    return np.asarray(far[at] + cars[at] * busy + wood[at] * burning)


def _hourly(
    seed: int, kind: str, sensors: Integers, hours: Integers, values: list[Numbers], bad: Trouble, each: int = HOUR
) -> Batch:
    """Values of times × sensors, one array per quantity, as readings: with spikes and what can't be, without gaps."""
    odds, made = KINDS[kind].odds, np.stack(values, axis=-1)
    moment, which = hours[:, None, None], np.arange(made.shape[2])
    luck = draw(seed, f"{kind} luck", sensors[:, None], moment, which)
    beyond = np.array([wrong for _, _, wrong in KINDS[kind].quantities])
    dusty = np.array([unit == _DUST for _, unit, _ in KINDS[kind].quantities])
    more = np.round(150 + 250 * draw(seed, "spike", sensors[:, None], moment, which))
    made = np.where(dusty & (luck < odds.spike), made + more, made)
    made = np.where(luck >= 1 - odds.beyond, beyond, made)
    there = ~bad.silent & (draw(seed, f"{kind} missing", sensors, hours[:, None]) >= odds.missing)
    sent = np.broadcast_to(there[:, :, None], made.shape)
    time = np.broadcast_to((moment + 1) * each, made.shape)  # the end of what it is of
    number, quantity = (np.broadcast_to(each, made.shape) for each in (sensors[:, None], which))
    return Batch(number[sent], quantity[sent], time[sent], made[sent])


def containers(seed: int, kind: str, sensors: Integers, day: int) -> Batch:
    """How full containers are: filled by households, emptied in rounds, sent a few times a day."""
    odds, slots = KINDS[kind].odds, np.arange(day * 24, day * 24 + 24, SLOT)
    moment = slots[:, None]
    hours = moment + draw(seed, "sent at", sensors, moment) * SLOT
    clock = (hours + 1) % 24
    awake = np.where((clock > 7) & (clock < 23), 1 - odds.missing, 0.15)
    bad = trouble(seed, kind, sensors, slots, odds)
    there = ~bad.silent & (draw(seed, f"{kind} missing", sensors, moment) < awake)
    fill = _fill(seed, sensors, hours)
    luck = draw(seed, f"{kind} luck", sensors, moment)
    fill = np.where(luck < odds.spike, 100, np.where(luck >= 1 - odds.beyond, KINDS[kind].quantities[0][2], fill))
    time = (np.floor(hours * 3600) * SECOND).astype(np.int64) + SECOND  # the day begins after its first moment
    number = np.broadcast_to(sensors, fill.shape)[there]
    return Batch(number, np.zeros(len(number), np.int64), time[there], fill[there])


def _fill(seed: int, sensors: Integers, hours: Numbers) -> Numbers:
    """Whole percents at `hours` since 1970."""
    lasts = 30 + 110 * draw(seed, "lasts", sensors)  # hours until it is full
    every = np.clip(np.round(lasts * 0.8 / 24), 1, 7) * 24
    begin = np.floor(draw(seed, "round", sensors) * 7) * 24 + 6 + 6 * draw(seed, "round hour", sensors)
    turn = np.floor((hours - begin) / every).astype(np.int64)
    turn = turn - (draw(seed, "skipped", sensors, turn) < 0.12)  # a van that did not come
    left = 8 * draw(seed, "left", sensors, turn)
    pace = (0.8 + 0.4 * draw(seed, "pace", sensors, turn)) * 100 / lasts
    full = left + pace * (_thrown(hours) - _thrown(begin + turn * every))
    return np.clip(np.round(full), 0, 100)


def _thrown(hours: Numbers) -> Numbers:
    """What households threw away up to `hours` since 1970, in average hours."""
    whole = np.floor(hours).astype(np.int64)
    place = whole % len(_WEEK)
    return np.asarray(whole - place + _BEFORE[place] + _WEEK[place] * (hours - whole))


def _week() -> Numbers:
    """How much is thrown away in each hour of a week, 1 on average. The week begins on a Thursday, as 1970 did."""
    day = np.arange(168) // 24
    clock = (np.arange(168, dtype=np.float64) + 1.5) % 24
    rhythm = 0.15 + _hill(clock, 9.5, 1.8) + 1.2 * _hill(clock, 19, 2.2) + 0.5 * _hill(clock, 14, 3)
    rhythm = rhythm * np.where((day == 2) | (day == 3), 1.35, 1.0)
    return np.asarray(rhythm / rhythm.mean())


_WEEK = _week()
_BEFORE = np.cumsum(_WEEK) - _WEEK


def parking(seed: int, kind: str, sensors: Integers, day: int) -> Batch:
    """Free places, places in all and, of bicycles, taken ones, every quarter of an hour."""
    quarters = np.arange(day * 96, day * 96 + 96)
    hours = quarters // 4
    sky = weather(seed, int(hours[0]), 24)
    weekday, clock = sky.weekday[hours - sky.first], sky.clock[hours - sky.first] + (quarters % 4 - 1.5) / 4
    low, high = _SIZES[kind]
    places = np.round(low + (high - low) * draw(seed, f"{kind} places", sensors) ** 2)
    use = _SHARES[kind](weekday, clock)[:, None] * (0.75 + 0.3 * draw(seed, f"{kind} use", sensors))
    use = use + 0.06 * smooth(seed, f"{kind} day", hours[:, None], 6, sensors)
    use = np.clip(use + 0.01 * noise(seed, f"{kind} now", sensors, quarters[:, None]), 0.02, 1)
    free = np.round(places * (1 - use))
    values = [free, np.broadcast_to(places, free.shape)]
    if len(KINDS[kind].quantities) == 3:
        # Free and taken don't add up: some places are out of use.
        values.append(np.maximum(0, places - free - np.round(0.02 * places * draw(seed, f"{kind} broken", sensors))))
    bad = trouble(seed, kind, sensors, hours, KINDS[kind].odds)
    return _hourly(seed, kind, sensors, quarters, values, bad, QUARTER)


def _shops(weekday: Integers, clock: Numbers) -> Numbers:
    return np.where(weekday < 6, 1, 0.7) * (0.15 + np.where(weekday == 5, 0.8, 0.6) * _hill(clock, 14.5, 3.5))


def _work(weekday: Integers, clock: Numbers) -> Numbers:
    return 0.2 + np.where(weekday < 5, 0.7, 0.2) * _hill(clock, 12.5, 4)


_SIZES: Mapping[str, tuple[int, int]] = {
    "parking_garage": (150, 900),
    "park_and_ride": (200, 1500),
    "bicycle_parking": (80, 2500),
}
_SHARES: Mapping[str, Callable[[Integers, Numbers], Numbers]] = {
    "parking_garage": _shops,
    "park_and_ride": _work,
    "bicycle_parking": _work,
}
_DUST, _PLACES = "µg/m³", Odds(silent=0.04, beyond=0.0005, missing=0.01)
KINDS: Mapping[str, Kind] = {
    "air_station": Kind(
        (*((id, _DUST, -99) for id in ("no2", "pm25", "pm10", "o3")), ("lki", None, 0)),
        Odds(beyond=0.0005, missing=0.01),
        air_stations,
    ),
    "air_sensor": Kind(
        (
            *((id, _DUST, 1999.9) for id in ("pm25", "pm10", "pm25_raw")),
            ("humidity", "%", 187),
            ("temperature", "°C", -127),
        ),
        Odds(stuck=0.03, drift=0.03, silent=0.03, spike=0.002, beyond=0.001, missing=0.02),
        air_sensors,
    ),
    "waste_container": Kind(
        (("fill", "%", 140),), Odds(silent=0.06, spike=0.004, beyond=0.002, missing=0.2), containers
    ),
    "parking_garage": Kind((("free", None, -3), ("places", None, -1)), _PLACES, parking),
    "park_and_ride": Kind((("free", None, -3), ("places", None, -1)), _PLACES, parking),
    "bicycle_parking": Kind(
        (("bike_free", None, -3), ("bike_places", None, -1), ("bike_taken", None, -1)), _PLACES, parking
    ),
}
"""The kinds that can be made up, by the id of sensor_kinds.toml."""
