"""An alert in words for whoever is told of it: one message, or many in one. It names a place, and never a person."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from buurtbeeld.catalogue import Catalogue
from buurtbeeld.sensors.signals import Signals
from buurtbeeld.texts import Words, words

What = Literal["opened", "closed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Told:
    """An alert of the mart, with what is known of its sensor. Times are UTC without zone.

    place: its name there. area: the name of the buurt `code`. where: what was told of both before, if anything; then
    `sensor` is as it was told too.
    """

    id: str
    rule: str
    source: str
    sensor: str
    code: str | None
    quantity: str | None
    threshold: float
    value: float | None
    opened_at: datetime
    closed_at: datetime | None
    kind: str
    place: str | None
    area: str | None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. id: the same whenever it is sent again; about: all of it, as a webhook gets it."""

    id: str
    about: dict[str, Any]

    @property
    def subject(self) -> str:
        """The first line."""
        return str(self.about["title"])

    @property
    def text(self) -> str:
        """The rest, in sentences."""
        return str(self.about["text"])


def told(alert: Told, what: What, nth: int, signals: Signals, catalogue: Catalogue) -> Message:
    """The message that an alert opened, is over, or turned out not to have been.

    nth: how often this was told of this alert before; a receiver that knows the id would leave out the second.
    """
    say = words(signals.language)
    title = signals.rules[alert.rule].title.get(say.lang)
    id = f"{alert.id}-{what}" + (f"-{nth + 1}" if nth else "")
    unit = catalogue.quantities[alert.quantity].unit if alert.quantity else None
    about = {
        "id": id,
        "alert": alert.id,
        "what": what,
        "title": say.t(f"signal.{what}.title", title=title),
        "text": _sentences(alert, what, say, catalogue),
        "rule": alert.rule,
        "source": alert.source,
        "sensor": sensor(alert, catalogue),
        "kind": alert.kind,
        "place": place(alert, say, catalogue),
        "area": alert.code,
        "quantity": alert.quantity,
        "unit": unit,
        "value": alert.value,
        "threshold": alert.threshold,
        "opened_at": utc(alert.opened_at),
        "closed_at": utc(alert.closed_at) if alert.closed_at else None,
        "link": _link(signals),
    }
    return Message(id, about)


def together(messages: Sequence[Message], signals: Signals) -> Message:
    """One message for many."""
    say = words(signals.language)
    id = f"summary-{hashlib.sha256(' '.join(message.id for message in messages).encode()).hexdigest()[:16]}"
    lines = [f"- {message.subject}. {message.text}" for message in messages]
    about = {
        "id": id,
        "what": "summary",
        "title": say.n("signal.summary", len(messages)),
        "text": "\n".join([say.t("signal.summary.text"), *lines]),
        "signals": [message.about for message in messages],
        "link": _link(signals),
    }
    return Message(id, about)


def letter(message: Message, signals: Signals) -> str:
    """A message as the text of a mail."""
    say = words(signals.language)
    link = message.about["link"]
    more = [say.t("signal.more", link=link)] if link else []
    return "\n\n".join([message.text, *more, say.t("signal.unseen")]) + "\n"


def sensor(alert: Told, catalogue: Catalogue) -> str:
    """Which sensor it is: its id, or `code_of` one that may be at someone's home; as it was told before, if it was."""
    known = alert.where is not None or not catalogue.sensor_kinds[alert.kind].at_home
    return alert.sensor if known else code_of(alert.source, alert.sensor)


def code_of(source: str, sensor: str) -> str:
    """Twelve signs in place of an id that may name a person: the same for a sensor in every message."""
    return hashlib.sha256(f"{source}\n{sensor}".encode()).hexdigest()[:12]


def place(alert: Told, say: Words, catalogue: Catalogue) -> str:
    """Where it is, in words; of a sensor that may be at someone's home only the buurt."""
    if alert.where is not None:
        return alert.where
    named = None if catalogue.sensor_kinds[alert.kind].at_home else alert.place
    singular = catalogue.places[alert.kind].singular.get(say.lang)
    name = named or singular[:1].upper() + singular[1:]
    return f"{name} ({alert.area})" if alert.area else name


def utc(at: datetime) -> str:
    """2026-11-23T18:53:00Z"""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _sentences(alert: Told, what: What, say: Words, catalogue: Catalogue) -> str:
    where, since = place(alert, say, catalogue), say.moment(alert.opened_at)
    if what == "withdrawn":
        return say.t("signal.withdrawn", place=where, since=since)
    if what == "closed" and alert.closed_at:
        return say.t("signal.closed", place=where, since=since, until=say.moment(alert.closed_at))
    if alert.quantity is None or alert.value is None:
        last = alert.opened_at - timedelta(hours=alert.threshold)
        return say.t("signal.silent", place=where, last=say.moment(last))
    value, limit = (_written(each, alert.quantity, say, catalogue) for each in (alert.value, alert.threshold))
    return say.t("signal.value", place=where, value=value, since=since, threshold=limit)


def _written(value: float, quantity: str, say: Words, catalogue: Catalogue) -> str:
    """A value with its unit."""
    about = catalogue.quantities[quantity]
    return catalogue.units[about.unit].pattern.get(say.lang).format(n=say.number(value, about.decimals))


def _link(signals: Signals) -> str | None:
    return f"{signals.base_url}/nu?taal={signals.language}" if signals.base_url else None
