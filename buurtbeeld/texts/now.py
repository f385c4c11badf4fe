"""The words of what is measured now: how old it is, how good the air is, and what a sensor says."""

from datetime import UTC, date, datetime, timedelta

from babel.dates import format_date, get_day_names

from buurtbeeld.catalogue import Catalogue, Quantity
from buurtbeeld.texts import HOME, Words

JUST = timedelta(minutes=2)  # how far clocks may be apart before it is said
# The classes of the air quality index (LKI): the highest value of each.
CLASSES = ((3, "good"), (6, "fair"), (8, "poor"), (10, "bad"), (11, "worst"))


def air_class(index: float) -> str:
    """The class of a value of the air quality index, as the keys of texts know it."""
    return next((name for most, name in CLASSES if round(index) <= most), CLASSES[-1][1])


def age(at: datetime, now: datetime, say: Words) -> str:
    """How long ago it was measured: `5 minuten geleden gemeten`. Both are UTC without zone."""
    if at > now + JUST:
        return say.t("now.age.ahead", moment=say.moment(at))
    minutes = max(int((now - at) / timedelta(minutes=1)), 0)
    if minutes < 1:
        return say.t("now.age.just")
    if minutes < 60:
        return say.n("now.age.minutes", minutes)
    if minutes < 48 * 60:
        return say.n("now.age.hours", minutes // 60)
    return say.n("now.age.days", minutes // (24 * 60))


def quiet(at: datetime | None, say: Words) -> str:
    """Of a sensor or a feed that stopped: since when."""
    return say.t("now.silent.since", moment=say.moment(at)) if at else say.t("now.silent.never")


def shown(value: float, quantity: Quantity) -> float:
    """A value as it is told and drawn: what a good instrument measures just below nothing is nothing."""
    return max(value, 0.0) if quantity.unit == "ug_m3" else value


def amount(value: float, quantity: Quantity, say: Words, catalogue: Catalogue, *, clipped: bool = True) -> str:
    """A value with its unit. clipped: as it is `shown`, and not exactly as it counts."""
    number = say.number(shown(value, quantity) if clipped else value, quantity.decimals)
    pattern = catalogue.units[quantity.unit].pattern.get(say.lang)
    return pattern.replace(" {n}", "\N{NO-BREAK SPACE}{n}").replace("{n} ", "{n}\N{NO-BREAK SPACE}").format(n=number)


def day_in_short(day: date, say: Words) -> str:
    """A day where there is little room: `za 28 nov`."""
    return str(format_date(day, "EEE d MMM", locale=say.lang)).replace(".", "")


def moment_in_short(at: datetime, say: Words) -> str:
    """A moment (UTC without zone) on the clock of the Netherlands, where there is little room: `za 28 nov 14:00`."""
    there = home(at)
    return f"{day_in_short(there.date(), say)} {there:%H:%M}"


def weekdays(say: Words) -> tuple[str, ...]:
    """The days of the week in full, from Monday on."""
    names = get_day_names("wide", locale=say.lang)
    return tuple(str(names[place]) for place in range(7))


def home(at: datetime) -> datetime:
    """A moment on the clock of the Netherlands, without zone."""
    return at.replace(tzinfo=UTC).astimezone(HOME).replace(tzinfo=None)
