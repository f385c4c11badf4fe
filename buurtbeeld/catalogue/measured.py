"""What sensors measured, as it goes from the mart to charts: an hour, and an hour of the week."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour (its beginning, UTC without zone) of one quantity, of a sensor or of an area.

    count: readings that are believed, or sensors that are ok.
    """

    hour: datetime
    median: float | None
    count: int
    status: str
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class Beat:
    """The middle value of an hour of the clock on a day of the week (1 is Monday), and of how many hours it is."""

    weekday: int
    hour: int
    median: float
    hours: int
    is_simulated: bool
