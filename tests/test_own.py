"""The page about an area of one's own: what it says of some buurten together, also where figures are missing."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import combinations

import duckdb
import pytest

from buurtbeeld import own
from buurtbeeld.catalogue import Figure, load
from buurtbeeld.combining import MOST_PARTS, PART_LEVEL
from buurtbeeld.exports import tables
from buurtbeeld.store import Mart, Store
from buurtbeeld.view import View
from tests import marts
from tests.figures import mart_of, view_of

CATALOGUE = load()
THREE = ("BU03440111", "BU03440112", "BU03440113")
NOBODY = "BU03440911"  # De Wetering: no number of residents, in the sample without a reason
OTHER_NOBODY = "BU03440952"  # Strijkviertel, alike
WEST = "WK034401"


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


def seen(mart: Mart, *codes: str, **params: str) -> View:
    return view_of(mart, eigen=",".join(codes), **params)


def row(view: View, id: str) -> own.Row:
    return next(row for row in own.rows(view) if row.indicator.id == id)


def made(view: View, id: str) -> Figure:
    """The figure of all together; fails where none can be made."""
    figure = row(view, id).own.figure
    assert figure
    return figure


def cells(view: View) -> dict[str, list[str]]:
    """The lines of the table by their first cell."""
    lines = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in own.table(view).splitlines()]
    return {line[0]: line[1:] for line in lines[2:]}


def everything(view: View) -> str:
    """All that the page and its file say, without the names of areas and of figures, which hold numbers too."""
    file = tables.as_csv(own.file(view)).decode()
    return "\n".join([own.headline(view), own.table(view), own.refusals(view), own.gaps(view), file])


def test_every_figure_per_buurt_is_there_made_or_refused(mart):
    view = seen(mart, *THREE)
    held = [id for id in CATALOGUE.indicators if PART_LEVEL in view.offer.held.get(id, {})]
    assert [row.indicator.id for row in own.rows(view)] == held
    assert sum(row.own.figure is not None for row in own.rows(view)) == 16
    assert all(row.city is None or row.city.period == row.period for row in own.rows(view))


def test_the_sum_its_range_and_the_city_stand_in_one_line(mart):
    """3,445 + 4,155 … as the API gives them: 7,375, at most 12 off, usually at most 10."""
    view = seen(mart, *THREE)
    assert cells(view)["Inwoners"] == ["2024", "7.375 · tussen 7.365 en 7.385", "374.238"]
    whole = row(view, "residents").own
    assert (whole.least, whole.most) == (7363, 7387)
    assert own.how_sure(view).endswith("samen hoogstens 12. In 19 van de 20 gevallen scheelt het hoogstens 10.")


def test_how_sure_a_sum_is_that_is_not_shown_is_not_told(mart):
    assert own.how_sure(seen(mart, NOBODY, OTHER_NOBODY)) == ""


def test_a_bound_is_told_once(mart):
    assert own.how_sure(seen(mart, *THREE[:2])).endswith("In uw gebied scheelt dat samen hoogstens 8.")


def test_a_unit_in_words_stands_at_the_title_and_not_in_every_number(mart):
    lines = cells(seen(mart, *THREE))
    assert re.fullmatch(r"\d+ · tussen \d+ en \d+", lines["Misdrijven per 1.000 inwoners"][1])


def test_what_can_not_be_put_together_is_told_by_reason(mart):
    said = own.refusals(seen(mart, *THREE)).splitlines()
    assert len(said) == 4
    assert said[0].startswith(
        "- **Hiervoor is per buurt nodig over hoeveel woningen het cijfer gaat. Dat geeft de bron er niet bij.** Waarde"
    )
    assert own.refusals(seen(mart, THREE[0])) == ""


def test_a_buurt_without_a_figure_takes_that_of_the_whole_away(mart):
    view = seen(mart, *THREE, NOBODY)
    assert cells(view)["Inwoners"][1] == "niet bekend in Bedrijventerrein De Wetering"
    assert row(view, "residents").own.lacking == (NOBODY,)
    assert made(view, "crimes").value == 430 + 190
    assert "Bedrijventerrein De Wetering (14 van de 16 cijfers)" in own.gaps(view)
    assert own.gaps(view).endswith("Zonder die buurten ziet u meer.")
    assert "ziet u meer" not in own.gaps(seen(mart, NOBODY, OTHER_NOBODY))
    assert own.gaps(seen(mart, "BU03440112", "BU03440121")) == ""


def test_of_nobody_knows_nothing_is_made_up(mart):
    assert own.headline(seen(mart, NOBODY)) == ""
    assert cells(seen(mart, NOBODY))["Inwoners"][1] == "niet bekend"


def test_it_says_what_it_is_made_of(mart):
    assert own.made_of(seen(mart, THREE[1])) == "Uw gebied is 1 buurt: Oog in Al."
    said = own.made_of(seen(mart, *THREE))
    assert said == "Uw gebied bestaat uit 3 buurten: Welgelegen, Den Hommel; Oog in Al; en Halve Maan-Zuid."
    many = [area.code for area in seen(mart).offer.areas.values() if area.level == PART_LEVEL][:MOST_PARTS]
    assert own.made_of(seen(mart, *many)).endswith("en 37 andere.")
    assert own.made_of(seen(mart, *THREE, taal="en")).startswith("Your area consists of 3 neighbourhoods:")


def test_a_whole_wijk_is_known_as_one(mart):
    view = seen(mart)
    buurten = [area.code for area in view.offer.areas.values() if area.parent_code == WEST]
    assert own.wijk(seen(mart, *buurten)) == view.offer.areas[WEST]
    assert own.wijk(seen(mart, *buurten[1:])) is None
    assert own.wijk(seen(mart, *buurten, "BU03440711")) is None
    assert own.wijk(view) is None


def test_the_file_holds_what_the_page_shows(mart):
    view = seen(mart, *THREE)
    rows = list(csv.DictReader(io.StringIO(tables.as_csv(own.file(view)).decode())))
    assert [each["indicator"] for each in rows] == [row.indicator.id for row in own.rows(view)]
    by_id = {each["indicator"]: each for each in rows}
    assert by_id["residents"] | {"why": "", "status": "ok", "areas": " ".join(THREE)} == by_id["residents"]
    assert (by_id["residents"]["value"], by_id["residents"]["low"], by_id["residents"]["most"]) == (
        "7375",
        "7365",
        "7387",
    )
    assert (by_id["home_value"]["value"], by_id["home_value"]["why"]) == ("", "homes")
    for row in own.rows(view):
        if figure := row.own.figure:  # whatever belongs to a figure
            written = by_id[figure.indicator]
            flags = {name: str(getattr(figure, name)).lower() for name in ("provisional", "converted", "is_sample")}
            assert written | flags | {"edition": str(figure.edition), "n": str(figure.n or "")} == written


# --- nothing that is hidden can be found by way of it


@pytest.fixture(params=["withheld", "secret"])
def hiding(request, sample, tmp_path) -> Iterator[tuple[Mart, str]]:
    """The sample, in which one number of residents, households and crimes of each wijk is hidden."""
    folder = marts.own(sample, tmp_path)
    path = marts.settings(folder).mart_link.resolve()
    with duckdb.connect(path) as con:
        con.execute(
            f"""UPDATE mart_figure SET value = NULL, low = NULL, high = NULL, n = NULL, status = '{request.param}'
                WHERE area_id IN (SELECT area_id FROM mart_area WHERE code LIKE 'BU%12')
                  AND indicator_id IN (SELECT indicator_id FROM mart_indicator
                                       WHERE id IN ('residents', 'households', 'crimes', 'residents_65plus'))"""
        )
    yield Store(marts.settings(folder)).current(), request.param


def test_no_choice_of_buurten_tells_more_than_the_figures_that_are_shown(hiding):
    """Whatever the page and its file say can be computed from the shown figures alone, so it gives nothing away."""
    mart, status = hiding
    four = ("BU03440111", "BU03440112", "BU03440113", "BU03440121")
    shown = {code: made(seen(mart, code), "residents").value or 0 for code in four}
    assert shown["BU03440112"] == 0
    for size in (2, 3, 4):
        for chosen in combinations(four, size):
            view = seen(mart, *chosen)
            if "BU03440112" not in chosen:
                assert made(view, "residents").value == sum(shown[code] for code in chosen)
                continue
            for id in ("residents", "households", "crimes", "residents_65plus_share", "crimes_per_1000", "distance_gp"):
                figure, whole = made(view, id), row(view, id).own
                assert figure.status == status and whole.lacking == ("BU03440112",)
                assert (figure.value, figure.low, figure.high, figure.n, whole.least, whole.most) == (None,) * 6
            rest = sum(shown[code] for code in chosen if code != "BU03440112")
            for number in {f"{rest:.0f}", view.words.number(rest), "4155", "4.155"}:
                assert number not in everything(view)


def test_a_whole_wijk_does_not_show_the_wijk_s_own_number_beside_what_is_hidden(hiding):
    mart, status = hiding
    buurten = [area.code for area in seen(mart).offer.areas.values() if area.parent_code == WEST]
    view = seen(mart, *buurten)
    assert made(view, "residents").status == status
    assert "29.710" not in everything(view)  # it has a page of its own


# Crime beside the number of residents, where far more people come than live
BUSY = ("BU03440621", "BU03440622")
MIND = "zegt hier weinig over wie er wonen"


def test_where_more_people_come_than_live_all_together_say_so(mart):
    view = seen(mart, *BUSY)
    whole, city = made(view, "crimes_per_1000").value, row(view, "crimes_per_1000").city
    assert whole and city and city.value and whole > 3 * city.value
    assert cells(view)["Misdrijven per 1.000 inwoners"][1].endswith(f" · {MIND}")
    assert f"Let op bij Misdrijven per 1.000 inwoners: {MIND}." in own.headline(view)
    kept = {line["indicator"]: line["caveats"] for line in own.file(view).to_pylist()}
    assert kept.pop("crimes_per_1000") == "more_visitors_than_residents"
    assert set(kept.values()) == {None}
    assert MIND not in everything(seen(mart, *THREE))


def test_the_last_name_ends_the_sentence_with_one_full_stop(mart):
    assert own.made_of(seen(mart, BUSY[1])).endswith("Breedstraat en Plompetorengracht e.o.")
