"""One figure is one figure: the same number, written the same way, wherever it is met.

Compared over all indicators, levels and periods of the sample and of a gemeente full of traps (in English the newest
period of each): what the map's file draws and says in its tooltip, the row of the table, the sentence, the CSV and the
JSON of the API. What is expected is written here, by Python's own formatting, from the digits of the CSV.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from buurtbeeld.catalogue import SHOWN, Catalogue, Figure, Indicator, Status, load
from buurtbeeld.maps import files
from buurtbeeld.server import periods
from buurtbeeld.texts import LANGUAGES, sentences, words
from buurtbeeld.view import plain
from buurtbeeld.widgets.notes import rows
from tests import traps
from tests.conftest import Client
from tests.figures import mart_of, view_of
from tests.marts import own
from tests.warehouse.town import CODE

CATALOGUE: Catalogue = load()
LEVELS = ("gemeente", "wijk", "buurt")
AT_ONCE = 20  # indicators the API gives in one answer


class Asked(NamedTuple):
    """One figure in both forms of the API."""

    csv: dict[str, str]
    json: dict[str, Any]


Published = dict[str, dict[tuple[str, str], dict[str, Asked]]]  # indicator, then level and period, then code
NUMBER = re.compile(r"\N{MINUS SIGN}?\d+(?:[.,]\d+)*")


@pytest.fixture(scope="module", params=["sample", "traps"])
def place(request, sample, tmp_path_factory) -> tuple[Path, str]:
    """DATA_DIR and gemeente of what is compared: the sample, and the areas on which figures go wrong."""
    folder = tmp_path_factory.mktemp("equal")
    if request.param == "sample":
        return own(sample, folder), "GM0344"
    traps.town(folder)
    return folder, CODE


@pytest.fixture(scope="module")
def client(place, serve) -> Iterator[Client]:
    """A server of its own, whose maps have no shapes: those take most of the time, and none is compared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEMEENTE", place[1])
        patch.setattr(files, "_geometry", lambda wkb: None)
        yield serve(place[0])


@pytest.fixture(scope="module")
def published(client) -> Published:
    """Every figure, as the API gives it."""
    listed = [item["id"] for item in client.ask("/api/v1/indicators").json()["items"]]
    found: Published = {}
    for start in range(0, len(listed), AT_ONCE):
        for level in LEVELS:
            path = f"/api/v1/figures?indicator={','.join(listed[start : start + AT_ONCE])}&level={level}&period=all"
            items = client.ask(path).json()["items"]
            table = csv.DictReader(io.StringIO(client.ask(f"{path}&format=csv").text))
            for row, item in zip(table, items, strict=True):
                series = found.setdefault(item["indicator"], {}).setdefault((level, item["period"]), {})
                series[item["code"]] = Asked(row, item)
    return found


def number(text: str, decimals: int, lang: str) -> str:
    """The digits of a CSV as a reader expects them."""
    written = f"{float(text):,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
    return written.translate(str.maketrans(".,", ",.")) if lang == "nl" else written


def quantity(text: str, indicator: Indicator, lang: str) -> str:
    pattern = CATALOGUE.units[indicator.unit].pattern.get(lang)
    return pattern.replace("{n}", number(text, indicator.decimals, lang))


def spaced(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def drawn(client: Client, build: str, lang: str, level: str, id: str, period: str) -> dict[str, dict[str, Any]]:
    """What the file of a map says of each area; empty where the page offers no such map."""
    written = periods.write(date.fromisoformat(period), CATALOGUE.indicators[id].grain)
    answer = client.ask(f"/map/{build}/{lang}/{level}/{id}/{written}/rounded-5.geojson")
    features = answer.json()["features"] if answer.status_code == 200 else []
    return {feature["id"]: feature["properties"] for feature in features}


def tabled(text: str) -> dict[str, list[str]]:
    """The cells of a table's rows by the name in front, which is Markdown; an unreliable one without its grey."""
    lines = [line.split("|") for line in spaced(text).splitlines()[2:]]
    read = str.maketrans("", "", "\\")  # what keeps a sign from being Markdown
    return {name: [c.translate(read).removeprefix(":gray[").removesuffix("]") for c in cells] for name, *cells in lines}


@pytest.fixture(scope="module")
def mart(place):
    return mart_of(*place)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("id", CATALOGUE.indicators)
def test_a_figure_is_the_same_wherever_it_is_met(client, mart, published, id, lang):
    series = published.get(id, {})
    # What another language can change is how a figure is written: its newest period of each level shows that.
    newest = {level: max(period for other, period in series if other == level) for level, _ in series}
    for (level, period), figures in series.items():
        if lang != LANGUAGES[0] and period != newest[level]:
            continue
        day = date.fromisoformat(period)
        every = tuple(Figure(**asked.json | {"period": day}) for asked in figures.values())
        map_ = drawn(client, mart.build.id, lang, level, id, period)
        cells: dict[str, list[str]] = {}
        assert bool(map_) == any(figure.value is not None for figure in every), "no map"
        if map_ and level != "gemeente":  # of which there is no table
            view = view_of(mart, taal=lang, indicator=id, niveau=level, periode=str(day.year))
            assert view.figures() == every, "a page and the API have other figures"
            cells = tabled(rows(view, every))
            assert len(map_) == len(cells) == len(every)
        for figure in every:
            row, item = figures[figure.code]
            said = sentences.caption(figure, None, [figure], CATALOGUE.indicators[id], words(lang), CATALOGUE).whole
            check_values(row, item, map_.get(figure.code))
            tooltip = spaced(map_[figure.code]["text"]) if map_ else None
            check_words(row, lang, spaced(said), tooltip, cells[plain(figure.name)] if cells else None)


def check_values(row: dict[str, str], item: dict[str, Any], drawn: dict[str, Any] | None) -> None:
    """CSV, JSON and map file hold the same value, ends and status, digit by digit."""
    for part in ("value", "low", "high"):
        assert row[part] == ("" if item[part] is None else str(item[part]).removesuffix(".0")), row
    assert row["status"] == item["status"], row
    if drawn:
        assert (drawn["value"], drawn["status"]) == (item["value"], item["status"]), row


def check_words(row: dict[str, str], lang: str, said: str, tooltip: str | None, cells: list[str] | None) -> None:
    """Sentence, tooltip and table write the value, both ends and the status of a row of the CSV."""
    indicator, say = CATALOGUE.indicators[row["indicator"]], words(lang)
    status = say.status(row["status"])
    if row["status"] not in SHOWN:
        assert say.t(f"status.{row['status']}.why") in said, (row, said)
        assert tooltip in (None, status), (row, tooltip)
        assert not cells or (cells[0] == status and not any(cells[1:])), (row, cells)
        return
    short, whole = number(row["value"], indicator.decimals, lang), quantity(row["value"], indicator, lang)
    if indicator.unit == "percent" and float(short.replace(",", ".")) == 0 and float(row["high"] or 0) > 0:
        least = str(10.0**-indicator.decimals)  # a share that need not be nothing is not written as nothing
        short = number(least, indicator.decimals, lang)
        whole = say.t("sure.less", value=quantity(least, indicator, lang))
    assert whole in said and short in NUMBER.findall(said), (row, said)
    assert tooltip is None or tooltip.partition(" (")[0].partition(" · ")[0] == whole, (row, tooltip)
    assert not cells or cells[0].partition(" (")[0] in (whole, short), (row, cells)
    unsure, early = row["status"] == Status.UNRELIABLE, row["provisional"] == "true"
    for mark, is_so in ((say.status(Status.UNRELIABLE), unsure), (say.t("sure.label.provisional"), early)):
        assert all((mark in text) == is_so for text in (tooltip, cells and cells[0]) if text), (row, tooltip, cells)
    assert (say.unsure(indicator) in said, say.t("sure.provisional") in said) == (unsure, early), (row, said)
    ends = tuple(number(row[end], indicator.decimals, lang) for end in ("low", "high") if row[end])
    if len(set(ends)) == 2:
        for text in (said, *([tooltip] if tooltip else [])):
            assert ends in [*pairwise(NUMBER.findall(text))], (row, text)
    assert not cells or len(cells) == 1 or tuple(NUMBER.findall(cells[1])) == ends, (row, cells)


def test_everything_in_the_mart_was_compared(published, mart):
    """Every row of the view `figure` on the borders that it was published for is one that the API gave."""
    [(count,)] = mart.read(lambda con: con.execute("SELECT count(*) FROM figure WHERE NOT converted").fetchall())
    [(shown,)] = mart.read(lambda con: con.execute("SELECT count(value) FROM figure WHERE NOT converted").fetchall())
    every = [asked.json for series in published.values() for figures in series.values() for asked in figures.values()]
    held = [item for item in every if item["value"] is not None]
    assert len(every) >= count > 2_500 and len(held) == shown
