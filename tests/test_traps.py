"""Areas on which figures go wrong, on every page, in both languages: nothing breaks, no code shows, missing is no zero.

What a page says in HTML is held to the mart. That figures are the same on map, table, sentence and in
every file is compared in `test_equal.py`.
"""

import io
import json
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from buurtbeeld import queries
from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import SHOWN, Figure, Status, load
from buurtbeeld.maps.decks import NAME, TOOLTIP
from buurtbeeld.queries import figures
from buurtbeeld.texts import LANGUAGES, words
from tests import traps
from tests.figures import mart_of
from tests.reading import Truth
from tests.traps import HIDDEN_WIJK, ORDINARY, SILENT, TRAPS
from tests.warehouse.town import CODE

CATALOGUE = load()
HINTS = ("trend.single",)  # notices that a page may have when all is well
NOT_READ = {"id", "formId", "pageScriptHash", "labelExpr", "expr", "calculate", "filter", "test"}  # names and code
COMPARED = {"": 1, "kaart": 1, "trends": 1, "profiel": 20, "vergelijken": 100}  # at the least, of what is HTML
A_CODE = re.compile(r"[-\N{MINUS SIGN}]\s?99[.,]?9\d\d")
NO_WORDS = re.compile(r"\b(None|nan|NaN|inf|Infinity|NULL|undefined)\b|Status\.|[{}]")
YEAR = re.compile(r"\b(19|20)\d\d\b")
ZERO = re.compile(r"(?<![\d.,])0(?:[.,]0+)?(?![\d.,]\d|\d)")


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Iterator[Path]:
    """The DATA_DIR of the gemeente, which is that of the dashboard as long as this module runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEMEENTE", CODE)
        yield traps.town(tmp_path_factory.mktemp("traps")).settings.data_dir


def elements(block: Any) -> Iterator[Any]:
    for child in getattr(block, "children", {}).values():
        if getattr(child, "proto", None) is not None:
            yield child
        yield from elements(child)


def strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, inside in value.items():
                if key not in NOT_READ:
                    yield from strings(inside)
        case list():
            for inside in value:
                yield from strings(inside)


def read(app: AppTest) -> list[str]:
    """Every text of a page as it was sent: charts and maps as the texts in them, HTML without its tags."""
    found: list[str] = []
    for element in elements(app._tree):
        for text in strings(MessageToDict(element.proto)):
            if text.startswith("{") and text.endswith("}"):
                found += strings(json.loads(text))
            else:
                found += _seen(text)
    return [text.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "") for text in found]


def _seen(text: str) -> list[str]:
    """A text without HTML: what stands between the tags, and what pictures say."""
    if not text.startswith("<"):
        return [text]
    said = re.findall(r'\balt="([^"]*)"', text)
    return [unescape(part) for part in (*said, re.sub(r"<style>[^<]*</style>|<[^>]*>", "\n", text))]


def tables(texts: list[str]) -> Iterator[list[list[str]]]:
    for lines in (part.splitlines() for text in texts for part in text.split("\n\n")):
        if len(lines) > 1 and re.fullmatch(r"[|:\- ]+", lines[1]):
            yield [[cell.strip() for cell in line.strip("|").split("|")] for line in (lines[0], *lines[2:])]


def said_of(name: str, texts: list[str]) -> list[str]:
    """Every cell in the row or the column of that name."""
    cells = []
    for head, *body in tables(texts):
        cells += [cell for row in body if row[0] == name for cell in row[1:]]
        if name in head:
            cells += [row[head.index(name)] for row in body if len(row) == len(head)]
    return cells


def figure_of(trap: traps.Trap, data_dir: Path) -> Any:
    """The newest figure that tells of a trap."""
    mart = mart_of(data_dir, CODE)
    level = "wijk" if trap.code.startswith("WK") else "buurt"
    newest = date(traps.YEARS[-1], 1, 1)
    return next(each for each in mart.ask(figures, trap.indicator, level, newest) if each.code == trap.code)


@pytest.fixture(scope="module")
def open_(show, town):
    """What a page says of one trap, beside an ordinary area."""

    def opened(page, trap, lang):
        level = "wijk" if trap.code.startswith("WK") else "buurt"
        asked = {"taal": lang, "indicator": trap.indicator, "niveau": level, "gebied": f"{ORDINARY[0]},{trap.code}"}
        if level == "buurt":
            asked["eigen"] = asked["gebied"]
        if page.segment == "profiel":  # it shows the first
            asked["gebied"] = trap.code
        return show(town, page, **asked)

    return opened


@pytest.fixture(scope="module")
def truths(town) -> dict[str, Truth]:
    """What the mart holds, by the language in which it is read."""
    mart = mart_of(town, CODE)
    return {lang: Truth(mart, lang) for lang in LANGUAGES}


def held(truth: Truth, segment: str, app: AppTest, trap: traps.Trap, figure: Figure) -> int:
    """Holds what a page says in HTML to the mart; how much that was."""
    written = [element.proto.body for element in elements(app._tree) if element.type == "html"]
    if segment in ("", "kaart"):  # cut into the classes of the chosen figure
        return sum(truth.legend(html, truth.all_of(figure)) for html in written)
    # Small charts are of all figures of one area, or of one figure in all areas.
    return sum(truth.read(html, trap.indicator if segment == "trends" else trap.code) for html in written)


def put_together(truth: Truth, trap: traps.Trap, texts: list[str]) -> int:
    """Holds an area of one's own, of an ordinary area and a trap, to the reasons why these lack figures.

    The whole has not the trap's own figure to show, but is made of figures of the trap: where one of these is missing
    it gives the reason, and says whose; and of others, that no areas together can have them. How many figures it has.
    """
    rows = {row[0]: row for head, *body in tables(texts) for row in body if len(head) == 4}
    refused = " ".join(text for text in texts if text.startswith("- **"))
    nobody = any(figure.value == 0 for figure in truth.figures[trap.code, "residents"])
    for id in truth.newest["buurt"]:
        indicator = CATALOGUE.indicators[id]
        if (row := rows.get(truth.say.head(indicator, CATALOGUE))) is None:
            assert indicator.title.get(truth.say.lang) in refused
            continue
        _, period, said, _ = row
        made_of = {indicator.numerator, indicator.denominator} if indicator.derived else {id, indicator.weight}
        parts = [f for each in made_of for code in (ORDINARY[0], trap.code) for f in truth.of(code, each or "", period)]
        lacking = [f for f in parts if f.value is None and f.status != Status.NOT_APPLICABLE]
        told = [f for f in lacking if said.startswith(truth.say.status(f.status)) and f.name in said]
        known = re.match(r"(€ ?|minder dan |less than )?\d", said)
        assert told or (known and (nobody or not lacking)), (row, lacking)
    return len(rows)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.segment or "start")
def test_a_page_survives_a_trap(open_, town, truths, page, trap, lang):
    app, say = open_(page, trap, lang), words(lang)
    assert [*app.exception, *app.error, *app.warning] == []
    assert {info.value for info in app.info} <= {say.t(key) for key in HINTS}
    texts = read(app)
    assert [text for text in texts if A_CODE.search(text)] == []
    assert [text for text in texts if NO_WORDS.search(text) and text not in (*TOOLTIP.values(), *NAME.values())] == []
    about = [part for text in texts for part in re.split(r"(?<=[.!?])\s|\n", text) if trap.name in part]
    figure = figure_of(trap, town)
    compared = held(truths[lang], page.segment, app, trap, figure)
    assert compared >= COMPARED.get(page.segment, 0)
    for metric in app.metric:
        if metric.label == trap.name:
            assert metric.value == say.cell(figure, CATALOGUE.indicators[trap.indicator], CATALOGUE)
    if page.segment == "eigen-gebied":
        assert trap is HIDDEN_WIJK or put_together(truths[lang], trap, texts) > 10  # a wijk is no part of one
    elif about and figure.status != Status.OK:
        reasons = [say.status(figure.status), say.t(f"status.{figure.status}.why")]
        assert any(reason in text for text in texts for reason in reasons), reasons
    if trap in SILENT:
        large = [metric.value for metric in app.metric if metric.label == trap.name]
        figures = [cell for cell in (*large, *said_of(trap.name, texts)) if re.search(r"\d", YEAR.sub("", cell))]
        zeros = [part for part in about if "|" not in part and ZERO.search(YEAR.sub("", part))]
        assert (figures, zeros) == ([], [])


def test_these_tests_would_see_a_code_a_zero_and_a_hole():
    texts = [
        "a|b|Zwijghoek\n:--|--:|--:\nx|1|0\nZwijghoek|3 %|",
        "Zwijghoek heeft 0 inwoners. 1.000 elders.",
        "x: −99.997",
    ]
    assert said_of("Zwijghoek", texts) == ["3 %", "0"]
    assert (
        ZERO.search(texts[1]) and not ZERO.search("1.000 en 10% en 0,7") and ZERO.search("€ 0") and ZERO.search("0,0%")
    )
    assert A_CODE.search(texts[2]) and A_CODE.search("-99997.0") and not A_CODE.search("1999 2024-99")
    assert NO_WORDS.search("None inwoners") and NO_WORDS.search("{value}") and not NO_WORDS.search("Nonnen, Nantes")


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_the_traps_are_what_they_are_for(town, trap):
    status = {
        traps.EMPTY: Status.NOT_APPLICABLE, traps.FOUR: Status.TOO_FEW, traps.TWENTY: Status.TOO_FEW,
        traps.SECRET: Status.STOPPED, traps.MOVED: Status.OK, traps.NEW: Status.UNRELIABLE,
        traps.HOMELESS: Status.REASON_UNKNOWN, traps.SHIELDED: Status.WITHHELD,
        traps.HIDDEN_WIJK: Status.REASON_UNKNOWN,
    }  # fmt: skip
    assert figure_of(trap, town).status == status[trap]


def figures_of(trap: traps.Trap, data_dir: Path) -> Iterator[Any]:
    """Every figure of a trap."""
    mart, ids = mart_of(data_dir, CODE), tuple(CATALOGUE.indicators)
    yield from mart.ask(queries.figures_of, ids, (trap.code,))


@pytest.mark.parametrize(
    ("trap", "expected"), [(traps.TWENTY, {"too_few"}), (traps.FOUR, {"too_few"}), (traps.MOVED, {"ok"})]
)
def test_of_20_residents_there_is_no_estimate(town, trap, expected):
    estimates = [f for f in figures_of(trap, town) if CATALOGUE.indicators[f.indicator].method == "model"]
    assert len(estimates) > 30
    assert {str(figure.status) for figure in estimates} == expected


def test_of_what_is_withheld_no_other_figure_tells(town):
    found = {figure.indicator: figure for figure in figures_of(traps.SHIELDED, town)}
    assert found["residents_0_15_share"].status == Status.WITHHELD
    assert found["residents"].status == Status.OK


@pytest.fixture(scope="module")
def client(town, serve):
    return serve(town)


LEVELS = ("gemeente", "wijk", "buurt")
AT_ONCE = 20  # indicators the API gives in one answer


@pytest.fixture(scope="module")
def listed(client):
    """The indicators that have a figure in this gemeente."""
    found = [item["id"] for item in client.ask("/api/v1/indicators").json()["items"]]
    assert 100 < len(found) < len(CATALOGUE.indicators)
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_no_file_holds_a_code_or_a_number_where_nothing_is_known(client, town, listed, level):
    seen = set()
    for start in range(0, len(listed), AT_ONCE):
        some = listed[start : start + AT_ONCE]
        path = f"/api/v1/figures?indicator={','.join(some)}&level={level}&period=all"
        items = client.ask(path).json()["items"]
        seen |= {row["indicator"] for row in items}
        for row in items:
            numbers = [row[part] for part in ("value", "low", "high", "n") if row[part] is not None]
            assert (row["status"] in SHOWN) == (row["value"] is not None), row
            assert row["value"] is not None or not numbers, row
            assert all(number > -1000 for number in numbers), row
        assert not A_CODE.search(client.ask(f"{path}&format=csv").text), some
        table = pq.read_table(io.BytesIO(client.ask(f"{path}&format=parquet").content))
        assert table["value"].null_count == sum(row["value"] is None for row in items), some
    held = {held.indicator for held in mart_of(town, CODE).ask(queries.held) if held.level == level}
    assert held <= seen <= set(listed)


def test_what_has_no_figure_in_the_gemeente_is_no_indicator_there(client, listed):
    for id in CATALOGUE.indicators.keys() - set(listed):
        assert client.ask(f"/api/v1/figures?indicator={id}&level=buurt&period=all").status_code == 400, id


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_the_file_of_one_trap_has_its_sentence(client, trap, lang):
    level = "wijk" if trap.code.startswith("WK") else "buurt"
    path = f"/api/v1/figures?indicator={trap.indicator}&level={level}&area={trap.code}&format=parquet&taal={lang}"
    said = pq.read_schema(io.BytesIO(client.ask(path).content)).metadata[b"about"].decode()
    assert trap.name in said and not A_CODE.search(said) and not NO_WORDS.search(said)


def test_areas_and_borders_are_drawn_also_of_a_district_that_is_new(client, town):
    build = mart_of(town, CODE).build.id
    features = client.ask("/api/v1/areas?level=buurt").json()["features"]
    assert {trap.code for trap in TRAPS if trap.code.startswith("BU")} <= {each["id"] for each in features}
    older = client.ask("/api/v1/areas?level=buurt&edition=2023").json()["features"]
    assert traps.NEW.code not in {each["id"] for each in older}
    assert client.ask(f"/map/{build}/outline/{'_'.join(trap.code for trap in TRAPS)}.geojson").status_code == 200


def test_what_changed_says_nothing_of_who_was_not_there(client, town):
    build = mart_of(town, CODE).build.id
    changed = client.ask(f"/map/{build}/nl/change/buurt/residents/2023/2024.geojson").json()["features"]
    about = {each["id"]: each["properties"] for each in changed}
    for trap in (traps.NEW, traps.SECRET):
        assert about[trap.code]["value"] is None and about[trap.code]["text"] == words("nl").status("reason_unknown")
    circles = client.ask(f"/map/{build}/circles/buurt/residents/2024/rounded-5.geojson").json()["features"]
    assert traps.SECRET.code not in {each["id"] for each in circles}
