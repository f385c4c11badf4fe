"""Key figures from CBS's dialect: padded codes, moving numbers, late columns, and the errors that look like data."""

import re
from dataclasses import replace
from datetime import date

import pytest

from buurtbeeld.catalogue import Wanted, match
from loaders import Edition, LoadError, Same, files
from loaders.cbs_key_figures import KNOWN_TABLES, fetch, look
from loaders.dialects import odata4
from loaders.dialects.statline import number
from loaders.http import UnreachableError
from loaders.raw import unit_of
from tests.copies import kept
from tests.publishers import faults, statline, towns
from tests.publishers.cbs import Cbs

TOWN = towns.small_town()
V3, V4 = "/cbs_odata3/", "/cbs_odata4/"


def load(task):
    """What `fetch` gives for a task without copies: editions, and nothing that is the same."""
    editions = [edition for edition in fetch(task) if isinstance(edition, Edition)]
    assert editions
    return editions


def first_row(**values):
    """A fault that changes the first row of an answer."""
    return faults.changed(lambda page: page["value"][0].update(values))


def published(edition, base, code="GM0344"):
    """A value of an edition, by the base name of its column."""
    (name,) = match(base, edition.table.column_names)
    return edition.table[name][edition.table["area_code"].to_pylist().index(code)].as_py()


def test_key_columns_are_trimmed_and_published_ones_are_not(serve, task):
    (edition,) = load(task(serve(TOWN), TOWN))
    row = next(row for row in edition.table.to_pylist() if row["area_code"] == "WK034401")
    assert (row["period"], row["edition"]) == (date(2024, 1, 1), 2024)
    assert row["WijkenEnBuurten"] == "WK034401  "
    assert edition.table.column_names[:3] == ["area_code", "period", "edition"]


def test_one_row_for_each_area(serve, task):
    (edition,) = load(task(serve(TOWN), TOWN))
    assert sorted(edition.table["area_code"].to_pylist()) == sorted({area.code for area in TOWN.areas})


def test_other_codes_that_hold_the_digits_are_left_out(serve, task):
    neighbour = towns.town("GM1034", wijken=44, buurten=44)  # WK103441 holds 0344
    server = serve(TOWN, neighbour)
    (edition,) = load(task(server, TOWN))
    assert edition.table.num_rows == 11


def test_codes_with_letters(serve, task):
    town = towns.town("GM0363", wijken=2, buurten=3, letters=True)
    (edition,) = load(task(serve(town), town))
    assert edition.table["area_code"].to_pylist() == [
        "BU0363A100",
        "BU0363A101",
        "BU0363A200",
        "GM0363",
        "WK0363A1",
        "WK0363A2",
    ]


def test_null_stays_null(serve, task):
    figures = {**TOWN.figures, "BU03440100": {"AantalInwoners": None}}
    town = replace(TOWN, figures=figures)
    (edition,) = load(task(serve(town), town))
    assert published(edition, "AantalInwoners", "BU03440100") is None
    assert published(edition, "AantalInwoners", "BU03440200") == 5001


def test_zero_stays_zero(serve, task):
    town = replace(TOWN, figures={**TOWN.figures, "BU03440100": {"AantalInwoners": 0}})
    (edition,) = load(task(serve(town), town))
    assert published(edition, "AantalInwoners", "BU03440100") == 0


def test_column_carries_its_unit(serve, task):
    (edition,) = load(task(serve(TOWN), TOWN))
    (name,) = match("GemiddeldeWOZWaardeVanWoningen", edition.table.column_names)
    assert unit_of(edition.table.schema, name) == "x 1 000 euro"


def test_every_edition_is_loaded_newest_first(serve, task):
    server = serve(TOWN, years=(2013, 2022, 2024, 2026))
    assert [edition.edition for edition in load(task(server, TOWN))] == ["2026", "2024", "2022", "2013"]


def test_late_column_is_empty_in_the_editions_that_do_not_have_it_yet(serve, task):
    late = {2024: ["GemiddeldInkomenPerInwoner"], 2023: ["GemiddeldInkomenPerInwoner"]}
    editions = load(task(serve(TOWN, years=(2022, 2023, 2024), late=late), TOWN))
    assert [published(edition, "GemiddeldInkomenPerInwoner") for edition in editions] == [None, None, 10.5]


def test_2013_calls_its_codes_regios(serve, task):
    _, edition = load(task(serve(TOWN, years=(2013, 2014)), TOWN))
    assert {"RegioS", "area_code"} < set(edition.table.column_names)
    assert edition.table.num_rows == 11


def test_edition_that_was_named_must_be_there(serve, task):
    with pytest.raises(LoadError, match="no table of Kerncijfers wijken en buurten 1999; there are 2022 to 2024"):
        load(task(serve(TOWN, years=(2022, 2024)), TOWN, editions=(1999,)))


def test_number_of_a_column_may_differ_between_editions(serve, task):
    editions = load(task(serve(TOWN, years=(2023, 2024)), TOWN))
    names = {match("AantalInwoners", edition.table.column_names)[0] for edition in editions}
    assert len(names) == 2
    assert {published(edition, "AantalInwoners") for edition in editions} == {5010}


def test_column_that_may_be_two_is_noted_and_the_rest_is_loaded(serve, task, notes):
    server = serve(TOWN, years=(2022, 2023, 2024))
    twin = {"Type": "Topic", "Key": "AantalInwoners_99", "Title": "Inwoners met iets", "Unit": ""}
    server.fault(
        "TypedDataSet", faults.changed(lambda page: [row.update(AantalInwoners_99=1) for row in page["value"]])
    )
    server.fault("DataProperties", faults.changed(lambda page: page["value"].append(twin)))
    assert len(load(task(server, TOWN, columns=("AantalInwoners",)))) == 3
    assert notes == [
        "AantalInwoners may be several columns in 2022 to 2024: AantalInwoners_7, AantalInwoners_99. "
        "Name one of them in indicators.toml."
    ]


def test_columns_of_one_name_are_no_question_when_the_catalogue_says_the_group(serve, task, notes):
    server = serve(TOWN)
    twin = {"Type": "Topic", "Key": "AantalInwoners_99", "Title": "Inwoners met iets", "Unit": ""}
    server.fault(
        "TypedDataSet", faults.changed(lambda page: [row.update(AantalInwoners_99=1) for row in page["value"]])
    )
    server.fault("DataProperties", faults.changed(lambda page: page["value"].append(twin)))
    assert load(task(server, TOWN, columns=(Wanted(("AantalInwoners",), "Bevolking"),))) and notes == []
    assert look(task(server, TOWN)).groups["AantalInwoners_7"] == "Bevolking"


def test_column_carries_the_group_it_stands_under(serve, task):
    (edition,) = load(task(serve(TOWN), TOWN))
    (name,) = match("AantalInwoners", edition.table.column_names)
    assert edition.table.schema.field(name).metadata[b"group"] == b"Bevolking"


def test_column_in_another_unit_is_left_out_of_older_editions(serving, task, notes):
    server = serving(Cbs(TOWN, years=(2013, 2014, 2015), units={2013: {"k_0Tot15Jaar": "%"}}))
    editions = load(task(server, TOWN, columns=("k_0Tot15Jaar",)))
    assert [len(match("k_0Tot15Jaar", edition.table.column_names)) for edition in editions] == [1, 1, 0]
    assert notes == ["Left out, since newer editions have it in another unit: k_0Tot15Jaar of 2013."]


def test_unit_is_held_against_that_of_the_same_column_under_an_earlier_name(serving, task, notes):
    server = serving(Cbs(TOWN, years=(2013, 2014), units={2013: {"k_0Tot15Jaar": "%"}}))
    load(task(server, TOWN, columns=(Wanted(("Kinderen", "k_0Tot15Jaar")),)))
    assert notes == ["Left out, since newer editions have it in another unit: Kinderen or k_0Tot15Jaar of 2013."]


def test_unit_of_a_column_nobody_reads_may_change(serving, task, notes):
    server = serving(Cbs(TOWN, years=(2013, 2014), units={2013: {"k_0Tot15Jaar": "%"}}))
    assert [len(match("k_0Tot15Jaar", edition.table.column_names)) for edition in load(task(server, TOWN))] == [1, 1]


def test_table_with_another_title_is_refused(serve, task):
    server = serve(TOWN)
    server.fault("TableInfos", first_row(Title="Nabijheid voorzieningen 2024"))
    with pytest.raises(LoadError, match="92024NED at CBS is called “Nabijheid voorzieningen 2024”"):
        load(task(server, TOWN))


def test_two_tables_of_one_year_are_refused(serve, task):
    server = serve(TOWN)
    twin = {"Identifier": "99999NED", "Title": "Kerncijfers wijken en buurten 2024"}
    server.fault("ODataCatalog", faults.changed(lambda page: page["value"].append(twin)))
    with pytest.raises(LoadError, match="two tables, 92024NED and 99999NED"):
        load(task(server, TOWN))


@pytest.mark.parametrize("fault", [faults.maintenance, faults.json_error, faults.status(500), faults.status(404)])
def test_catalogue_that_can_not_be_read_is_replaced_by_that_of_version_4(serve, task, notes, fault):
    server = serve(TOWN, years=(2027,))
    server.fault("ODataCatalog", fault)
    assert load(task(server, TOWN))[0].edition == "2027"
    assert notes == []


def test_without_any_catalogue_the_known_tables_are_used(serve, task, notes):
    server = serve(TOWN, years=KNOWN_TABLES, tables=KNOWN_TABLES)
    server.fault("ODataCatalog", faults.changed(lambda page: page.update(value=[])))
    server.fault("Datasets", faults.maintenance)
    editions = load(task(server, TOWN))
    assert editions[0].attribution.endswith("2026 (StatLine 86358NED)") and editions[-1].edition == "2013"
    assert "No catalogue helps" in notes[0] and "cbs_odata4" in notes[0]


def test_publisher_that_does_not_answer_is_not_asked_table_after_table(serve, task):
    server = serve(TOWN, years=(2023, 2024))
    server.fault("/cbs_odata", faults.status(503))
    with pytest.raises(UnreachableError):
        fetch(task(server, TOWN))
    assert len(server.asked) == 8  # four times each way


def test_more_than_ten_thousand_rows_come_in_pages_from_the_feed(serve, task):
    server = serve(TOWN, most_rows=4)
    (edition,) = load(task(server, TOWN))
    assert edition.table.num_rows == 11
    assert sum("ODataFeed" in target for target in server.asked) == 3


def test_every_question_asks_for_json(serve, task):
    server = serve(TOWN)
    load(task(server, TOWN))
    assert all("$format=json" in target for target in server.asked)


def test_error_of_the_publisher_is_passed_on(serve, task):
    server = serve(TOWN)
    server.fault("TypedDataSet", lambda _: statline.refused("Something went wrong"))
    server.fault(V4, faults.status(404))
    with pytest.raises(LoadError, match=r"answered 500 .*Something went wrong.*CBS_ODATA4 has nothing at"):
        fetch(task(server, TOWN))


def test_200_without_rows_is_refused(serve, task):
    server = serve(TOWN)
    server.fault("TypedDataSet", faults.changed(lambda page: page.update(value=[])))
    with pytest.raises(LoadError, match=r"92024NED \(2024\) has no rows of GM0344"):
        load(task(server, TOWN))


def test_tables_from_before_the_gemeente_are_noted_and_passed_over(serve, task, notes):
    server = serve(TOWN, years=(2021, 2022, 2023, 2024))
    for year in (2021, 2023):
        server.fault(f"9{year}NED/TypedDataSet", faults.changed(lambda page: page.update(value=[])))
    assert [edition.edition for edition in load(task(server, TOWN))] == ["2024", "2022"]
    assert notes == ["There are no rows of GM0344 in 2021, 2023."]


@pytest.mark.parametrize("fault", [faults.status(404), faults.maintenance, faults.half])
def test_old_table_that_can_not_be_used_keeps_no_newer_one_out(serve, task, notes, fault):
    server = serve(TOWN, years=(2013, 2014, 2024))
    server.fault("92013NED", fault)
    assert [edition.edition for edition in load(task(server, TOWN))] == ["2024", "2014"]
    assert len(notes) == 1 and notes[0].startswith("2013 is not loaded. ") and "92013NED" in notes[0]


def test_old_table_that_was_named_must_be_usable(serve, task):
    server = serve(TOWN, years=(2013, 2024))
    server.fault("92013NED", faults.maintenance)
    with pytest.raises(LoadError, match="sent text/html"):
        fetch(task(server, TOWN, editions=(2013,)))


def test_newest_table_must_be_usable(serve, task):
    server = serve(TOWN, years=(2013, 2024))
    server.fault("92024NED", faults.maintenance)
    with pytest.raises(LoadError, match="sent text/html"):
        fetch(task(server, TOWN))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (first_row(WijkenEnBuurten="BU034401  "), "“BU034401” is no code of GM0344"),
        (first_row(WijkenEnBuurten="WK034401  "), "WK034401 is there 2 times.*no row that begins with GM"),
        (first_row(WijkenEnBuurten=None), "rows without a code"),
        (first_row(AantalInwoners_7="geheim"), "AantalInwoners_7 should hold numbers, but it holds “geheim”"),
        (
            faults.changed(lambda page: [row.pop("AantalInwoners_7") for row in page["value"]]),
            "do not have: AantalInwoners_7",
        ),
        (faults.changed(lambda page: page.pop("value")), "without rows"),
    ],
)
def test_rows_that_can_not_be_are_refused(serve, task, fault, said):
    server = serve(TOWN)
    server.fault("TypedDataSet", fault)
    with pytest.raises(LoadError, match=said):
        load(task(server, TOWN))


@pytest.mark.parametrize(("text", "number"), [("    78.3", 78.3), ("       5", 5), ("       .", None), ("", None)])
def test_numbers_as_padded_text_are_numbers_and_a_point_is_none(serve, task, text, number):
    server = serve(TOWN)
    server.fault("TypedDataSet", first_row(GemiddeldInkomenPerInwoner_16=text))
    (edition,) = load(task(server, TOWN))
    assert published(edition, "GemiddeldInkomenPerInwoner") == number


def test_two_columns_with_codes_are_refused(serve, task):
    server = serve(TOWN)
    server.fault(
        "DataProperties", faults.changed(lambda page: page["value"].append({"Type": "GeoDetail", "Key": "RegioS"}))
    )
    with pytest.raises(LoadError, match="has 2: WijkenEnBuurten, RegioS"):
        load(task(server, TOWN))


def test_second_load_asks_only_what_was_modified(serving, task, tmp_path):
    cbs = Cbs(TOWN, years=(2023, 2024))
    server = serving(cbs)
    copies = kept(tmp_path, TOWN.code, load(task(server, TOWN)))
    server.asked.clear()
    assert fetch(task(server, TOWN, copies=copies)) == [Same("2024"), Same("2023")]
    assert [target.rpartition("/")[2].partition("?")[0] for target in server.asked] == ["Tables", *["TableInfos"] * 2]
    cbs.modified[2023] = "2026-11-01T02:00:00"
    assert [each.edition for each in fetch(task(server, TOWN, copies=copies)) if isinstance(each, Edition)] == ["2023"]


def test_table_that_does_not_say_when_it_was_modified_is_loaded_again(serve, task, tmp_path):
    server = serve(TOWN)
    server.fault("TableInfos", first_row(Modified=None))
    copies = kept(tmp_path, TOWN.code, load(task(server, TOWN)))
    assert load(task(server, TOWN, copies=copies))


def test_copy_is_loaded_again_when_the_catalogue_reads_a_column_of_another_unit(serving, task, tmp_path):
    server = serving(Cbs(TOWN, years=(2013, 2014), units={2013: {"k_0Tot15Jaar": "%"}}))
    copies = kept(tmp_path, TOWN.code, load(task(server, TOWN)))
    editions = fetch(task(server, TOWN, copies=copies, columns=("k_0Tot15Jaar",)))
    assert [type(edition) for edition in editions] == [Same, Edition]


def same_figures(edition, other):
    """Whether two editions hold the same for each column of the town, by its base name."""
    return all(
        published(edition, base, code) == published(other, base, code)
        for base, _, _ in towns.COLUMNS[4:]
        for code in ("GM0344", "WK034401", "BU03440100")
    )


@pytest.mark.parametrize("fault", [faults.status(503), faults.status(403), faults.dropped])
def test_version_4_is_the_second_way(serve, task, notes, fault):
    figures = {**TOWN.figures, "BU03440100": {"AantalInwoners": None}}
    town = replace(TOWN, figures=figures)
    server = serve(town, years=(2013, 2024))
    wide = load(task(server, town))
    server.fault(V3, fault)
    long = load(task(server, town))
    assert [edition.edition for edition in long] == ["2024", "2013"]
    assert all(same_figures(one, other) for one, other in zip(wide, long, strict=True))
    (name,) = match("AantalInwoners", long[0].table.column_names)
    assert unit_of(long[0].table.schema, name) == "aantal"


@pytest.mark.parametrize(("part", "status"), [("TypedDataSet", 403), (V3, 503)])
def test_what_came_by_version_4_is_noted_once(serve, task, notes, part, status):
    server = serve(TOWN, years=(2022, 2023, 2024))
    server.fault(part, faults.status(status))
    load(task(server, TOWN))
    assert len(notes) == 1
    assert notes[0].startswith(f"2022 to 2024 came from CBS_ODATA4. CBS_ODATA3 answered {status}")


def test_version_4_says_why_there_is_no_figure(serve, task):
    town = replace(TOWN, figures={**TOWN.figures, "BU03440100": {"AantalInwoners": None}})
    server = serve(town, late={2024: ["Koopwoningen"]})
    server.fault(V3, faults.status(403))
    (edition,) = load(task(server, town))
    assert published(edition, "AantalInwoners_ValueAttribute", "BU03440100") == "Impossible"
    assert published(edition, "AantalInwoners_ValueAttribute", "BU03440200") is None
    assert published(edition, "Koopwoningen") is None  # no row: not published


def test_version_4_comes_in_pages(serve, task):
    server = serve(TOWN, most_rows=10)
    server.fault(V3, faults.status(403))
    (edition,) = load(task(server, TOWN))
    assert edition.table.num_rows == 11
    assert sum("Observations" in target for target in server.asked) > 2


def test_copy_of_version_3_stays_while_version_4_has_nothing_newer(serve, task, tmp_path):
    server = serve(TOWN)
    copies = kept(tmp_path, TOWN.code, load(task(server, TOWN)))
    server.fault(V3, faults.status(403))
    assert fetch(task(server, TOWN, copies=copies)) == [Same("2024")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda page: page["value"][0].update(Measure="M999999"), "Measure M999999 is in no list"),
        (lambda page: page["value"].append(page["value"][0]), "Measure M000000 is there twice for GM0344"),
        (lambda page: page.pop("value"), "without rows"),
    ],
)
def test_rows_of_version_4_that_can_not_be_are_refused(serve, task, change, said):
    server = serve(TOWN)
    server.fault(V3, faults.status(403))
    server.fault("Observations", faults.changed(change))
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Aantal inwoners", "AantalInwoners"),
        ("0 tot 15 jaar", "k_0Tot15Jaar"),
        ("40% personen met laagste inkomen", "k_40PersonenMetLaagsteInkomen"),
        ("Gemiddelde WOZ-waarde van woningen", "GemiddeldeWOZWaardeVanWoningen"),
        ("Personenauto's per huishouden", "PersonenautoSPerHuishouden"),
        ("Wmo-cliënten relatief", "WmoClientenRelatief"),
        ("Havo, vwo, mbo2-4", "HavoVwoMbo24"),
        ("Scholen binnen 3 km", "ScholenBinnen3Km"),
    ],
)
def test_names_of_version_3_are_made_of_titles(title, name):
    assert odata4.name(title) == name


# Columns of the tables of 2018 and 2019 in version 3, as public code that reads them names them.
NAMES_2019 = """
    AantalInwoners k_0Tot15Jaar HuishoudensTotaal Woningvoorraad GemiddeldeWoningwaarde InBezitWoningcorporatie
    BouwjaarVoor2000 GemiddeldElektriciteitsverbruikTotaal TweeOnderEenKapWoning PercentageWoningenMetStadsverwarming
    k_40PersonenMetLaagsteInkomen Actieven1575Jaar HuishOnderOfRondSociaalMinimum PersonenPerSoortUitkeringBijstand
    ALandbouwBosbouwEnVisserij BFNijverheidEnEnergie GIHandelEnHoreca KLFinancieleDienstenOnroerendGoed
    PersonenautoSBrandstofBenzine PersonenautoSPerHuishouden ScholenBinnen3Km MateVanStedelijkheid
"""


def test_recorded_titles_of_2019_make_the_names_of_version_3(realdata):
    """A StatLine export: a mark in front, semicolons, padded codes and numbers, a point where there is no figure."""
    text = (realdata / "fixtures_cbs_pdok" / "statline_kwb2019_denhaag.csv").read_text(encoding="utf-8-sig")
    rows = files.table(text, "the export")
    titles = [re.sub(r"\s*\([^()]*\)$", "", header).rpartition("/")[2] for header in rows[0]]
    assert set(NAMES_2019.split()) <= {odata4.name(title) for title in titles}
    assert (len(rows), rows[0]["Regioaanduiding/Codering (code)"]) == (159, "GM0518    ")
    households = [
        number("households", row["Bevolking/Particuliere huishoudens/Gemiddelde huishoudensgrootte (aantal)"])
        for row in rows
    ]
    assert households[:2] == [2.0, None]


def test_look_tells_units_and_counts(serve, task):
    seen = look(task(serve(TOWN, years=(2023, 2024)), TOWN))
    assert (seen.edition, dict(seen.counts)) == ("2024", {"GM": 1, "WK": 3, "BU": 7})
    assert seen.columns[match("Bevolkingsdichtheid", seen.columns)[0]] == "aantal inwoners per km²"


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("WijkenEnBuurten eq 'GM0344    '", 1),
        ("WijkenEnBuurten eq 'GM0344'", 0),
        ("WijkenEnBuurten ge 'ZZ'", 11),
        ("startswith(WijkenEnBuurten,'WK')", 3),
    ],
)
def test_fake_publisher_pads_codes_and_ignores_ranges_as_cbs_does(serve, http, condition, rows):
    params = {"$format": "json", "$filter": condition}
    answer = http(serve(TOWN)).get("CBS_ODATA3", "/ODataApi/odata/92024NED/TypedDataSet", params, label="x")
    assert len(answer.json()["value"]) == rows
