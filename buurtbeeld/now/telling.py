"""What is told of sensors and of areas in one line: on the map, in its file and in the tables, in the same words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from buurtbeeld import queries
from buurtbeeld.catalogue import Catalogue, Quantity, Status, load
from buurtbeeld.now import states
from buurtbeeld.now.states import Seen, State
from buurtbeeld.queries import Reading
from buurtbeeld.store import Mart
from buurtbeeld.texts import Words
from buurtbeeld.texts.now import amount, quiet

LEVEL, CITY = "buurt", "gemeente"
MOST = 3  # quantities of a sensor in one line
LATE = timedelta(hours=2)  # how far the end of an hour may lie behind the newest message and still be called now
BEHIND = ("percent", "parking_places")  # units whose number comes before what it is of: 78% full


@dataclass(frozen=True)
class Area:
    """What is known of one quantity in a buurt.

    known: measured, estimated, unsure (measured, but nothing is sure now) or nobody; sensors: how many were ok.
    """

    code: str
    name: str
    known: str
    text: str
    value: float | None
    sensors: int
    is_simulated: bool


def every(mart: Mart) -> tuple[Seen, ...]:
    """Every sensor that may be shown, by name, with its newest readings."""

    def make() -> tuple[Seen, ...]:
        return states.seen(mart.ask(queries.sensors), mart.ask(queries.readings), load())

    return mart.keep(("sensors seen",), make)


def badge(found: Sequence[Seen], say: Words) -> str:
    """What simulated sensors wear, in capitals; empty when none of these is."""
    return badge_of(any(each.sensor.is_simulated for each in found), say)


def badge_of_all(found: Sequence[Seen], say: Words) -> str:
    """The same, of many sensors at once: it says so when only some of them are simulated."""
    worn = badge(found, say)
    return say.t("now.simulated.some", badge=worn) if worn and mixed(found) else worn


def mixed(found: Sequence[Seen]) -> bool:
    """Whether some of these sensors are simulated and others are not."""
    return len({each.sensor.is_simulated for each in found}) > 1


def alone(found: Sequence[Seen]) -> list[Seen]:
    """Those that one number may be of: the real sensors, or else the simulated ones; never both together."""
    return [each for each in found if not each.sensor.is_simulated] or list(found)


def points(
    found: Sequence[Seen], at: datetime | None, say: Words, catalogue: Catalogue
) -> list[tuple[str, str, str, str, float, float, bool]]:
    """Each sensor with a place as its map needs it: id, name, state, words, longitude, latitude, whether simulated.

    What matters most lies on top.
    """
    order = {State.OK: 0, State.NEVER: 1, State.SILENT: 2, State.DOUBTED: 3, State.FULL: 4, State.REFERENCE: 5}
    rows = [(each, states.state(each, at, catalogue)) for each in found]
    rows.sort(key=lambda row: order[row[1]])
    return [
        (
            each.key,
            each.sensor.name,
            str(state),
            in_short(each, state, say, catalogue),
            each.sensor.lon,
            each.sensor.lat,
            each.sensor.is_simulated,
        )
        for each, state in rows
        if each.sensor.lon is not None and each.sensor.lat is not None
    ]


def in_short(each: Seen, state: State, say: Words, catalogue: Catalogue) -> str:
    """What a sensor last said and when, or since when it says nothing; and that it is simulated."""
    parts = [badge([each], say)]
    if state in (State.SILENT, State.NEVER):
        parts.append(quiet(each.sensor.last_at, say))
    else:
        parts += [values(each, say, catalogue) or say.t("now.doubted")]
        if each.sensor.last_at:
            parts.append(say.t("now.measured.at", moment=say.moment(each.sensor.last_at)))
    return " · ".join(filter(None, parts))


def values(each: Seen, say: Words, catalogue: Catalogue) -> str:
    """The newest values that are believed, in one line; else those that nobody corrected, or nothing."""
    if each.free is not None and each.whole is not None:
        return say.t("now.free.of", free=say.number(each.free), places=say.number(each.whole))
    believed = [reading for reading in each.main if reading.last_reason is None]
    found = [reading for reading in believed if states.fine(reading, catalogue)] or believed
    around = [reading for reading in each.newest if reading not in each.main and reading.last_reason is None]
    told = [*found, *around] if found else []
    return ", ".join(value(reading, say, catalogue) for reading in told[:MOST])


def value(reading: Reading, say: Words, catalogue: Catalogue, *, clipped: bool = True) -> str:
    """One reading: `NO₂ 23 µg/m³`, `78% vol`."""
    quantity = catalogue.quantities[reading.quantity]
    written = amount(reading.last_value, quantity, say, catalogue, clipped=clipped)
    short = quantity.short.get(say.lang)
    return f"{written} {short}" if quantity.unit in BEHIND else f"{short} {written}"


def areas(mart: Mart, quantity: Quantity, say: Words, catalogue: Catalogue) -> tuple[Area, ...]:
    """What is known of a quantity in every buurt, by name; none when nothing can be said of areas."""
    buurten = sorted((a for a in mart.ask(queries.areas) if a.level == LEVEL), key=lambda area: area.name.casefold())
    mine_too = measuring(every(mart), quantity)
    if not quantity.least or not mine_too:
        return ()
    hour = newest_hour(mart, quantity)
    found = mart.ask(queries.areas_at, quantity.id, hour) if hour else {}
    whole = found.get(city(mart))
    there = {each.sensor.code for each in mine_too} | set(found)
    rows = []
    for area in buurten:
        mine = found.get(area.code)
        if area.code not in there:
            rows.append(Area(area.code, area.name, "nobody", say.t("now.known.nobody.here"), None, 0, False))
            continue
        known, value, sensors = "estimated", None, mine.count if mine else 0
        count = say.n("now.sensors", sensors)
        if mine and mine.status == Status.OK and mine.median is not None:
            known, value = "measured", mine.median
            told = say.t("now.known.measured.here", value=amount(value, quantity, say, catalogue), sensors=count)
        else:
            told = say.t("now.known.few", sensors=count) if sensors else say.t("now.known.damp")
            if whole and whole.median is not None:
                told += " " + say.t("now.known.city", value=amount(whole.median, quantity, say, catalogue))
            else:
                known = "unsure"
        simulated = bool(mine and mine.is_simulated) or _all_simulated(mine_too, area.code)
        told = " · ".join(filter(None, [badge_of(simulated, say), told]))
        rows.append(Area(area.code, area.name, known, told, value, sensors, simulated))
    return tuple(rows)


def _all_simulated(found: Sequence[Seen], code: str) -> bool:
    own = [each.sensor.is_simulated for each in found if each.sensor.code == code]
    return bool(own) and all(own)


def city(mart: Mart) -> str:
    """The code of the gemeente."""
    return next(area.code for area in mart.ask(queries.areas) if area.level == CITY)


def measuring(found: Sequence[Seen], quantity: Quantity) -> list[Seen]:
    """The sensors that say something of a quantity, without reference stations: those that areas have a middle of."""
    return [each for each in found if not each.sensor.is_reference and each.reading(quantity.id)]


def newest_hour(mart: Mart, quantity: Quantity) -> datetime | None:
    """The newest hour in which enough sensors of the city measured well; None when it is behind their messages.

    A file of a map asks this without a clock, so a message counts up to when the mart was built: a clock of a sensor
    that is ahead doesn't make all the others late.
    """
    stamps = [each.sensor.last_at for each in measuring(every(mart), quantity) if each.sensor.last_at]
    newest = max((at for at in stamps if at <= mart.build.built_at), default=None)
    hour = mart.ask(queries.newest_hour, city(mart), quantity.id)
    if hour is None or newest is None or newest - (hour + timedelta(hours=1)) > LATE:
        return None
    return hour


def counted(mart: Mart, group: str, say: Words) -> list[tuple[str, str, str, str, bool]]:
    """Every buurt with how many sensors of a group stand in it, simulated ones counted by themselves.

    Code, name, `plain`, words, and whether any of them is simulated.
    """
    found = Counter((each.sensor.code, each.sensor.is_simulated) for each in every(mart) if each.kind.group == group)
    rows = []
    for area in mart.ask(queries.areas):
        if area.level != LEVEL:
            continue
        real, simulated = found[area.code, False], found[area.code, True]
        said = [say.n("now.sensors", real)] if real or not simulated else []
        said += [f"{badge_of(True, say)} · {say.n('now.sensors', simulated)}"] if simulated else []
        rows.append((area.code, area.name, "plain", ", ".join(said), bool(simulated)))
    return rows


def badge_of(simulated: bool, say: Words) -> str:
    """The badge in capitals, or nothing."""
    return say.t("badge.simulated").upper() if simulated else ""


def worn(text: str, simulated: bool, say: Words) -> str:
    """Words about what may be simulated, which begin with the badge when it is, as `Words.worn` has it of figures."""
    return f"{badge_of(True, say)}: {text}" if simulated else text


def middle(values: Sequence[float]) -> float | None:
    """The middle of some values; None where there are none."""
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2 if ordered else None


def hours_back(at: datetime, hours: int) -> datetime:
    """The whole hour so many hours before a moment."""
    return (at - timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
