"""Every visible word: Dutch and English, numbers and dates the way each language writes them.

The words stand in `nl.po` and `en.po`, gettext catalogues keyed by place (`map.level`), so that they can be edited
without touching code. Titles of figures come from the catalogue; sentences about figures from `sentences.py`.
"""

import gettext
import io
import re
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from buurtbeeld.catalogue import SHOWN, Catalogue, Figure, Indicator, Status

LANGUAGES = ("nl", "en")
HOME = ZoneInfo("Europe/Amsterdam")
_LOCALE = {"nl": "nl_NL", "en": "en_GB"}
_TWO_STOPS = re.compile(r"(?<!\.)\.\.(?=\s|$)")
_GLUE = "\N{NO-BREAK SPACE}"


def capital(text: str) -> str:
    """`text` with a capital at its beginning; the others stay, as in P+R."""
    return text[:1].upper() + text[1:]


class Words:
    """The words of one language."""

    def __init__(self, lang: str) -> None:
        if lang not in LANGUAGES:
            raise KeyError(lang)
        self.lang = lang
        self._locale = _LOCALE[lang]
        with (Path(__file__).with_name(f"{lang}.po")).open("rb") as file:
            catalogue = read_po(file, locale=lang, abort_invalid=True)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        self._messages = gettext.GNUTranslations(compiled)
        self._keys = {
            message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id
        }

    def t(self, key: str, **values: object) -> str:
        """The words under `key`, with `values` filled in. Raises KeyError for a key that is in no catalogue."""
        if key not in self._keys:
            raise KeyError(key)
        return self.fill(self._messages.gettext(key), **values)

    def n(self, key: str, count: int, **values: object) -> str:
        """The words under `key` for `count` things; `{count}` is filled in as a written number."""
        if key not in self._keys:
            raise KeyError(key)
        words = self._messages.ngettext(key, f"{key}.plural", count)
        return self.fill(words, count=self.number(count), **values)

    def fill(self, template: str, **values: object) -> str:
        """A template with `values` filled in; a sentence that ends in a name like `Lombok e.o.` has one full stop."""
        return _TWO_STOPS.sub(".", template.format(**values))

    def number(self, value: float, decimals: int = 0) -> str:
        """1234.5 as 1.234,5 (nl) or 1,234.5 (en), always with `decimals` decimals; a true minus sign."""
        return _decimal(float(value), decimals, self._locale).replace("-", "\N{MINUS SIGN}")

    def plain(self, value: float) -> str:
        """A number as one types it into a cell: 1234,5 (nl) or 1234.5 (en), with at most nine decimals."""
        return str(format_decimal(value, "0.#########", locale=self._locale))

    def quantity(self, value: float, indicator: Indicator, catalogue: Catalogue) -> str:
        """A value of `indicator` with its unit: `€ 451.000`, `12%`, `0,7 km`."""
        return self.unit(self.number(value, indicator.decimals), indicator, catalogue)

    def unit(self, number: str, indicator: Indicator, catalogue: Catalogue) -> str:
        """A written number with the unit of `indicator`; a line never breaks between the two."""
        pattern = catalogue.units[indicator.unit].pattern.get(self.lang)
        return pattern.replace(" {n}", f"{_GLUE}{{n}}").replace("{n} ", f"{{n}}{_GLUE}").format(n=number)

    def change(self, number: str, indicator: Indicator, catalogue: Catalogue) -> str:
        """A written change with its unit: a share changes by percentage points, not by percent."""
        if indicator.unit == "percent":
            return self.t("change.points", number=number)
        if indicator.kind == "class":
            return self.t("change.steps", number=number)
        return self.unit(number, indicator, catalogue)

    def head(self, indicator: Indicator, catalogue: Catalogue) -> str:
        """The head of a column of figures: its title, a unit that is words and not a sign, "estimate"."""
        title, unit = indicator.title.get(self.lang), catalogue.units[indicator.unit]
        word = unit.word.get(self.lang)
        named = word.split()[-1] in title  # such as "per square kilometre"
        added = [word] if _in_words(unit.pattern.get(self.lang)) and not named else []
        return _with(title, [*added, *([self.t("sure.label.model")] if indicator.method == "model" else [])])

    def cell(self, figure: Figure, indicator: Indicator, catalogue: Catalogue) -> str:
        """A figure below its `head`: a unit of words is not said again in every row."""
        if figure.status in SHOWN and figure.value is not None:
            written = self._hardly(figure, indicator, catalogue) or self.short(figure.value, indicator, catalogue)
            return _with(written, self._marks(figure))
        return self.status(self.reason(figure))

    def figure(self, figure: Figure, indicator: Indicator, catalogue: Catalogue) -> str:
        """The value with its unit and what is the matter with it: `€ 451.000`, `34 per 1.000 inwoners (onzeker)`.

        Where there is no value: in a few words why not.
        """
        if figure.status in SHOWN and figure.value is not None:
            return _with(self._amount(figure, indicator, catalogue), self._marks(figure))
        return self.status(self.reason(figure))

    def amount(self, figure: Figure, indicator: Indicator, catalogue: Catalogue) -> str:
        """The value of a figure that has one, with its unit, in a sentence; `minder dan 1%` as in `_hardly`."""
        return self.badged(self._amount(figure, indicator, catalogue), figure)

    def badge(self, *figures: Figure | None) -> str:
        """The word that everything simulated wears, where one of `figures` has a value that is; else empty."""
        worn = any(figure and figure.is_simulated and figure.value is not None for figure in figures)
        return self.t("badge.simulated") if worn else ""

    def badged(self, text: str, *figures: Figure | None) -> str:
        """What was made of `figures`, with their badge behind it where they have one."""
        return _with(text, [badge] if (badge := self.badge(*figures)) else [])

    def worn(self, text: str, *figures: Figure | None) -> str:
        """A sentence or title about `figures` that begins with their badge, unless it says it already."""
        badge = self.badge(*figures)
        return f"{badge}: {text}" if badge and text and badge not in text else text

    def _amount(self, figure: Figure, indicator: Indicator, catalogue: Catalogue) -> str:
        assert figure.value is not None
        return self._hardly(figure, indicator, catalogue) or self.quantity(figure.value, indicator, catalogue)

    def _hardly(self, figure: Figure, indicator: Indicator, catalogue: Catalogue) -> str:
        """A share that is written as 0 and need not be nothing: less than the smallest that is written. Else empty."""
        if indicator.unit != "percent" or figure.value is None or not figure.high:
            return ""
        if round(figure.value, indicator.decimals) != 0:
            return ""
        return self.t("sure.less", value=self.quantity(10.0**-indicator.decimals, indicator, catalogue))

    def _marks(self, figure: Figure) -> list[str]:
        unreliable = [self.status(figure.status)] if figure.status == Status.UNRELIABLE else []
        provisional = [self.t("sure.label.provisional")] if figure.provisional else []
        badge = [worn] if (worn := self.badge(figure)) else []
        return badge + unreliable + provisional + ([self.t("sure.label.converted")] if figure.converted else [])

    def interval(self, figure: Figure, indicator: Indicator, catalogue: Catalogue) -> str:
        """Between which two values a figure lies: `tussen 9% en 15%`, `tussen 20 en 55 per 1.000 inwoners`.

        Empty where it has no interval, or one so small that both its ends are written alike.
        """
        if figure.low is None or figure.high is None or len(set(self.ends(figure, indicator, catalogue))) < 2:
            return ""
        low, high = self.pair(figure.low, figure.high, indicator, catalogue)
        return self.t("sure.between", low=low, high=high)

    def pair(self, low: float, high: float, indicator: Indicator, catalogue: Catalogue) -> tuple[str, str]:
        """Two values to be read one after the other: a unit of words that follows the number is said once."""
        follows = catalogue.units[indicator.unit].pattern.get(self.lang).startswith("{n}")
        first = self.short if follows else self.quantity
        return first(low, indicator, catalogue), self.quantity(high, indicator, catalogue)

    def ends(self, figure: Figure, indicator: Indicator, catalogue: Catalogue) -> tuple[str, ...]:
        """The lowest and the highest that a figure may be, as a `cell` writes them; empty where it has no interval."""
        ends = (end for end in (figure.low, figure.high) if end is not None)
        return tuple(self.short(end, indicator, catalogue) for end in ends)

    def short(self, value: float, indicator: Indicator, catalogue: Catalogue) -> str:
        """A value with its unit, if that is a sign and not words."""
        if _in_words(catalogue.units[indicator.unit].pattern.get(self.lang)):
            return self.number(value, indicator.decimals)
        return self.quantity(value, indicator, catalogue)

    def status(self, status: str) -> str:
        """A status in a few words, for a legend or a table."""
        return self.t(f"status.{status}")

    def reason(self, figure: Figure) -> str:
        """Why a figure has no value, as the texts of a status know it: that of other borders has words of its own."""
        return "unconverted" if figure.converted and figure.status == Status.NOT_MEASURED else figure.status

    def unsure(self, indicator: Indicator) -> str:
        """Why figures of `indicator` that are unreliable are so."""
        if indicator.quantity:
            return self.t("status.unreliable.sensors")
        return self.t("status.unreliable.few" if indicator.kept_below else "status.unreliable.why")

    def period(self, day: date, grain: str) -> str:
        """A period by its first day: `2024`, `maart 2024`, `3 maart 2024`."""
        pattern = {"year": "y", "month": "LLLL y", "day": "d MMMM y"}[grain]
        return _day(day, pattern, self._locale)

    def during(self, day: date, grain: str) -> str:
        """A period with its preposition, within a sentence: `in 2024`, `in maart 2024`, `op 3 maart 2024`."""
        return self.t("period.on" if grain == "day" else "period.in", period=self.period(day, grain))

    def day(self, day: date) -> str:
        """A day: `3 maart 2024`."""
        return self.period(day, "day")

    def moment(self, at: datetime) -> str:
        """A UTC time without zone, as a clock in the Netherlands shows it: `3 maart 2024, 14:05`."""
        local = at.replace(tzinfo=UTC).astimezone(HOME)
        return str(format_datetime(local, "d MMMM y, HH:mm", locale=self._locale))


@cache
def words(lang: str) -> Words:
    """The words of `lang`: nl or en. Raises KeyError for another language."""
    return Words(lang)


def _with(text: str, added: list[str]) -> str:
    """Text with what is to be known of it behind it, between brackets."""
    return f"{text} ({', '.join(added)})" if added else text


def _in_words(pattern: str) -> bool:
    """Whether a unit is written in words, and not as a sign of at most two letters such as % or km."""
    return len(pattern.replace("{n}", "").strip()) > 2


@lru_cache(1_000)
def _day(day: date, pattern: str, locale: str) -> str:
    return str(format_date(day, pattern, locale=locale))


@lru_cache(maxsize=20_000)
def _decimal(value: float, decimals: int, locale: str) -> str:
    # A value that rounds to nothing is written as 0, not as -0.
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    rounded = round(value, decimals)
    return str(format_decimal(0.0 if rounded == 0 else rounded, pattern, locale=locale))
