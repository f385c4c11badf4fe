"""What the city wants to be told, and where: `city/signals.toml` over the defaults of the catalogue.

`python -m buurtbeeld.sensors.signals` prints the rules and targets that hold, or everything that is wrong.
"""

import ipaddress
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from buurtbeeld import settings
from buurtbeeld.catalogue import Catalogue, CatalogueError, Problem, Signal, load, rules
from buurtbeeld.catalogue.entry import Entry, Id, Words
from buurtbeeld.catalogue.read import sentences

FILE = "signals.toml"
SHOWN = f"city/{FILE}"

T = TypeVar("T", bound=Entry)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def unsafe(address: str) -> str | None:
    """Why nothing may be sent to an address, as a sentence that doesn't hold it: it may have a secret in it."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if re.search(r"\s", address) or parts.scheme not in ("https", "http") or not parts.hostname:
        return "It must be an address that begins with https://."
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return "It must begin with https://; http:// is only for an address of this machine."
    if parts.username is not None or parts.password is not None:
        return "It must not hold a name and password; put what tells who is asking in a header."
    return None


# None of these sentences repeats what was there: somebody may have put a secret in the wrong place.
def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        raise ValueError(
            "It must be the name of a variable of the environment, such as SIGNALS_TOKEN. "
            "The secret itself is not for this file."
        )
    return name


def _webhook(address: str) -> str:
    if reason := unsafe(address):
        raise ValueError(reason)
    return address


def _page(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[?#\s]", address):
        raise ValueError("It must be the address of the dashboard, beginning with https://, without ? or #.")
    return address.rstrip("/")


def _mailbox(address: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+", address) or not address.isascii():
        raise ValueError("It must be one mail address, without a name before it.")
    return address


Variable = Annotated[Words, AfterValidator(_variable)]
Webhook = Annotated[Words, AfterValidator(_webhook)]
Page = Annotated[Words, AfterValidator(_page)]
Mailbox = Annotated[Words, AfterValidator(_mailbox)]
Host = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9.:-]+$")]
Header = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9-]+$")]


class Target(Entry):
    """Where signals are sent: a webhook, whose address may be in the variable `webhook_from`, or a mail address.

    headers: of a webhook, each with the variable of the environment that holds its value. rules: the ids of those that
    it is told of; None for all. per_hour: messages of one signal each; what is more comes together in one.
    """

    id: Id
    webhook: Webhook | None = None
    webhook_from: Variable | None = None
    headers: Mapping[Header, Variable] = {}
    mail: Mailbox | None = None
    rules: tuple[Id, ...] | None = None
    per_hour: Annotated[int, Field(strict=True, ge=1, le=1000)] = 10

    @model_validator(mode="after")
    def _one_way(self) -> "Target":
        if sum(each is not None for each in (self.webhook, self.webhook_from, self.mail)) != 1:
            raise ValueError("A target has one of webhook, webhook_from and mail.")
        if self.headers and self.mail is not None:
            raise ValueError("Headers belong to a webhook.")
        return self


class MailServer(Entry):
    """The server that takes mail. password_from: the variable of the environment that holds the password of `user`.

    It has to speak STARTTLS, unless it is this machine.
    """

    id: Literal["mail"] = "mail"
    host: Host
    port: Annotated[int, Field(strict=True, ge=1, le=65535)] = 587
    sender: Mailbox
    user: Words | None = None
    password_from: Variable | None = None

    @model_validator(mode="after")
    def _both(self) -> "MailServer":
        if (self.user is None) != (self.password_from is None):
            raise ValueError("User and password_from go together.")
        return self


@dataclass(frozen=True, kw_only=True)
class Signals:
    """What holds: all rules by id, those that are off among them, and all targets by id.

    language: nl or en, of the messages. base_url: the address of the dashboard, for links; no slash at its end.
    """

    rules: Mapping[str, Signal]
    targets: Mapping[str, Target] = field(default_factory=dict)
    mail: MailServer | None = None
    language: str = "nl"
    base_url: str | None = None


class SignalsError(ValueError):
    """The city's file can't be used. `problems` holds a sentence for each mistake; the text is all of them."""

    def __init__(self, problems: Iterator[Problem] | list[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(str(problem) for problem in problems))
        super().__init__("\n".join(self.problems))


class _General(Entry):
    id: Literal[""] = ""
    language: Literal["nl", "en"] = "nl"
    base_url: Page | None = None


def read(city_dir: Path, catalogue: Catalogue | None = None) -> Signals:
    """The rules and targets of a city; those of the catalogue and no targets where it has no file.

    Raises SignalsError with everything that is wrong.
    """
    catalogue = catalogue or load()
    try:
        tables = tomllib.loads((city_dir / FILE).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Signals(rules=catalogue.signals)
    except OSError as error:
        raise SignalsError([Problem(SHOWN, "", f"It can't be read: {error.strerror}.")]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SignalsError([Problem(SHOWN, "", f"It can't be read as TOML: {error}.")]) from error
    problems: list[Problem] = []
    groups = {name: _tables(tables, name, problems) for name in ("rules", "targets")}
    general = {name: value for name, value in tables.items() if name not in ("rules", "targets", "mail")}
    about = _checked(_General, "", general, problems)
    mail = None
    if "mail" in tables:
        mail = _checked(MailServer, "mail", tables["mail"], problems)
    merged = {id: _merged(catalogue, id, entry) for id, entry in groups["rules"].items()}
    every = {**{id: rule.model_dump(mode="json") for id, rule in catalogue.signals.items()}, **merged}
    found = {id: _checked(Signal, f"rules.{id}", {**entry, "id": id}, problems) for id, entry in every.items()}
    problems += _lines(found)
    targets = {
        id: _checked(Target, f"targets.{id}", {"id": id, **entry}, problems) for id, entry in groups["targets"].items()
    }
    problems += _between(catalogue, merged, every, {id: each for id, each in targets.items() if each}, mail)
    if problems or about is None:
        raise SignalsError(problems)
    return Signals(
        rules={id: rule for id, rule in found.items() if rule},
        targets={id: target for id, target in targets.items() if target},
        mail=mail,
        language=about.language,
        base_url=about.base_url,
    )


def _tables(tables: Mapping[str, Any], name: str, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    """The tables below `[name.…]`."""
    group = tables.get(name, {})
    if not isinstance(group, dict):
        problems.append(Problem(SHOWN, name, f"It must be tables, each beginning with [{name}.<its id>]."))
        return {}
    for id, entry in group.items():
        if not isinstance(entry, dict):
            problems.append(Problem(SHOWN, f"{name}.{id}", f"It must be a table that begins with [{name}.{id}]."))
        elif "id" in entry:
            problems.append(Problem(SHOWN, f"{name}.{id}.id", "The id is the table's name; leave this key out."))
    return {id: entry for id, entry in group.items() if isinstance(entry, dict) and "id" not in entry}


def _merged(catalogue: Catalogue, id: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """A rule of the city: what it doesn't say of one of ours stays as it is."""
    ours = catalogue.signals[id].model_dump(mode="json") if id in catalogue.signals else {}
    return {**ours, **entry}


def _checked(kind: type[T], key: str, entry: Any, problems: list[Problem]) -> T | None:
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        for problem in sentences(SHOWN.removesuffix(".toml"), key, error):
            reason = problem.reason.removeprefix("Value error, ")
            problems.append(Problem(SHOWN, problem.key, reason[:1].upper() + reason[1:]))
    return None


def _lines(rules: Mapping[str, Signal | None]) -> Iterator[Problem]:
    """A title is the subject of a mail, which is one line."""
    for id, rule in rules.items():
        for lang, title in rule.title.model_dump().items() if rule else ():
            if len(title.splitlines()) > 1:
                yield Problem(SHOWN, f"rules.{id}.title.{lang}", "A title is one line; take the line break out.")


def _between(
    catalogue: Catalogue,
    merged: Mapping[str, Mapping[str, Any]],
    every: Mapping[str, Mapping[str, Any]],
    targets: Mapping[str, Target],
    mail: MailServer | None,
) -> Iterator[Problem]:
    """What must hold between the entries of the file, and with the catalogue."""
    about = {
        "sensor_kinds": {id: kind.model_dump(mode="json") for id, kind in catalogue.sensor_kinds.items()},
        "quantities": {id: quantity.model_dump(mode="json") for id, quantity in catalogue.quantities.items()},
    }
    for problem in rules.signals({**about, "signals": merged}):
        yield Problem(SHOWN, f"rules.{problem.key}", problem.reason)
    for id, target in targets.items():
        for name in target.rules or ():
            if name not in every:
                yield Problem(SHOWN, f"targets.{id}.rules", f"There is no rule {name!r}; there are {', '.join(every)}.")
        if target.mail is not None and mail is None:
            yield Problem(SHOWN, f"targets.{id}.mail", "There is no server to send it with; add a table [mail].")


def main() -> int:
    """Print what holds, or what is wrong; 1 if anything is."""
    try:
        found = read(settings.read().city_dir)
    except (settings.SettingsError, SignalsError, CatalogueError) as error:
        print(error, file=sys.stderr)
        return 1
    for rule in found.rules.values():
        print(f"{rule.id:24} {said(rule) if rule.on else 'off'}")
    for target in found.targets.values():
        way = "mail" if target.mail else "webhook"
        print(f"{target.id:24} {way}: {', '.join(target.rules) if target.rules else 'every rule'}")
    return 0


def said(rule: Signal) -> str:
    """A rule in one line, for staff."""
    about = ", ".join(rule.kinds)
    if rule.silent is not None:
        return f"opens after {rule.silent} hours without a message, of {about}"
    when = str(rule.when).replace("_", " ")
    opens = f"opens when {rule.quantity} is {when} {rule.threshold:g} for {rule.opens_after} hours"
    return f"{opens}, closes beyond {rule.closes:g} after {rule.closes_after} hours, of {about}"


if __name__ == "__main__":
    sys.exit(main())
