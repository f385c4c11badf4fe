"""A figure: one value with everything that belongs to it, and the closed list of what can be the matter with it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isnan


class Status(StrEnum):
    """Why a figure is shown or not. The words for each stand in `texts/`."""

    OK = "ok"
    UNRELIABLE = "unreliable"
    TOO_FEW = "too_few"
    WITHHELD = "withheld"
    SECRET = "secret"  # noqa: S105  the publisher's secret, not a password
    LATER = "later"
    STOPPED = "stopped"
    NOT_MEASURED = "not_measured"
    NOT_APPLICABLE = "not_applicable"
    REASON_UNKNOWN = "reason_unknown"


SHOWN = frozenset({Status.OK, Status.UNRELIABLE})
"""The only two statuses with which a value may leave the raw files."""


BINDING = (
    Status.WITHHELD,
    Status.SECRET,
    Status.REASON_UNKNOWN,
    Status.NOT_MEASURED,
    Status.STOPPED,
    Status.LATER,
    Status.TOO_FEW,
)
"""Why a figure that is made of several has no value: of those that are missing the first of these counts."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the mart's `figure` view, in the order of its columns.

    value, low and high are in `unit`; low and high are the 95% interval where the source has one; n is the number of
    people or answers behind the value; period is the first day of the year, month or day; edition is the year of the
    area's border. Raises ValueError when a hidden figure carries a number, or a shown one carries none: a missing
    value must never be able to pass for a number.
    """

    code: str
    name: str
    level: str
    indicator: str
    period: date
    grain: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    unit: str
    status: Status
    provisional: bool
    edition: int
    converted: bool
    source: str
    is_sample: bool
    is_simulated: bool

    def __post_init__(self) -> None:
        numbers = [number for number in (self.value, self.low, self.high, self.n) if number is not None]
        where = f"Figure {self.indicator} of {self.code} in {self.period}"
        if any(isnan(number) for number in numbers):
            raise ValueError(f"{where} holds NaN; a missing number is None.")
        if self.status in SHOWN and self.value is None:
            raise ValueError(f"{where} has status {self.status} but no value.")
        if self.status not in SHOWN and numbers:
            raise ValueError(f"{where} has status {self.status}, so value, low, high and n must be None.")
