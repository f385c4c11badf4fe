"""What publishers say of a reading, in terms of ours: a time on the clock of the wall, stars, what is about people."""

import math
import re
from datetime import UTC, datetime, timedelta, tzinfo

AHEAD = timedelta(minutes=5)
"""What a clock may be fast. With an hour, as much as landing allows, each time would be of the second of two hours."""
MOST_STARS = 5
OF_PERSONS = re.compile(
    r"(card|pas|kaart|badge|token|user|resident|bewoner|gebruiker)[ _-]?(id|uid|nr|no|number|nummer|code|hash)\b"
    r"|rfid|deposit|storting|inworp|household|huishoud|e-?mail|phone|telefoon",
    re.IGNORECASE,
)
"""Names, of columns and the like, of what is about people: what has any of these is refused as a whole."""


def instant(time: datetime, zone: tzinfo, arrived: datetime) -> datetime:
    """The moment (UTC, with its zone) of a time without a zone, that is on the clock of `zone` and came at `arrived`.

    In the night in which the clock goes back, an hour comes twice. The time is of the last of both that is not after
    `arrived`, give or take `AHEAD`; so one of the first hour is known as such when it comes within 55 minutes. An hour
    that the clock leaves out is read as if it did not, or as if it already had: also the last that is not after
    `arrived`.

    arrived: with a zone. Raises ValueError or OverflowError for a time that UTC has not.
    """
    first = time.replace(tzinfo=zone, fold=0)
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():  # but for two hours of a year
        return first.astimezone(UTC)
    both = [first.astimezone(UTC), second.astimezone(UTC)]
    return max((each for each in both if each <= arrived + AHEAD), default=min(both))


def stars(value: object) -> int | None:
    """How many of five stars a publisher gives a reading, halves left off; None for what is no number from 0 to 5."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return math.floor(number) if 0 <= number <= MOST_STARS else None
