"""The table, the file, the map, the legend and the API hold the same figures, and every area is in each of them."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from PIL import Image

from buurtbeeld.catalogue import Status, load
from buurtbeeld.maps import palettes
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

BUURTEN = 111
WITHOUT_RESIDENTS = {"BU03440911": "Bedrijventerrein De Wetering", "BU03440952": "Bedrijvengebied Strijkviertel"}


class Shown(NamedTuple):
    """One figure on /kaart in every form it has there."""

    visitor: Visitor
    indicator: str
    table: list[list[str]]
    legend: dict[str, int]
    file: list[dict[str, str]]
    api: list[dict[str, Any]]
    map: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def visitor(arrive) -> Iterator[Visitor]:
    """Somebody who compares."""
    with arrive() as visitor:
        yield visitor


@pytest.fixture(scope="module", params=["home_value", "crimes_per_1000", "good_health", "residents"])
def shown(request, visitor, server) -> Shown:
    """Figures of every kind: a mean, one that is derived and has a small-number rule, a survey, a count in circles."""
    with visitor.page.expect_response(f"**/nl/buurt/{request.param}/**") as drawn:
        visitor.open(f"/kaart?indicator={request.param}")
    table, legend = visitor.rows(), visitor.legend()
    visitor.page.get_by_role("tab", name=visitor.words.t("tab.share")).click()
    named = re.compile(rf"^{visitor.words.t('share.csv')}\b")  # it also says that it opens in a new tab
    link = visitor.page.get_by_role("link", name=named).get_attribute("href")
    return Shown(
        visitor,
        request.param,
        table,
        legend,
        list(csv.DictReader(io.StringIO(server.client.get(link).text))),
        server.client.get(link.replace("format=csv", "format=json")).json()["items"],
        {area["id"]: area["properties"] for area in drawn.value.json()["features"]},
    )


def test_every_form_has_every_buurt(shown):
    assert [len(form) for form in (shown.table, shown.file, shown.api, shown.map)] == [BUURTEN] * 4
    assert sum(shown.legend.values()) == BUURTEN


def test_the_file_and_the_api_hold_the_same(shown):
    numbers = [(item["code"], item["value"], item["status"]) for item in shown.api]
    assert [
        (row["code"], float(row["value"]) if row["value"] else None, row["status"]) for row in shown.file
    ] == numbers
    assert {(code, item["value"], item["status"]) for code, item in shown.map.items()} == set(numbers)


def test_the_table_and_the_tooltip_write_what_the_file_holds(shown):
    say, indicator = shown.visitor.words, load().indicators[shown.indicator]

    def written(write):
        return {
            (row["name"], write(float(row["value"])) if row["value"] else say.status(row["status"]))
            for row in shown.file
        }

    assert {(item["name"], bare(item["text"])) for item in shown.map.values()} == written(
        lambda value: say.quantity(value, indicator, load())
    )
    # In the table the unit stands in the head of the column where it is words.
    in_head = indicator.unit == "per_1000"
    assert {(name, bare(value)) for name, value, *_ in shown.table} == written(
        lambda value: say.number(value, indicator.decimals) if in_head else say.quantity(value, indicator, load())
    )


def bare(text: str) -> str:
    """A written figure without what is said of it behind it."""
    return text.partition(" · ")[0].partition(" (")[0]


def test_the_table_has_both_ends_of_what_has_an_interval(shown):
    ends = {name: span[0] for name, _, *span in shown.table if span}
    known = {row["name"]: (float(row["low"]), float(row["high"])) for row in shown.file if row["low"]}
    say = shown.visitor.words
    written = {
        name: say.t("sure.span", low=say.number(low), high=say.number(high)) for name, (low, high) in known.items()
    }
    assert {name: span for name, span in ends.items() if span} == written
    assert bool(written) == (shown.indicator in ("residents", "crimes_per_1000"))


def test_the_legend_counts_what_the_map_colours(shown):
    areas, say = shown.map.values(), shown.visitor.words
    colours = Counter(tuple(item["fill"]) for item in areas if item["status"] == Status.OK)
    # The others have a hatch, which the legend counts under the word of their status.
    words = Counter(say.status(item["status"]) for item in areas if item["status"] != Status.OK)
    assert words == {label: n for label, n in shown.legend.items() if label in words}
    assert sorted(colours.values()) == sorted(n for label, n in shown.legend.items() if label not in words and n)


def test_what_is_missing_or_unreliable_is_hatched_and_nothing_else(shown):
    hatched = {code: item["pattern"] for code, item in shown.map.items() if item["hatch"][3]}
    assert hatched == {row["code"]: row["status"] for row in shown.file if row["status"] != Status.OK}
    assert {row["status"] for row in shown.file if row["value"]} <= {Status.OK, Status.UNRELIABLE}


def test_an_area_without_residents_is_missing_everywhere_and_never_zero(visitor, server):
    visitor.open("/kaart?indicator=residents")
    for code, name in WITHOUT_RESIDENTS.items():
        assert [name, visitor.words.t("status.reason_unknown"), ""] in visitor.rows()
        visitor.choose(visitor.areas(), name)
        visitor.expect_chosen(code, name)
        assert visitor.page.get_by_test_id("stMetricValue").inner_text() == visitor.words.t("status.reason_unknown")
    codes = ",".join(WITHOUT_RESIDENTS)
    items = server.client.get(f"/api/v1/figures?indicator=residents&area={codes}").json()["items"]
    assert [(item["value"], item["status"]) for item in items] == [(None, "reason_unknown")] * 2


def test_a_missing_area_looks_hatched(visitor, places):
    visitor.open("/kaart?indicator=residents")
    missing, known = places["BU03440911"], places["BU03440113"]
    assert visitor.point(missing["lon"], missing["lat"]).endswith(visitor.words.t("status.reason_unknown"))
    visitor.page.mouse.move(5, 5)
    visitor.page.wait_for_timeout(1_000)
    stripes, ground = (_colours(visitor, area["lon"], area["lat"]) for area in (missing, known))
    hatch = palettes.rgb(palettes.HATCH)
    assert any(_near(colour, hatch) for colour in stripes) and any(min(colour) > 200 for colour in stripes)
    assert not any(_near(colour, hatch) for colour in ground)


def _colours(visitor: Visitor, lon: float, lat: float) -> list[tuple[int, ...]]:
    """The colours around a point of the map."""
    x, y = visitor.place(lon, lat)
    picture = visitor.page.screenshot(clip={"x": x - 6, "y": y - 6, "width": 12, "height": 12})
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    return [colour for _, colour in image.getcolors(1_000) or [] if isinstance(colour, tuple)]


def _near(colour: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(colour, other, strict=True)) < 25
