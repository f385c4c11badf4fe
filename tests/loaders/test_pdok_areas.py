"""Outlines from PDOK's dialects: all pages, only land, only this gemeente, and nothing that can't be."""

import csv
import json
from collections import Counter
from dataclasses import replace

import pytest
import shapely
from shapely.geometry import mapping, shape

from loaders import Edition, LoadError, Same, pdok_areas
from loaders.pdok_areas import look
from tests.publishers import faults, pdok, towns
from tests.publishers.pdok import Pdok

TOWN = towns.small_town()


def fetch(task):
    """The editions of a load that finds everything new."""
    loaded = pdok_areas.fetch(task)
    assert not [each for each in loaded if isinstance(each, Same)]
    return [each for each in loaded if isinstance(each, Edition)]


def rows(edition):
    """The rows of an edition by code."""
    return {row["code"]: row for row in edition.table.to_pylist()}


def each(change, level="buurt"):
    """A fault that changes every feature of a level."""

    def spoil(page):
        for feature in page["features"]:
            if f"{level}naam" in feature["properties"]:
                change(feature)

    return faults.changed(spoil)


def first(change):
    """A fault that changes the first feature of a page."""
    return faults.changed(lambda page: change(page["features"][0]))


def test_gemeente_wijken_and_buurten_with_their_keys(serve, task):
    (edition,) = fetch(task(serve(TOWN), TOWN))
    found = rows(edition)
    assert Counter(row["level"] for row in found.values()) == {"gemeente": 1, "wijk": 3, "buurt": 7}
    assert [found[code]["parent_code"] for code in ("GM0344", "WK034402", "BU03440201")] == [None, "GM0344", "WK034402"]
    assert {row["edition"] for row in found.values()} == {2024}
    assert edition.table.column_names[:7] == ["code", "level", "name", "parent_code", "edition", "changed", "geometry"]


def test_published_columns_stay_as_they_were(serve, task):
    (edition,) = fetch(task(serve(TOWN), TOWN))
    wijk = rows(edition)["WK034402"]
    assert (wijk["wijknaam"], wijk["aantal_inwoners"], wijk["jrstatcode"]) == (
        "Wijk 02 Kwartier 02",
        -99995,
        "2024WK034402",
    )


def test_name_of_a_wijk_loses_its_number_and_no_more(serve, task):
    server = serve(TOWN)
    server.fault("wijken/items", first(lambda feature: feature["properties"].update(wijknaam="Wijk en Aalburg")))
    (edition,) = fetch(task(server, TOWN))
    assert {code: row["name"] for code, row in rows(edition).items() if code[:2] == "WK"} == {
        "WK034401": "Wijk en Aalburg",
        "WK034402": "Kwartier 02",
        "WK034403": "Kwartier 03",
    }


def test_outline_is_the_one_published(serve, task):
    (edition,) = fetch(task(serve(TOWN), TOWN))
    outline = shapely.from_wkb(rows(edition)["BU03440100"]["geometry"])
    assert outline.equals(next(area.outline for area in TOWN.areas if area.code == "BU03440100"))


def test_water_is_left_out(serve, task):
    server = serve(TOWN)
    (edition,) = fetch(task(server, TOWN))
    assert edition.table["water"].unique().to_pylist() == ["NEE"]
    assert [area.code for area in TOWN.areas if area.water == "JA"] == ["BU03440100"]


def test_more_than_a_page_of_buurten_with_letters(serve, task):
    town = towns.big_town()
    server = serve(town)
    (edition,) = fetch(task(server, town))
    found = rows(edition)
    assert edition.table.num_rows == 1 + 9 + 1100
    assert found["BU0363A900"]["parent_code"] == "WK0363A9"
    assert sum("buurten/items" in target for target in server.asked) == 2


def test_page_smaller_than_asked_is_followed_by_the_next(serve, task):
    (edition,) = fetch(task(serve(TOWN, most_features=2), TOWN))
    assert edition.table.num_rows == 11


def test_feature_of_another_gemeente_is_left_out(serve, task):
    server, other = serve(TOWN), towns.small_town("GM0363").areas[0]
    stranger = pdok.feature(other, towns.small_town("GM0363"), 2024)
    add = faults.changed(lambda page: page.update(features=[*page["features"], stranger], numberReturned=9))
    server.fault("buurten/items", add)
    (edition,) = fetch(task(server, TOWN))
    assert edition.table.num_rows == 11


def test_newest_edition_is_found_by_going_back(serve, task):
    server = serve(TOWN, years=(2024,))
    assert [edition.edition for edition in fetch(task(server, TOWN))] == ["2024"]
    assert [target[28:32] for target in server.asked[:3]] == ["2026", "2025", "2024"]


def test_no_edition_at_all_says_where_it_looked(serve, task):
    with pytest.raises(LoadError, match=r"2022 to 2026 under /cbs/wijken-en-buurten-2026/"):
        fetch(task(serve(TOWN, years=(2011,)), TOWN))


def test_every_edition_since_2019_is_loaded(serve, task):
    editions = fetch(task(serve(TOWN, years=range(2018, 2026)), TOWN))
    assert [edition.edition for edition in editions] == ["2025", "2019", "2020", "2021", "2022", "2023", "2024"]
    assert all(edition.table.num_rows == 11 for edition in editions)
    assert all(set(edition.table["changed"].to_pylist()) == {1} for edition in editions)


def test_edition_that_was_named_is_loaded_too(serve, task):
    editions = fetch(task(serve(TOWN, years=(2017, 2024)), TOWN, editions=(2017,)))
    assert [edition.edition for edition in editions] == ["2024", "2017"]


def test_edition_that_was_named_must_be_there(serve, task):
    with pytest.raises(LoadError, match=r"nothing at .*2019"):
        fetch(task(serve(TOWN), TOWN, editions=(2019,)))


def test_editions_that_are_not_there_are_a_note(serve, task, notes):
    editions = fetch(task(serve(TOWN, years=range(2020, 2025)), TOWN, figure_years=(2012, 2023)))
    assert [edition.edition for edition in editions] == ["2024", "2020", "2021", "2022", "2023"]
    assert notes == ["PDOK has no outlines of 2012, 2019; figures of those years have no border of their own."]


def test_gemeente_that_was_merged_is_not_in_older_editions(serving, task, notes):
    server = serving(Pdok(TOWN, years=range(2019, 2025), since={TOWN.code: 2022}))
    assert [edition.edition for edition in fetch(task(server, TOWN))] == ["2024", "2022", "2023"]
    assert notes == ["GM0344 is not in the outlines of 2019, 2020, 2021: it had another code, or was not there yet."]


def test_layers_of_an_older_edition_are_found_under_their_own_names(serving, task):
    server = serving(Pdok(TOWN, years=(2021, 2024)))
    edition = fetch(task(server, TOWN))[1]
    assert edition.edition == "2021"
    assert "aantalInwoners" in edition.table.column_names
    asked = " ".join(target for target in server.asked if "/pdok_service/cbs/wijkenbuurten/2021" in target)
    assert all(name in asked for name in (":gemeenten2021", ":cbs_wijken_2021", ":cbs_buurten_2021"))


def test_older_edition_is_read_to_its_last_page(serving, task):
    edition = fetch(task(serving(Pdok(TOWN, years=(2022, 2024), most_features=2)), TOWN))[1]
    assert (edition.edition, edition.table.num_rows) == ("2022", 11)


def test_older_edition_that_sends_its_first_page_for_ever_is_refused(serving, task):
    town = towns.small_town()
    publisher = Pdok(town, years=(2022, 2024))
    page = json.dumps({"features": publisher.features(2022, "gemeente")}).encode()
    server = serving(publisher)
    server.fault("GetFeature", lambda response: replace(response, body=page))
    with pytest.raises(LoadError, match=r"PDOK_SERVICE sends the same page again and again"):
        fetch(task(server, town))


def test_older_edition_without_a_layer_of_wijken_is_refused(serving, task):
    server = serving(Pdok(TOWN, years=(2022, 2024)))
    server.fault("GetCapabilities", lambda response: replace(response, body=response.body.replace(b"wijken<", b"x<")))
    with pytest.raises(LoadError, match=r"should have one layer of wijken at /cbs/wijkenbuurten/2022"):
        fetch(task(server, TOWN))


def test_box_is_asked_where_the_server_refuses_to_choose(serving, task):
    neighbour = towns.small_town("GM0363")
    server = serving(Pdok(TOWN, neighbour, filters=False))
    (edition,) = fetch(task(server, TOWN))
    assert edition.table.num_rows == 11
    assert sum("bbox=5.00000,52.00000,5.01200,52.00900" in target for target in server.asked) == 3


def test_refusal_stands_when_it_is_not_known_where_the_gemeente_lies(serving, task):
    def unknown():
        raise LoadError("not known yet")

    with pytest.raises(LoadError, match=r"answered 400 .*unknown query parameter"):
        fetch(task(serving(Pdok(TOWN, filters=False)), TOWN, outline=unknown))


def test_second_load_asks_only_when_each_edition_was_updated(serving, loading):
    years = range(2019, 2026)
    server = serving(Pdok(TOWN, years=years, updated={year: f"{year}-10-30T00:00:00Z" for year in years}))
    loading(pdok_areas, server, TOWN)
    server.asked.clear()
    again = loading(pdok_areas, server, TOWN)
    assert again == [Same(str(year)) for year in (2025, *range(2019, 2025))]
    assert [target.removeprefix("/pdok/cbs/wijken-en-buurten-") for target in server.asked] == [
        f"{year}/ogc/v1/collections/buurten?f=json" for year in (2026, 2025, 2023, 2024)
    ]


def test_edition_that_was_updated_is_loaded_again(serving, loading):
    publisher = Pdok(TOWN, years=(2023, 2024), updated={2023: "2025-10-30", 2024: "2025-10-30"})
    server = serving(publisher)
    loading(pdok_areas, server, TOWN)
    publisher.updated[2023] = "2026-10-30"
    newest, updated = loading(pdok_areas, server, TOWN)
    assert newest == Same("2024")
    assert isinstance(updated, Edition) and (updated.edition, updated.marker) == ("2023", "2026-10-30")


def test_edition_of_which_nothing_says_whether_it_changed_is_loaded_again(serving, loading):
    server = serving(Pdok(TOWN, years=(2024,)))
    loading(pdok_areas, server, TOWN)
    assert isinstance(loading(pdok_areas, server, TOWN)[0], Edition)


def test_edition_that_was_named_is_loaded_again_whatever_its_copy_says(serving, loading):
    server = serving(Pdok(TOWN, years=(2020, 2024), updated={2024: "2025-10-30"}))
    loading(pdok_areas, server, TOWN)
    again = loading(pdok_areas, server, TOWN, editions=(2020, 2024))
    assert [type(each) for each in again] == [Edition, Edition]


def test_edition_without_its_wijken_is_not_an_edition_that_is_not_there(serve, task):
    server = serve(TOWN, years=(2023, 2024))
    server.fault("2024/ogc/v1/collections/wijken/", faults.status(404))
    with pytest.raises(LoadError, match=r"nothing at .*2024.*wijken"):
        fetch(task(server, TOWN))


def test_attribution_and_address_name_the_edition(serve, task):
    (edition,) = fetch(task(serve(TOWN), TOWN))
    assert edition.attribution == "Bron: CBS Wijken en Buurten 2024 / Kadaster (PDOK)"
    assert edition.url.endswith(
        "/cbs/wijken-en-buurten-2024/ogc/v1/collections/buurten/items?f=json&gemeentecode=GM0344"
    )


def test_outline_that_crosses_itself_is_repaired_and_said(serve, task, notes):
    server = serve(TOWN)
    bow = {"type": "Polygon", "coordinates": [[[5, 52], [5.1, 52.1], [5.1, 52], [5, 52.1], [5, 52]]]}
    server.fault("buurten/items", first(lambda feature: feature.update(geometry=bow)))
    (edition,) = fetch(task(server, TOWN))
    outline = shapely.from_wkb(rows(edition)["BU03440100"]["geometry"])
    assert outline.is_valid and outline.area == pytest.approx(0.005)
    assert notes[0] == "2024: outlines that crossed themselves were repaired: BU03440100."


def test_border_code_is_read_in_both_spellings(serve, task):
    server = serve(TOWN)

    def older(feature):
        feature["properties"]["indelingswijzigingWijkenEnBuurten"] = 3
        del feature["properties"]["indelingswijziging_wijken_en_buurten"]

    server.fault("buurten/items", each(older))
    (edition,) = fetch(task(server, TOWN))
    assert {code[:2]: row["changed"] for code, row in rows(edition).items()} == {"GM": 1, "WK": 1, "BU": 3}


def test_missing_border_code_is_unknown(serve, task):
    server = serve(TOWN)
    unknown = each(lambda feature: feature["properties"].update(indelingswijziging_wijken_en_buurten=-99997))
    server.fault("buurten/items", unknown)
    (edition,) = fetch(task(server, TOWN))
    assert rows(edition)["BU03440100"]["changed"] is None


def swapped(feature):
    outline = shapely.transform(shape(feature["geometry"]), lambda points: points[:, ::-1])
    feature["geometry"] = mapping(outline)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (swapped, "BU03440100 lies outside the Netherlands"),
        (lambda f: f.update(geometry=None), "BU03440100 has no outline that can be read"),
        (lambda f: f.update(geometry={"type": "Point", "coordinates": [5, 52]}), "BU03440100 has a Point"),
        (lambda f: f.update(geometry={"type": "Polygon", "coordinates": []}), "without a surface"),
        (lambda f: f["properties"].update(buurtnaam=" "), "BU03440100 has no name"),
        (lambda f: f["properties"].update(buurtcode="BU03630100"), "“BU03630100” is no code of a buurt in GM0344"),
        (lambda f: f["properties"].update(buurtcode="BU03440200"), "BU03440200 is there 2 times"),
        (lambda f: f["properties"].update(wijkcode="WK034409"), "BU03440100 says it is in WK034409, which can't be"),
        (lambda f: f["properties"].update(wijkcode="WK034402"), "BU03440100 says it is in WK034402, which can't be"),
        (lambda f: f["properties"].update(jaar=2019), "BU03440100 is of 2019"),
        (lambda f: f["properties"].update(level="x"), "columns of its own called level"),
    ],
)
def test_what_can_not_be_is_refused(serve, task, change, said):
    server = serve(TOWN)
    server.fault("buurten/items", first(change))
    with pytest.raises(LoadError, match=f"Edition 2024 .*can't be used.*{said}"):
        fetch(task(server, TOWN))


def test_all_that_is_wrong_is_said_at_once(serve, task):
    server = serve(TOWN)
    server.fault("buurten/items", each(lambda feature: feature["properties"].update(buurtnaam=None, jaar=1999)))
    with pytest.raises(LoadError, match=r"BU03440100 is of 1999.*BU03440201 is of 1999.*And 4 more"):
        fetch(task(server, TOWN))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (faults.changed(lambda page: page.pop("features")), "without features"),
        (faults.changed(lambda page: page.update(numberReturned=8)), "says it sent 8 features, and sent 3"),
        (faults.changed(lambda page: page.update(links=[{"rel": "next", "href": ""}])), "without end"),
        (lambda r: replace(r, headers={"Content-Crs": "<http://www.opengis.net/def/crs/EPSG/0/28992>"}), "28992"),
    ],
)
def test_page_that_can_not_be_is_refused(serve, task, fault, said):
    server = serve(TOWN)
    server.fault("wijken/items", fault)
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_gemeente_that_is_not_there_any_more_is_refused(serve, task):
    with pytest.raises(LoadError, match="no gemeente of GM0999; was the gemeente merged"):
        fetch(task(serve(TOWN), replace(TOWN, code="GM0999")))


def test_look_asks_little_and_tells_columns_and_counts(serve, task):
    server = serve(TOWN)
    seen = look(task(server, TOWN))
    assert (seen.edition, seen.counts) == ("2024", {"WK": 3})
    assert {"buurtnaam", "wijknaam", "aantal_inwoners"} <= seen.columns.keys()
    assert server.asked[-1].endswith("buurten/items?f=json&gemeentecode=GM0344&limit=1")


class Recorded(Pdok):
    """An edition of which the buurten were recorded; wijken and gemeente are made of them."""

    def __init__(self, buurten, codes, *, filters=True):
        super().__init__(filters=filters)
        self.buurten = buurten
        self.codes = codes

    def features(self, year, level):
        if level == "buurt":
            return self.buurten
        gemeente, wijk = self.codes
        names = {"gemeente": (gemeente,), "wijk": (wijk, gemeente)}[level]
        parts: dict[tuple[str, ...], list[shapely.Geometry]] = {}
        for each in self.buurten:
            if str(each["properties"].get("water", each["properties"].get("WATER"))) == "NEE":
                key = tuple(each["properties"][name] for name in names)
                parts.setdefault(key, []).append(shape(each["geometry"]))
        called = {"GM_CODE": "GM_NAAM", "WK_CODE": "WK_NAAM", "gemeentecode": "gemeentenaam", "wijkcode": "wijknaam"}
        return [
            {
                "type": "Feature",
                "properties": dict(zip(names, key, strict=True)) | {called[names[0]]: f"Made up {key[0]}"},
                "geometry": mapping(shapely.union_all([shapely.make_valid(part) for part in own])),
            }
            for key, own in parts.items()
        ]


def test_recorded_answer_of_2024_loads(serving, task, realdata):
    recorded = json.loads((realdata / "fixtures_cbs_pdok/pdok_buurten_2024_baarn.geojson").read_text())["features"]
    server = serving(Recorded(recorded, ("gemeentecode", "wijkcode")))
    (edition,) = fetch(task(server, replace(TOWN, code="GM0308")))
    buurten = [row for row in edition.table.to_pylist() if row["level"] == "buurt"]
    assert len(buurten) == len([each for each in recorded if each["properties"]["water"] == "NEE"])
    centre = next(row for row in buurten if row["code"] == "BU03080000")
    assert (centre["name"], centre["changed"], centre["aantal_inwoners"], centre["woningvoorraad"]) == (
        "Centrum",
        1,
        1825,
        -99995,
    )


def test_names_of_the_days_of_shapefiles_are_read(serving, task, realdata):
    with (realdata / "fixtures_cbs_pdok/cbs_buurt2017_groningen_wkt.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    recorded = [
        {
            "type": "Feature",
            "geometry": mapping(shapely.from_wkt(row["geometry"])),
            "properties": {name: int(row[name]) if name in ("IND_WBI", "AANT_INW") else row[name] for name in names},
        }
        for row in rows
        for names in [[name for name in row if name and name not in ("geometry", "x", "y")]]
    ]
    recorded = [each for each in recorded if each["properties"]["GM_CODE"] == "GM0014"]
    server = serving(Recorded(recorded, ("GM_CODE", "WK_CODE"), filters=False))
    (edition,) = fetch(task(server, replace(TOWN, code="GM0014"), outline=lambda: shapely.box(6, 53, 7, 54)))
    first = next(row for row in edition.table.to_pylist() if row["code"] == "BU00140000")
    assert (first["name"], first["changed"], first["AANT_INW"], first["parent_code"]) == (
        "Binnenstad-Noord",
        1,
        4440,
        "WK001400",
    )
