"""What the page of now says: the newest of a part of it in words, its tables, its charts, and each kind of sensor."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from buurtbeeld import lists, queries
from buurtbeeld.catalogue import Quantity, SensorKind, Status
from buurtbeeld.catalogue.measured import Beat, Hour
from buurtbeeld.charts import levels
from buurtbeeld.charts.levels import Limit, Line
from buurtbeeld.decisions import QUESTIONS, Decided
from buurtbeeld.maps import palettes
from buurtbeeld.now import states, telling
from buurtbeeld.now.states import Seen, State
from buurtbeeld.now.telling import middle
from buurtbeeld.queries import Alert, Reading
from buurtbeeld.selection import PARTS
from buurtbeeld.texts import capital
from buurtbeeld.texts.lists import listed
from buurtbeeld.texts.now import CLASSES, age, air_class, amount, moment_in_short, quiet, shown
from buurtbeeld.view import CITY, View, plain

AIR = "air"
INDEX = "lki"
TILES = ("no2", "pm25", "pm10", "o3")
ADVICE = ("day", "eight_hours")  # over what: of the advice in a tile
DRAWN = ("hour", "eight_hours", "day")  # of the limits across the chart
HOURS = 48
TABLE_ROWS = 500  # of a table; of more sensors those of one area are shown
LISTED = 300  # sensors in a list to choose from
ALERTS = 5  # that are named of one kind
ENTRIES = 5  # of a register
FEW_WEEKS = 3  # of fewer the days are told
WIJK = "wijk"
QUIET = (State.SILENT, State.NEVER)


@dataclass(frozen=True)
class Tile:
    """One large value: what it is of, the value, and small lines below it."""

    title: str
    value: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """The newest of a part in words. ages: how old what each kind of sensor says is.

    badge: SIMULATIE, or nothing; about: what it says of all of this, or of a part.
    """

    lead: str
    means: str
    tiles: tuple[Tile, ...]
    ages: tuple[str, ...]
    badge: str
    about: str


@dataclass(frozen=True)
class Rhythm:
    """The week of a sensor or a wijk. name: of which; days: how many are behind it, from the first to the last."""

    name: str
    quantity: Quantity
    beats: tuple[Beat, ...]
    days: int

    @property
    def is_simulated(self) -> bool:
        """Whether any of it is simulated."""
        return any(beat.is_simulated for beat in self.beats)


def moment(view: View) -> datetime:
    """Now, UTC without zone. A mart from later than the clock of this machine says that the clock is behind."""
    return max(states.clock(), view.mart.build.built_at)


def part(view: View) -> tuple[Seen, ...]:
    """The sensors of the chosen part."""
    group = PARTS[view.choice.part]
    return view.mart.keep(
        ("part", group), lambda: tuple(each for each in telling.every(view.mart) if each.kind.group == group)
    )


def told_of(view: View) -> tuple[Seen, ...]:
    """The sensors that one number of the part is of: never of real and simulated ones together.

    Of air the figures of stations and of sensors each stand apart, and wear their own badge.
    """
    return part(view) if PARTS[view.choice.part] == AIR else tuple(telling.alone(part(view)))


def chosen(view: View) -> Seen | None:
    """The chosen sensor, when it is one of the part."""
    by_key = view.mart.keep(("by key", view.choice.part), lambda: {each.key: each for each in part(view)})
    return by_key.get(view.choice.sensor or "")


def turned(view: View, at: datetime) -> datetime | None:
    """The last moment up to `at` at which a sensor of the part fell silent; until the next one all states stay."""
    ends = view.mart.keep(("silent from", view.choice.part), lambda: states.ends(part(view)))
    place = bisect_right(ends, at)
    return ends[place - 1] if place else None


def counts(view: View, at: datetime) -> tuple[tuple[State, str, int], ...]:
    """The legend of the sensors of the part: state, label, count; what is simulated is counted by itself."""
    change = turned(view, at)

    def make() -> tuple[tuple[State, str, int], ...]:
        found = Counter((states.state(each, change, view.catalogue), each.sensor.is_simulated) for each in part(view))
        return tuple(
            (state, _worn(view, f"now.state.{state}", simulated), found[state, simulated])
            for state in State
            for simulated in (False, True)
            if found[state, simulated]
        )

    return view.once("states", make, view.choice.part, change)


def _worn(view: View, key: str, simulated: bool) -> str:
    """A row of a legend, with the badge of what it counts."""
    return " · ".join(filter(None, [view.words.t(key), telling.badge_of(simulated, view.words)]))


def told(view: View, at: datetime) -> Told:
    """The newest of the chosen part, and how old it is at that moment."""
    change = turned(view, at)
    lead, means, tiles = view.once("told", lambda: _told(view, change), view.choice.part, change)
    mine = told_of(view)
    badge_, about = telling.badge(mine, view.words), made_up(view, telling.mixed(mine))
    return Told(lead, means, tiles, _ages(view, at), badge_, about)


def made_up(view: View, some: bool) -> str:
    """What the badge means, of what is simulated as a whole or in part."""
    say = view.words
    return say.t("now.simulated.part", badge=telling.badge_of(True, say)) if some else say.t("now.simulated")


def _told(view: View, change: datetime | None) -> tuple[str, str, tuple[Tile, ...]]:
    fresh = _fresh(view, change)
    if not fresh:
        return view.words.t("now.stopped"), view.words.t("now.stopped.means"), ()
    if PARTS[view.choice.part] == AIR:
        return *_air(view, fresh), tuple(_air_tiles(view, fresh))
    if PARTS[view.choice.part] == "containers":
        return _containers(view, fresh)
    return _places(view, fresh)


def _fresh(view: View, change: datetime | None) -> list[Seen]:
    """The sensors of the part that are not silent, of those that are told."""
    states_ = ((each, states.state(each, change, view.catalogue)) for each in told_of(view))
    return [each for each, state in states_ if state not in QUIET]


def _ages(view: View, at: datetime) -> tuple[str, ...]:
    """For each kind of sensor how old its newest message is, or since when there is none."""
    change, say = turned(view, at), view.words
    mixed = telling.mixed(part(view))

    def make() -> dict[tuple[str, bool], tuple[bool, list[datetime]]]:
        found = {}
        for kind, simulated in dict.fromkeys((each.kind.id, each.sensor.is_simulated) for each in _in_order(view)):
            own = [each for each in part(view) if (each.kind.id, each.sensor.is_simulated) == (kind, simulated)]
            stopped = all(states.state(each, change, view.catalogue) in QUIET for each in own)
            found[kind, simulated] = stopped, sorted(each.sensor.last_at for each in own if each.sensor.last_at)
        return found

    lines = []
    for (kind, simulated), (stopped, stamps) in view.mart.keep(("stamps", view.choice.part, change), make).items():
        # One clock that is ahead must not hide that all the others stopped.
        newest = stamps[max(bisect_right(stamps, at), 1) - 1] if stamps else None
        text = quiet(newest, say) if stopped or newest is None else age(newest, at, say)
        half = (at - stamps[len(stamps) // 2]) // timedelta(hours=1) if stamps and not stopped else 0
        if half > 0:
            text = say.n("now.age.half", half, text=text)
        name = capital(view.catalogue.places[kind].plural.get(say.lang))
        simulation = telling.badge_of(mixed and simulated, say)
        lines.append(f"{simulation} {say.t('now.age.of', kind=name, age=text)}".strip())
    return tuple(lines)


def _in_order(view: View) -> list[Seen]:
    """The sensors of the part in the order of their kinds, real ones first."""
    order = [kind.id for kind in kinds(view)]
    return sorted(part(view), key=lambda each: (order.index(each.kind.id), each.sensor.is_simulated))


def _air(view: View, fresh: Sequence[Seen]) -> tuple[str, str]:
    say = view.words
    stations = telling.alone([each for each in fresh if each.sensor.is_reference and each.believed(INDEX) is not None])
    found = [value for each in stations if (value := each.believed(INDEX)) is not None]
    if not found:
        return say.t("now.air.noindex"), say.t("now.air.noindex.means")
    order = [name for _, name in CLASSES]
    best, worst = (air_class(end(found)) for end in (min, max))
    names = [say.t(f"now.air.{name}") for name in (best, worst)]
    lead = say.t("now.air.lead", name=names[0])
    if best != worst:
        lead = say.t("now.air.range", best=names[0], worst=names[1])
    place = say.number(order.index(worst) + 1)
    means = say.t("now.air.means", place=place, what=say.t(f"now.air.{worst}.means"))
    apart = _apart(view, stations)
    return telling.worn(lead, apart, say), telling.worn(means, apart, say)


def _apart(view: View, found: Sequence[Seen]) -> bool:
    """Whether what is told of these sensors has to wear its own badge: they are simulated, and the rest isn't."""
    return telling.mixed(told_of(view)) and any(each.sensor.is_simulated for each in found)


def _air_tiles(view: View, fresh: Sequence[Seen]) -> list[Tile]:
    say, tiles = view.words, []
    for id in TILES:
        quantity = view.catalogue.quantities[id]
        stations = telling.alone([each for each in fresh if each.sensor.is_reference and each.believed(id) is not None])
        sensors = _city_median(view, quantity, fresh)
        if not stations and not sensors:
            continue
        lines = []
        if stations:
            found = [each.believed(id) or 0.0 for each in stations]
            ends = [amount(end(found), quantity, say, view.catalogue) for end in (min, max)]
            low = ends[0].partition("\N{NO-BREAK SPACE}")[0]
            value = ends[0] if ends[0] == ends[1] else say.t("sure.span", low=low, high=ends[1])
            name = stations[0].sensor.name if len(stations) == 1 else say.n("now.stations", len(stations))
            lines.append(telling.worn(name, _apart(view, stations), say))
            if sensors:
                lines.append(sensors)
        else:
            value, lines = say.t("now.air.nostation"), [sensors]
        advice = [limit for limit in quantity.limits if limit.by == "who" and limit.over in ADVICE]
        lines += [_limit(view, quantity, limit.value, limit.by, limit.over) for limit in advice]
        tiles.append(Tile(quantity.title.get(say.lang), value, tuple(lines)))
    return tiles


def _city_median(view: View, quantity: Quantity, fresh: Sequence[Seen]) -> str:
    """The middle of the sensors in the city now, in words, or that too few measure well; empty without sensors.

    fresh: the sensors that are not silent.
    """
    if not quantity.least or not telling.measuring(fresh, quantity):
        return ""
    hour = telling.newest_hour(view.mart, quantity)
    found = view.mart.ask(queries.areas_at, quantity.id, hour).get(view.city.code) if hour else None
    if found is None or found.median is None:
        return view.words.t("now.known.damp")
    written = amount(found.median, quantity, view.words, view.catalogue)
    # Which hour, for it may be the one before: each sensor's own state is that of its newest message.
    until, count = view.words.moment(found.hour + timedelta(hours=1)), view.words.n("now.sensors", found.count)
    text = view.words.t("now.air.sensors", value=written, sensors=count, until=until)
    return " · ".join(filter(None, [telling.badge_of(found.is_simulated, view.words), text]))


def _limit(view: View, quantity: Quantity, value: float, by: str, over: str) -> str:
    say = view.words
    whole = amount(value, quantity, say, view.catalogue)
    return say.t(f"now.limit.{by}", over=say.t(f"now.limit.over.{over}"), value=whole)


def about_air(view: View, at: datetime) -> tuple[str, ...]:
    """How the air was measured: by how many sensors that count, how damp it was at them, and how sure all of it is."""
    if PARTS[view.choice.part] != AIR:
        return ()
    change = turned(view, at)
    return view.once("about air", lambda: _about_air(view, change), change)


def _about_air(view: View, change: datetime | None) -> tuple[str, ...]:
    say, fresh, lines = view.words, _fresh(view, change), []
    # Squares are no sensors, and what measures damp or warmth alone can't be calibrated for the air.
    sensors = telling.alone(
        [
            each
            for each in fresh
            if not each.sensor.is_reference
            and not each.kind.moving
            and any(reading.quantity not in states.AROUND for reading in each.newest)
        ]
    )
    if sensors:
        good = sum(any(states.fine(r, view.catalogue) and r.quantity in TILES for r in each.main) for each in sensors)
        line = say.t("now.air.calibrated", good=say.number(good), total=say.number(len(sensors)))
        lines.append(telling.worn(line, _apart(view, sensors), say))
        damp = middle([value for each in sensors if (value := each.believed("humidity")) is not None])
        if damp is not None:
            line = say.t("now.air.damp", value=say.number(damp))
            lines.append(telling.worn(line, _apart(view, sensors), say))
        lines.append(say.t("now.air.indicative"))
    if any(each.sensor.is_reference and not each.sensor.is_simulated for each in fresh):
        lines.append(say.t("now.air.preliminary"))
    return tuple(lines)


def _containers(view: View, fresh: Sequence[Seen]) -> tuple[str, str, tuple[Tile, ...]]:
    say, mine = view.words, told_of(view)
    fills = [value for each in fresh if (value := each.believed("fill")) is not None]
    mind = fresh[0].kind.mind.get(say.lang)
    typical = middle(fills)
    if typical is None:
        return say.t("now.full.none"), mind, ()
    full = sum(value >= states.FULL["fill"] for value in fills)
    lead = say.n("now.full.lead", full, total=say.number(len(fills)), share=say.number(states.FULL["fill"]))
    unknown = len(mine) - len(fills)  # silent, or what it says is not believed
    means = f"{say.n('now.full.quiet', unknown) if unknown else ''} {mind}".strip()
    count = say.t("now.full.middle.of", count=say.number(len(fills)))
    return lead, means, (Tile(say.t("now.full.middle"), f"{say.number(typical)}%", (count,)),)


def _places(view: View, fresh: Sequence[Seen]) -> tuple[str, str, tuple[Tile, ...]]:
    say, mine = view.words, told_of(view)
    counted = [
        (each.free, each.whole, each.taken) for each in fresh if each.free is not None and each.whole is not None
    ]
    if not counted:
        return say.t("now.free.none"), "", ()
    free = sum(free for free, _, _ in counted)
    places = sum(whole for _, whole, _ in counted)
    lead = say.t("now.free.lead", free=say.number(free), places=say.number(places))
    kinds = dict.fromkeys(each.kind.id for each in mine)
    named = listed([view.catalogue.places[kind].plural.get(say.lang) for kind in kinds], say)
    of = say.t("now.free.of.all", count=say.number(len(counted)), total=say.number(len(mine)), kinds=named)
    known = [(taken, whole) for _, whole, taken in counted if taken is not None]
    if not places or len(known) < len(counted):
        return lead, of, ()
    share = 100 * min(sum(taken for taken, _ in known), places) / places
    return lead, "", (Tile(say.t("now.free.taken"), f"{say.number(share)}%", (of,)),)


def alerts(view: View) -> tuple[str, ...]:
    """The thresholds of this part that are passed now: a line for each kind of them, with a handful of names."""
    return view.once("alerts", lambda: _alerts(view), view.choice.part)


def _alerts(view: View) -> tuple[str, ...]:
    say = view.words
    names: dict[tuple[str, str | None], Seen] = {(each.sensor.source, each.sensor.id): each for each in part(view)}
    groups: dict[tuple[str, str | None, bool], list[Alert]] = {}
    for alert in view.mart.ask(queries.open_alerts):
        if (alert.source, alert.sensor) in names:
            groups.setdefault((alert.rule, alert.quantity, alert.is_simulated), []).append(alert)
    lines = []
    for (rule, quantity, is_simulated), found in groups.items():
        named = list(dict.fromkeys(names[alert.source, alert.sensor].sensor.name for alert in found))
        shown, more = named[:ALERTS], len(named) - ALERTS
        rest = [say.t("places.more", count=say.number(more))] if more > 0 else []
        about = view.catalogue.quantities.get(quantity or "")
        if about and found[0].threshold is not None:
            limit = amount(found[0].threshold, about, say, view.catalogue)
            head = say.t("now.alert.passed", title=about.title.get(say.lang), limit=limit)
        else:
            head = say.t("now.alert.silent")
        # Why there are fewer of these than sensors that are beyond it now. The gemeente may have set another time.
        signal = view.catalogue.signals.get(rule)
        lasts = say.n("now.alert.lasts", signal.opens_after) if signal and signal.opens_after > 1 else ""
        simulated = telling.badge_of(is_simulated, say)
        count = say.n("now.alert.count", len(found))
        lines.append(" ".join(filter(None, [simulated, f"{head}: {count}.", ", ".join([*shown, *rest]) + ".", lasts])))
    return tuple(lines)


def quantities(view: View) -> tuple[Quantity, ...]:
    """The quantities of the part that can be looked at through time, in the order of the catalogue."""

    def make() -> tuple[Quantity, ...]:
        there = {reading.quantity for each in part(view) for reading in each.readings}
        for kind in kinds(view):
            if places := states.places(kind, view.catalogue):
                # Of places the share is looked at, where there is one: it can be compared.
                there -= {places.whole, places.taken, places.free if places.share in there else None}
        return tuple(quantity for quantity in view.catalogue.quantities.values() if quantity.id in there)

    return view.mart.keep(("quantities", view.choice.part), make)


def quantity(view: View) -> Quantity | None:
    """The chosen quantity, or the first there is."""
    there = quantities(view)
    return next((each for each in there if each.id == view.choice.quantity), there[0] if there else None)


def areas(view: View) -> tuple[telling.Area, ...]:
    """What is known of the chosen quantity in every buurt; none where areas have no figure of it, or none of now."""
    about = quantity(view) if PARTS[view.choice.part] == AIR else None
    if about is None:
        return ()
    change = turned(view, moment(view))

    def make() -> tuple[telling.Area, ...]:
        if not telling.measuring(_fresh(view, change), about):
            return ()
        return telling.areas(view.mart, about, view.words, view.catalogue)

    return view.once("known", make, about.id, change)


def area_rows(view: View) -> tuple[tuple[str, str | None, str, int], ...]:
    """The legend of the areas: label, colour, pattern, count; what is simulated is counted by itself."""
    counted = Counter((area.known, area.is_simulated) for area in areas(view))
    if not counted:
        return ()
    looks = (
        ("measured", palettes.MEASURED, ""),
        ("estimated", palettes.ESTIMATED, str(Status.UNRELIABLE)),
        ("unsure", palettes.ESTIMATED, str(Status.UNRELIABLE)),
        ("nobody", None, str(Status.NOT_MEASURED)),
    )
    return tuple(
        (_worn(view, f"now.known.{known}", simulated), colour, pattern, counted[known, simulated])
        for known, colour, pattern in looks
        for simulated in (False, True)
        if counted[known, simulated]
    )


def area_table(view: View) -> str:
    """Every buurt by name, with what is known of it; never by value."""
    say = view.words
    lines = ["|".join([view.level(telling.LEVEL).capitalize(), say.t("now.table.known")]), ":--|:--"]
    return "\n".join([*lines, *(f"{plain(area.name)}|{plain(area.text)}" for area in areas(view))])


def inside(view: View, found: Sequence[Seen]) -> list[Seen]:
    """Of some sensors those in the chosen area; all of them without one."""
    areas, code = view.offer.areas, view.choice.area
    if code is None or areas[code].level == CITY:
        return list(found)
    members = view.mart.ask(queries.members)
    kept = []
    for each in found:
        around, at = set(members.get(each.sensor.code or "", ())), each.sensor.code
        while at and at in areas:
            around.add(at)
            at = areas[at].parent_code
        if code in around:
            kept.append(each)
    return kept


def table(view: View, at: datetime) -> str:
    """The sensors of the part, or of the chosen area, by name: in which state, what it said, when, where.

    What matters most stands on the left: on a phone the rest lies outside the window.
    """
    say, found, change = view.words, inside(view, part(view)), turned(view, at)
    keys = ("name", "state", "said", "at", "area")
    lines = ["|".join(say.t(f"now.table.{key}") for key in keys), "|".join([":--"] * len(keys))]
    for each in found[:TABLE_ROWS]:
        state = states.state(each, change, view.catalogue)
        badge = telling.badge([each], say)
        said = telling.values(each, say, view.catalogue)
        said = said or say.t("now.doubted" if each.sensor.last_at else "now.silent.never")
        stamp = say.moment(each.sensor.last_at) if each.sensor.last_at else say.t("now.silent.never")
        cells = [each.sensor.name, say.t(f"now.state.{state}"), said, stamp, place(view, each)]
        if badge:
            cells[2] = f"{badge}: {cells[2]}"
        lines.append("|".join(map(plain, cells)))
    return "\n".join(lines)


def place(view: View, each: Seen) -> str:
    """The buurt a sensor stands in, in words."""
    area = view.offer.areas.get(each.sensor.code or "")
    return area.name if area else view.words.t("now.outside", city=view.city.name)


def labels(view: View) -> dict[str, str]:
    """The sensors of the part that can be chosen from a list: name and buurt, each different from all others."""
    found = inside(view, part(view))
    named = {each.key: f"{each.sensor.name} · {place(view, each)}" for each in found}
    twice = {label for label, count in Counter(named.values()).items() if count > 1}
    return {key: f"{label} · {key.partition('/')[2]}" if label in twice else label for key, label in named.items()}


def card(view: View, each: Seen, at: datetime) -> tuple[str, ...]:
    """What is known of one sensor, in lines: what it is, its state, each value with its time and why not believed."""
    say, state = view.words, states.state(each, turned(view, at), view.catalogue)
    kind = capital(view.catalogue.places[each.kind.id].singular.get(say.lang))
    means = say.t(f"now.state.{state}.means")
    if state == State.OK and each.kind.group == AIR:
        means += " " + say.t("now.imprecise")
    lines = [f"{kind}, {place(view, each)}. {each.kind.about.get(say.lang)}", means]
    last = each.sensor.last_at
    if state in QUIET:
        hours = say.n("now.silent.after", each.kind.silent)
        lines.append(f"{quiet(last, say).capitalize()}. {hours}" if last else hours)
    return tuple(lines)


def readings(view: View, each: Seen) -> tuple[str, ...]:
    """Each newest value of a sensor in a line, not rounded, with its time and what is the matter with it."""
    return tuple(_reading(view, reading) for reading in each.readings)


def _reading(view: View, reading: Reading) -> str:
    say, about = view.words, view.catalogue.quantities[reading.quantity]
    written = amount(reading.last_value, about, say, view.catalogue, clipped=False)
    said = say.t("now.reading", title=about.title.get(say.lang), value=written, moment=say.moment(reading.last_at))
    if reading.last_reason:
        why = say.t("now.reading.doubted", why=say.t(f"now.reason.{reading.last_reason}"))
    elif not about.calibrated:
        why = say.t("now.reading.doubted", why=say.t("now.reason.uncalibrated"))
    elif reading.status != Status.OK and reading.reason:
        why = say.t("now.reading.hour", why=say.t(f"now.reason.{reading.reason}"))
    else:
        why = ""
    return f"{said} {why}".strip()


def lines(view: View, at: datetime) -> tuple[Line, ...]:
    """What the chart of two days draws: a reference station, the middle of all sensors, the chosen sensor."""
    about = quantity(view)
    if about is None:
        return ()
    since, say, found = telling.hours_back(at, HOURS), view.words, []
    picked = chosen(view)
    if PARTS[view.choice.part] == AIR:
        stations = _stations(view, about)
        station = picked if picked in stations else next(iter(stations), None)
        if station:
            found.append(_line(view, "reference", station, about, since))
        hours = view.mart.ask(queries.area_hours, view.city.code, about.id, since)
        fine = [hour for hour in hours if hour.status == Status.OK]
        found.append(Line("median", say.t("now.levels.median"), _shown(fine, about)))
    if picked and not picked.sensor.is_reference:
        found.append(_line(view, "sensor", picked, about, since))
    return tuple(line for line in found if any(hour.median is not None for hour in line.hours))


def _line(view: View, kind: str, each: Seen, about: Quantity, since: datetime) -> Line:
    hours = view.mart.ask(queries.sensor_hours, each.sensor.source, each.sensor.id, about.id, since)
    return Line(kind, each.sensor.name, _shown(hours, about))


def _shown(hours: Sequence[Hour], about: Quantity) -> tuple[Hour, ...]:
    return tuple(hour if hour.median is None else replace(hour, median=shown(hour.median, about)) for hour in hours)


def limits(view: View) -> tuple[Limit, ...]:
    """The limits of the chosen quantity for hours or a day, as lines across the chart."""
    about = quantity(view)
    if about is None:
        return ()
    kept = [limit for limit in about.limits if limit.over in DRAWN]
    return tuple(Limit(limit.value, _limit(view, about, limit.value, limit.by, limit.over)) for limit in kept)


def limits_told(view: View) -> str:
    """Every limit of the chosen quantity with where it stands, as a list in Markdown; and how to read it."""
    about = quantity(view)
    if about is None or not about.limits:
        return ""
    links = [f"[{plain(_limit(view, about, each.value, each.by, each.over))}]({each.link})" for each in about.limits]
    return view.words.t("now.limits", limits=listed(links, view.words))


def levels_told(view: View, found: Sequence[Line]) -> str:
    """The chart in words: the newest value of each line. It begins with the badge; of some lines, those say it too."""
    say, about = view.words, quantity(view)
    assert about
    said = []
    for line in found:
        newest = next(hour for hour in reversed(line.hours) if hour.median is not None)
        assert newest.median is not None
        written = amount(newest.median, about, say, view.catalogue)
        told = say.t("now.levels.newest", name=line.name, value=written, moment=say.moment(newest.hour))
        said.append(telling.worn(told, line.is_simulated and some(found), say))
    told = say.t("now.levels.told", title=about.title.get(say.lang), lines=" ".join(said))
    worn = badge(found, view)
    return f"{worn}: {told}" if worn else told


def keys(view: View, found: Sequence[Line], across: Sequence[Limit]) -> tuple[str, ...]:
    """What stands in the list beside the chart of two days: each line with its sign, and each limit."""
    worn = [telling.worn(line.name, line.is_simulated and some(found), view.words) for line in found]
    named = [levels.key(replace(line, name=name)) for line, name in zip(found, worn, strict=True)]
    return (*named, *map(levels.limit_key, across))


def levels_table(view: View, found: Sequence[Line]) -> str:
    """The chart of two days as a table in Markdown: a row for each hour, a column for each line; a dash for none."""
    say, about = view.words, quantity(view)
    assert about
    named = [plain(telling.worn(line.name, line.is_simulated, say)) for line in found]
    values = [{hour.hour: hour.median for hour in line.hours if hour.median is not None} for line in found]
    hours = [hour for line in values for hour in line]
    rows = ["|".join([say.t("now.rhythm.hour"), *named]), "|".join([":--", *["--:"] * len(found)])]
    at = min(hours)
    while at <= max(hours):
        written = [amount(line[at], about, say, view.catalogue) if at in line else levels.MISSING for line in values]
        rows.append("|".join(map(plain, [moment_in_short(at, say), *written])))
        at += timedelta(hours=1)
    return "\n".join(rows)


def badge(found: Sequence[Line], view: View) -> str:
    """The badge of a chart when any of its lines is simulated; it says so when others are not."""
    worn = telling.badge_of(any(line.is_simulated for line in found), view.words)
    return view.words.t("now.simulated.some", badge=worn) if some(found) else worn


def some(found: Sequence[Line]) -> bool:
    """Whether some of the lines are simulated and others are not."""
    return len({line.is_simulated for line in found}) > 1


def _stations(view: View, about: Quantity) -> list[Seen]:
    """The reference stations of the part that measure a quantity."""

    def make() -> list[Seen]:
        return [each for each in part(view) if each.sensor.is_reference and each.reading(about.id)]

    return view.mart.keep(("stations", view.choice.part, about.id), make)


def rhythms(view: View) -> dict[str, str]:
    """Of what the week can be shown: stations and the chosen sensor, and wijken. Never of buurten."""
    about = quantity(view)
    if about is None:
        return {}
    picked = chosen(view)
    named = {each.key: each.sensor.name for each in _stations(view, about)}
    # Of what is told when it changes, one sensor has too few hours for a week.
    if picked and picked.reading(about.id) and not about.events:
        named[picked.key] = picked.sensor.name
    if about.least:
        there = view.mart.ask(queries.rhythm_areas, about.id)
        wijken = [area for area in view.offer.areas.values() if area.level == WIJK and area.code in there]
        wijken.sort(key=lambda area: area.name)
        named |= {area.code: view.words.t("now.rhythm.wijk", name=area.name) for area in wijken}
    return named


def rhythm(view: View) -> Rhythm | None:
    """The week of the chosen sensor, else of the wijk of the chosen area, else what `rhythm_key` opens with."""
    about, offered = quantity(view), rhythms(view)
    key = rhythm_key(view)
    if about is None or key is None:
        return None
    if key in view.offer.areas:
        beats, days = view.mart.ask(queries.area_rhythm, key, about.id)
    else:
        source, _, sensor = key.partition("/")
        beats, days = view.mart.ask(queries.sensor_rhythm, source, sensor, about.id)
    return Rhythm(offered[key], about, tuple(replace(beat, median=shown(beat.median, about)) for beat in beats), days)


def rhythm_told(view: View, found: Rhythm) -> str:
    """What the week is of, and out of how long: whole weeks, or days where there are only a few weeks."""
    say = view.words
    weeks = found.days // 7
    span = say.n("now.rhythm.weeks", weeks) if weeks >= FEW_WEEKS else say.n("now.rhythm.days", found.days)
    told = say.t("now.rhythm.told", name=found.name, title=found.quantity.title.get(say.lang), span=span)
    return telling.worn(told, found.is_simulated, say)


def rhythm_key(view: View) -> str | None:
    """Of what the week is shown: a key of `rhythms`."""
    offered, code = rhythms(view), view.choice.area
    if view.choice.sensor in offered:
        return view.choice.sensor
    while code:
        if code in offered:
            return code
        code = view.offer.areas[code].parent_code
    # Stations come first, and measure every hour; of wijken the one that knows most of its week tells most.
    first, about = next(iter(offered), None), quantity(view)
    if first in view.offer.areas and about:
        hours = view.mart.ask(queries.rhythm_areas, about.id)
        return max(offered, key=lambda key: hours.get(key, 0))
    return first


def kinds(view: View) -> tuple[SensorKind, ...]:
    """The kinds of the chosen part that have sensors; without any those that it could have."""
    mine = view.mart.keep(("kinds", view.choice.part), lambda: {each.kind.id for each in part(view)})
    group = [kind for kind in view.catalogue.sensor_kinds.values() if kind.group == PARTS[view.choice.part]]
    return tuple(kind for kind in group if kind.id in mine) or tuple(group)


def about_kind(view: View, kind: SensorKind, decided: Decided | None) -> str:
    """What a kind of sensor does, knows and doesn't say; the three questions; what registers have about it."""
    say = view.words
    text = [plain(each.get(say.lang)) for each in (kind.about, kind.mind)]
    text.append(f"**{say.t('now.privacy')}** {plain(kind.privacy.get(say.lang))}")
    for question in QUESTIONS:
        answer = getattr(decided, question, None)
        said = say.t("now.unanswered")
        if answer is not None:
            # What the gemeente wrote only in Dutch stands there in Dutch, rather than not at all.
            said = plain(answer.nl if say.lang == "nl" or answer.en is None else answer.en)
        text.append(f"**{say.t(f'now.question.{question}')}** {said}")
    if decided and decided.dpia:
        text.append(f"[{say.t('now.dpia')}]({decided.dpia})")
    if decided and decided.register_entry:
        text.append(f"[{say.t('now.register.own')}]({decided.register_entry})")
    entries = lists.mentioning(view, kind.mentions)
    if entries:
        text.append(f"**{say.t('now.register')}**\n{lists.lines(view, entries, ENTRIES, named=True)}")
    else:
        text.append(say.t("now.register.none"))
    return "\n\n".join(text)


def sources(view: View) -> set[str]:
    """The sources of what the part shows."""
    return {each.sensor.source for each in part(view)}
