"""How the addresses of the server write a period: 2024, 2024-03 or 2024-03-05."""

import re
from datetime import date


def read(text: str) -> date | None:
    """The first day of a written period; None when it is no such period."""
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text):
        return None
    try:
        return date.fromisoformat(text + "-01" * (2 - text.count("-")))
    except ValueError:
        return None


def write(day: date, grain: str) -> str:
    """A period by its first day, as short as its grain (year, month or day) allows."""
    return day.isoformat()[: {"year": 4, "month": 7, "day": 10}[grain]]
