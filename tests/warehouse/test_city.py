"""The city's own files: what a spreadsheet makes of them is read as it was meant, or refused with a sentence.

Every goal and measure here is made up.
"""

import hashlib
import re
import shutil
import stat
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from buurtbeeld.catalogue import load
from buurtbeeld.texts import LANGUAGES, words
from buurtbeeld.warehouse import __main__ as command
from buurtbeeld.warehouse import city, publish
from buurtbeeld.warehouse.build import check_city
from tests.marts import settings as settings_of
from tests.texts.test_messages import EN, NL
from tests.warehouse.town import BUURTEN, CODE, NOW, Town, residents

TODAY = NOW.date()
LINK = "https://example.org/test"
HEAD = "indicator;code;year;value;document;link"
GOAL = f"residents_65plus_share;{CODE};2030;20;TEST decision;{LINK}"
DONE_HEAD = "code;from;to;title;link"
SUBWIJK_HEAD = "code;name;buurt"
DONE = f"{CODE};2024-03-01;2024-05-31;TEST measure;{LINK}"
READ = ("residents_65plus_share", CODE, 2030, 20.0, "TEST decision", LINK)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A town with a mart, of which tests fill in the files and build nothing."""
    town = Town(tmp_path_factory.mktemp("town"))
    town.outlines()
    town.figures(residents())
    town.build()
    return town


@pytest.fixture(scope="module")
def utrecht(sample, tmp_path_factory):
    """Settings over a copy of the mart of the sample, of which tests fill in the files; to be asked in English."""
    made = replace(settings_of(tmp_path_factory.mktemp("utrecht")), language="en")
    shutil.copyfile((sample / "dashboard.duckdb").resolve(), made.mart_link)  # other tests may have it open
    made.city_dir.mkdir()
    return made


def put(town, name, text, encoding="utf-8"):
    """Writes one of the city's files."""
    town.settings.city_dir.mkdir(parents=True, exist_ok=True)
    content = text if isinstance(text, bytes) else text.encode(encoding)
    (town.settings.city_dir / name).write_bytes(content)


def targets(town):
    town.build()
    return town.ask("SELECT * FROM target")


def goal(**cells):
    """A row of targets.csv in which some cells are others."""
    usual = dict(zip(HEAD.split(";"), GOAL.split(";"), strict=True))
    return ";".join((usual | cells).values())


def measure(**cells):
    usual = dict(zip(DONE_HEAD.split(";"), DONE.split(";"), strict=True))
    return ";".join((usual | {key.strip("_"): cell for key, cell in cells.items()}).values())


def checked(town, **files):
    """What is said of files with these names, a sentence on each line; others are empty."""
    for name in city.FILES:
        (town.settings.city_dir / name).unlink(missing_ok=True)
    for name, text in files.items():
        put(town, f"{name}.csv", text)
    return "\n".join(check_city(town.settings, town.catalogue, TODAY)[0])


def told(town, name, *rows):
    """What is said of a file with these rows, all of which is about that file."""
    said = checked(town, **{name: "\n".join([HEAD if name == "targets" else DONE_HEAD, *rows])})
    assert all(line.startswith(f"city/{name}.csv") for line in said.splitlines())
    return said


def read(town, name):
    """The rows of a file as they were meant. Fails when anything is wrong with it."""
    own = city.read(town.settings.city_dir, TODAY)
    assert own.problems == ()
    rows = own.tables[name]
    return [tuple(row[column] for column in city.FILES[f"{name}.csv"]) for row in rows.to_pylist()]


# --- read as it was meant


def test_goals_and_measures_stand_in_the_mart(town):
    put(town, "targets.csv", f"{HEAD}\n{GOAL}\n{goal(code=BUURTEN[0], value='12,5')}\n")
    put(town, "measures.csv", f"{DONE_HEAD}\n{DONE}\n{measure(from_='1-12-2023', to='')}\n")
    assert targets(town) == [(READ[0], BUURTEN[0], 2030, 12.5, *READ[4:]), READ]
    assert town.ask("SELECT * FROM measure") == [
        (CODE, date(2023, 12, 1), None, "TEST measure", LINK),
        (CODE, date(2024, 3, 1), date(2024, 5, 31), "TEST measure", LINK),
    ]


def test_without_files_there_are_no_goals_and_no_measures(town):
    assert targets(town) == town.ask("SELECT * FROM measure") == []


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (f"{HEAD}\n{GOAL}\n", "utf-8-sig"),
        (f"{HEAD}\r\n{GOAL}\r\n", "utf-8"),
        (f"{HEAD}\n{GOAL}".replace(";", ","), "utf-8"),
        (f"{HEAD}\n{GOAL}".replace(";", "\t"), "utf-16"),
        (f"sep=;\r\n{HEAD}\r\n{GOAL}\r\n", "utf-8"),
        (f"{HEAD};;\n{GOAL};;\n;;;;;;;\n\n;;\n", "utf-8"),
        ("\n".join(f'"{row.replace(";", f"{chr(34)};{chr(34)}")}"' for row in (HEAD, GOAL)), "utf-8"),
        (f" {HEAD.upper()} \n{GOAL.replace(';', ' ; ')}\n", "utf-8"),
        (f"{HEAD}\n{goal(value='20%')}", "utf-8"),
        (f"{HEAD}\n{goal(value='20,0')}", "utf-8"),
        (f"{HEAD}\n{goal(value='20.00 %')}", "utf-8"),
        (f"{HEAD}\n{goal(indicator='Residents_65plus_share', code=CODE.lower())}", "utf-8"),
        (f"{HEAD}\n{goal(document=chr(34) + 'TEST' + chr(10) + 'decision' + chr(34))}", "utf-8"),
        (f"link;document;value;year;code;indicator\n{';'.join(reversed(GOAL.split(';')))}", "utf-8"),
    ],
)
def test_what_a_spreadsheet_writes_is_read_as_it_was_meant(built, text, encoding):
    put(built, "targets.csv", text, encoding)
    assert read(built, "targets") == [READ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_accents_survive_every_encoding(built, encoding):
    put(built, "targets.csv", f"{HEAD}\n{goal(document='TEST: één café – 10 €')}", encoding)
    assert [row[4] for row in read(built, "targets")] == ["TEST: één café – 10 €"]


@pytest.mark.parametrize("text", ["", "\n\n", f"{HEAD}\n", f"\ufeff{HEAD}\r\n"])
def test_a_file_without_rows_says_nothing(built, text):
    put(built, "targets.csv", text)
    if text.strip():
        assert read(built, "targets") == []
    else:
        assert "row 1: it lacks 'indicator'" in checked(built, targets=text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-03-01", (1, 3)),
        ("1-3-2024", (1, 3)),
        ("01-03-2024 00:00", (1, 3)),
        ("2024-03-01T00:00:00", (1, 3)),
        ("12-3-2024", (12, 3)),
    ],
)
def test_days_are_day_month_year(built, written, meant):
    put(built, "measures.csv", f"{DONE_HEAD}\n{measure(from_=written)}")
    [(_, day, *_)] = read(built, "measures")
    assert (day.day, day.month, day.year) == (*meant, 2024)


@pytest.mark.parametrize(
    "title",
    [
        "TEST: J.M. de Muinck Keizerlaan opnieuw ingericht",
        "TEST: Dr. Schaepmanlaan Utrecht 2024/2025",
        "TEST: speelplein in 3512 AB, 2023–2024",
        "TEST: aanpak 30 km per uur, fase 2 (2024), besluit 2023/123456",
        "TEST <b>vet</b> | 50% {x} [link](https://example.org)",
    ],
)
def test_what_is_not_about_a_person_is_let_through(built, title):
    put(built, "measures.csv", f"{DONE_HEAD}\n{measure(title=title)}")
    assert [row[3] for row in read(built, "measures")] == [title]


# --- refused with a sentence


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"indicator": "resident_65plus"}, "indicator: there is no 'resident_65plus'; 'residents_65plus' is nearest."),
        ({"indicator": "ouderen"}, "indicator: there is no 'ouderen'; 'residents_65plus"),
        ({"indicator": "Population"}, "there is no 'population'; 'residents' is nearest."),
        ({"indicator": ""}, "indicator: it is empty. Fill it in, or take the row out."),
        (
            {"code": "BU03440111"},
            f"code: {CODE} has no area 'BU03440111'. Take a code from /api/v1/areas; {CODE} itself is the whole city.",
        ),
        ({"code": "Tst"}, "has no area 'Tst'."),
        (
            {"code": "area 9999"},
            f"has no area with the code 'area 9999'. It is the name of one: fill in its code, {CODE}.",
        ),
        ({"year": "30"}, "year: '30' is not a year from 1990 to 2100. Write four digits, such as 2030."),
        ({"year": "1-1-2030"}, "year: '1-1-2030' is not a year"),
        ({"year": "2101"}, "year: '2101' is not a year"),
        ({"year": "2030,5"}, "year: '2030,5' is not a year"),
        (
            {"value": "1.234"},
            "'1.234' can be read in two ways. Write 1234 if the mark is for thousands, 1.2340 if it is",
        ),
        ({"value": "-1,234"}, "'-1,234' can be read in two ways. Write -1234 if"),
        ({"value": "1.234,5"}, "'1.234,5' is not a plain number. Write digits only, without marks for thousands or a"),
        ({"value": "1 000"}, "'1 000' is not a plain number."),
        ({"value": "€ 20"}, "'€ 20' is not a plain number."),
        ({"value": "1E+05"}, "'1E+05' is not a plain number."),
        ({"value": "nan"}, "'nan' is not a plain number."),
        ({"value": "٢٠"}, "'٢٠' is not a plain number."),
        ({"value": "=10+10"}, "'=10+10' is a formula, or what came of one. Write the text or the number itself."),
        ({"value": "#DEEL/0!"}, "'#DEEL/0!' is a formula"),
        ({"value": "101"}, "value: a share can't be '101'. Write a number from 0 to 100."),
        ({"value": "-5"}, "value: a share can't be '-5'."),
        (
            {"value": "0,2"},
            "'0,2' is less than one percent. Write 20 or 20% for a fifth, and 0,2% if it is really that",
        ),
        (
            {"indicator": "residents", "value": "1000,5"},
            "value: a count can't be '1000,5'. Write a whole number of 0 or more.",
        ),
        ({"indicator": "crimes_per_1000", "value": "-1"}, "value: a rate can't be '-1'. Write a number of 0 or more."),
        (
            {"indicator": "residents", "value": "50%"},
            "value: '50%' is a percentage, but the indicator has another unit: people. Write the goal in that unit.",
        ),
        (
            {"indicator": "home_value", "value": "400"},
            "'400' is far from every figure of home_value for a municipality, which go from 400000",
        ),
        ({"indicator": "home_value", "value": "400000000"}, "Look at the area, and write the goal in this unit: eur"),
        ({"indicator": "home_value", "value": "-1"}, "'-1' is far from every figure of home_value"),
        ({"document": ""}, "document: it is empty."),
        ({"document": "@SUM(A1)"}, "document: '@SUM(A1)' is a formula"),
        ({"document": "+cmd"}, "document: '+cmd' is a formula"),
        ({"document": "-cmd"}, "document: '-cmd' begins with a dash, which a spreadsheet takes for a formula."),
        ({"document": "TEST CafÃ©"}, "document: 'TEST CafÃ©' holds broken letters."),
        ({"document": "TEST \u202eevil"}, "holds signs that can't be seen. Type it anew."),
        ({"document": "T" * 151}, "document: it has 151 signs; 150 fit."),
        (
            {"link": "http://example.org"},
            "link: 'http://example.org' is not the address of a page. Write one that begins with https",
        ),
        ({"link": "javascript:alert(1)"}, "is not the address of a page."),
        ({"link": "https://example.org/a b"}, "is not the address of a page."),
        ({"link": "https://localhost/x"}, "is not the address of a page."),
        ({"link": "https://jan@example.org/x"}, "is not the address of a page."),
        (
            {"link": "https://example.org/?to=jan@example.org"},
            "link: it seems to hold an e-mail address. Take it out: everybody can read",
        ),
    ],
)
def test_a_wrong_cell_is_named_with_its_row_and_column(built, cells, sentence):
    said = told(built, "targets", GOAL, goal(**{"year": "2029"} | cells))
    assert sentence in said and "city/targets.csv, row 3, " in said


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            {"from_": "3/4/2024"},
            "from: '3/4/2024' is not a day from 1990 to 2100. Write it as 2024-03-31 or 31-3-2024.",
        ),
        ({"from_": "1-3-24"}, "from: '1-3-24' is not a day"),
        ({"from_": "2024"}, "from: '2024' is not a day"),
        ({"from_": "30-2-2024"}, "from: '30-2-2024' is not a day"),
        ({"from_": "1-3-1024"}, "from: '1-3-1024' is not a day"),
        ({"from_": "45352"}, "It is how a spreadsheet keeps a day inside: give the column the format of a date."),
        ({"from_": ""}, "from: it is empty."),
        ({"from_": "2026-11-24", "to": ""}, "from: '2026-11-24' is still to come. Only what has begun is shown. Take"),
        ({"to": "2024-02-29"}, "to: '2024-02-29' is before '2024-03-01'. Look at both:"),
        ({"title": ""}, "title: it is empty."),
        ({"title": "T" * 121}, "title: it has 121 signs; 120 fit."),
        ({"title": "TEST, vraag jan@example.org"}, "title: it seems to hold an e-mail address."),
        ({"title": "TEST, bel 06-1234 5678"}, "title: it seems to hold a telephone number or another long number."),
        ({"title": "TEST, bel (030) 286 00 00"}, "title: it seems to hold a telephone number"),
        ({"title": "TEST in 3512AB 12"}, "title: it seems to hold the address of a house."),
        ({"title": "TEST in Teststraat 12, 3512 AB"}, "title: it seems to hold the address of a house."),
        ({"title": "TEST door mevrouw Van den Berg"}, "title: it seems to hold somebody's name."),
        ({"title": "TEST voor dhr. Jansen"}, "title: it seems to hold somebody's name."),
        ({"title": "TEST van J.P. de Vries"}, "title: it seems to hold somebody's name."),
    ],
)
def test_a_wrong_cell_of_a_measure_is_named(built, cells, sentence):
    said = told(built, "measures", DONE, measure(**cells))
    assert sentence in said and "city/measures.csv, row 3, " in said


def test_what_seems_to_be_of_a_person_is_not_said_again(built):
    said = told(built, "measures", measure(title="TEST voor dhr. Jansen, 06-12345678"))
    assert "Jansen" not in said and "1234" not in said


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("eenzaam;WK034403;2030;40", "indicator: there is no 'eenzaam'; 'loneliness' is nearest."),
        ("lonely;WK034403;2030;40", "indicator: there is no 'lonely'; 'loneliness' is nearest."),
        ("criminaliteit;GM0344;2030;40", "indicator: there is no 'criminaliteit'; 'crimes' is nearest."),
        (
            "loneliness;overvecht;2030;40",
            "no area with the code 'overvecht'. It is the name of one: fill in its code, WK034403.",
        ),
        (
            "crimes_per_1000;WK034403;2030;50",
            "code: there are no figures of crimes_per_1000 for a district, so nobody could see whether the goal is "
            "reached. Take another area: there are figures for neighbourhood, municipality.",
        ),
        ("urbanity_class;WK034403;2030;3", "indicator: urbanity_class says which class an area is in"),
    ],
)
def test_a_row_that_means_something_else_is_helped_on(utrecht, row, sentence):
    (utrecht.city_dir / "targets.csv").write_text(f"{HEAD}\n{row};TEST;{LINK}", encoding="utf-8")
    [told], _ = check_city(utrecht, load(), TODAY)
    assert told.startswith("city/targets.csv, row 2, ") and sentence in told


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("crimes;BU03440611;2028;20000", "crimes for a neighbourhood, which go from 1 to 3675."),
        ("crimes;GM0344;2028;250", "crimes for a municipality, which go from 21765 to 27512."),
        ("residents;BU03440611;2028;374238", "residents for a neighbourhood, which go from 20 to 9210."),
        ("residents;WK034403;2028;374238", "residents for a district, which go from 20190 to 51195."),
        ("home_value;BU03440611;2028;400", "home_value for a neighbourhood, which go from"),
        ("crimes;BU03440611;2028;3000", ""),
        ("crimes;BU03440611;2028;90", ""),
        ("crimes;GM0344;2028;15000", ""),
        ("crimes;GM0344;2028;0", ""),
        ("residents;BU03440611;2028;9000", ""),
    ],
)
def test_a_goal_is_held_against_areas_of_the_same_kind(utrecht, row, sentence):
    """What is a lot for a buurt is little for the city."""
    for path in utrecht.city_dir.iterdir():
        path.unlink()
    (utrecht.city_dir / "targets.csv").write_text(f"{HEAD}\n{row};TEST;{LINK}", encoding="utf-8")
    said = "\n".join(check_city(utrecht, load(), TODAY)[0])
    assert ("is far from every figure of" in said and sentence in said) if sentence else said == ""


def test_a_goal_stands_once(built):
    said = told(built, "targets", GOAL, goal(year="2031"), goal(value="30"), "", goal(value="40"))
    where = f"residents_65plus_share of {CODE} in 2030"
    assert said == f"city/targets.csv, rows 2, 4 and 6: each holds a goal for {where}. Keep one."


def test_a_measure_stands_once(built):
    assert told(built, "measures", DONE, measure(link=f"{LINK}/other")) == (
        "city/measures.csv, rows 2 and 3: their area, first day and title are the same. "
        "Keep one, or give each measure a title of its own."
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            GOAL,
            ", row 1: it lacks 'indicator', 'code', 'year', 'value', 'document', 'link'. Put in the first row: indic",
        ),
        (
            GOAL,
            ", row 1: it holds what nobody asked for: 'residents_65plus_share', ",
        ),
        (
            f"{HEAD};name\n{GOAL};x",
            ", row 1: it holds what nobody asked for: 'name'. Take it out: the columns are indicator, code, year",
        ),
        (
            f"{HEAD};;name\n{GOAL};;x",
            ", row 1: it holds what nobody asked for: a column without a name, 'name'. Take",
        ),
        (f"{HEAD};link\n{GOAL};{LINK}", ", row 1: it holds more than once: 'link'."),
        (f"{HEAD.removesuffix(';link')}\n", ", row 1: it lacks 'link'."),
        (f"{HEAD}\n{GOAL};more", ", row 2: it has more cells than columns."),
        (f'{HEAD}\n{GOAL}"\n"x', ": row 3 can't be read. Look at its quotation marks:"),
        (b"PK\x03\x04rest", ": it is a workbook with the name of a CSV file. Open it and save it as CSV."),
        (b"\xd0\xcf\x11\xe0rest", ": it is a workbook"),
        (b"indicator\x00;code", ": it is no text that can be read. Save it as CSV UTF-8."),
        (b"\xff\xfe\x00", ": it is no text that can be read"),
        (
            b"x" * 1_000_001,
            ": it is larger than 1 MB, which no list of this kind is. Look whether it is the right file.",
        ),
    ],
)
def test_a_file_that_is_no_such_table_is_told(built, text, sentence):
    assert f"city/targets.csv{sentence}" in checked(built, targets=text)


def test_a_folder_in_the_place_of_a_file_is_told(town):
    (town.settings.city_dir / "targets.csv").mkdir(parents=True)
    assert (
        town.problems() == "city/targets.csv: it can't be read: Is a directory. "
        "Look whether it is a plain file, and whether it may be read."
    )


def test_everything_is_told_together(town):
    put(town, "targets.csv", f"{HEAD}\n{goal(year='x', link='y')}\n{goal(indicator='home_value', value='400')}")
    put(town, "measures.csv", f"{DONE_HEAD}\n{measure(code='BU1')}")
    assert [line.partition(":")[0] for line in town.problems().splitlines()] == [
        "city/targets.csv, row 2, year",
        "city/targets.csv, row 2, link",
        "city/targets.csv, row 3, value",
        "city/measures.csv, row 2, code",
    ]


def test_what_is_wrong_with_figures_is_told_with_it(town):
    put(town, "targets.csv", f"{HEAD}\n{goal(year='x')}")
    town.figures({"BU99990101": {"AantalInwoners_5": "many"}})
    assert "'many' is not a number" in town.problems() and "row 2, year" in town.problems()


def test_of_a_column_in_the_wrong_place_twenty_sentences_are_enough(built):
    said = told(built, "targets", *[goal(year="x")] * 50)
    assert len(said.splitlines()) == 21 and said.endswith("city/targets.csv: … and 30 more.")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.binary(max_size=80), st.text(max_size=80).map(lambda text: f"{HEAD}\n{text}".encode(errors="replace")))
)
@example(b"sep=;")
@example(f"{HEAD}\n{'1' * 200_000}".encode())
@example(f"{HEAD}\n{goal(document='(1-/' * 37)}".encode())
def test_nothing_in_a_file_breaks_its_reading(tmp_path, content):
    (tmp_path / "targets.csv").write_bytes(content)
    own = city.read(tmp_path, TODAY)
    for lang in LANGUAGES:
        told = city.told(own.problems, words(lang), load())
        assert all(said.startswith("city/targets.csv") for said in told)


# --- in the language of who reads it

A_GOAL = f"loneliness;GM0344;2030;40;TEST;{LINK}"
A_MEASURE = f"GM0344;2024-03-01;;TEST;{LINK}"
# key of the texts → place in targets.csv: row and column; and what is in the file: a row, or all of it
GOALS = {
    "city.large": ("", b"x" * 1_000_001),
    "city.workbook": ("", b"PK\x03\x04rest"),
    "city.binary": ("", b"indicator\x00;code"),
    "city.quotes": ("", f'{HEAD}\n"x'.encode()),
    "city.lacking": ("1", HEAD.removesuffix(";link").encode()),
    "city.unknown": ("1", f"{HEAD};;{'x' * 70}".encode()),
    "city.double": ("1", f"{HEAD};link".encode()),
    "city.cells": ("2", f"{A_GOAL};more"),
    "city.empty": ("2, year", A_GOAL.replace("2030", "")),
    "city.invisible": ("2, document", A_GOAL.replace("TEST", "TEST \u202eevil")),
    "city.broken": ("2, document", A_GOAL.replace("TEST", "TEST CafÃ©")),
    "city.formula": ("2, value", A_GOAL.replace("40", "=40")),
    "city.year": ("2, year", A_GOAL.replace("2030", "1..3")),
    "city.twoways": ("2, value", A_GOAL.replace("40", "1.234")),
    "city.number": ("2, value", A_GOAL.replace("40", "1..5")),
    "city.link": ("2, link", A_GOAL.replace("https", "http")),
    "city.long": ("2, document", A_GOAL.replace("TEST", "T" * 151)),
    "city.dash": ("2, document", A_GOAL.replace("TEST", "- TEST")),
    "city.indicator": ("2, indicator", A_GOAL.replace("loneliness", "eenzaam")),
    "city.code": ("2, code", A_GOAL.replace("GM0344", "GM0345")),
    "city.code.name": ("2, code", A_GOAL.replace("GM0344", "overvecht")),
    "city.goal.twice": ("2+4", f"{A_GOAL}\n\n{A_GOAL}"),
    "city.percentage": ("2, value", A_GOAL.replace("loneliness;GM0344;2030;40", "home_value;GM0344;2030;300000%")),
    "city.fraction": ("2, value", A_GOAL.replace("40", "0,4")),
    "city.share": ("2, value", A_GOAL.replace("40", "140")),
    "city.count": ("2, value", A_GOAL.replace("loneliness;GM0344;2030;40", "residents;GM0344;2030;300000,5")),
    "city.rate": ("2, value", A_GOAL.replace("loneliness;GM0344;2030;40", "crimes_per_1000;GM0344;2030;-40")),
    "city.class": ("2, indicator", A_GOAL.replace("loneliness;GM0344;2030;40", "urbanity_class;GM0344;2030;3")),
    "city.level": ("2, code", A_GOAL.replace("loneliness;GM0344", "crimes_per_1000;WK034403")),
    "city.far": ("2, value", A_GOAL.replace("loneliness;GM0344;2030;40", "home_value;GM0344;2030;400")),
}
MEASURES = {
    "city.future": ("2, from", A_MEASURE.replace("2024-03-01", "2100-03-01")),
    "city.day": ("2, from", A_MEASURE.replace("2024-03-01", "3/4/2024")),
    "city.day.inside": ("2, from", A_MEASURE.replace("2024-03-01", "45352")),
    "city.email": ("2, title", A_MEASURE.replace("TEST", "TEST jan@example.org")),
    "city.phone": ("2, title", A_MEASURE.replace("TEST", "TEST 06-1234 5678")),
    "city.home": ("2, title", A_MEASURE.replace("TEST", "TEST 3512AB 12")),
    "city.person": ("2, title", A_MEASURE.replace("TEST", "TEST dhr. Jansen")),
    "city.measure.twice": ("2+3", f"{A_MEASURE}\n{A_MEASURE}"),
    "city.order": ("2, to", A_MEASURE.replace(";;", ";2024-02-29;")),
}
A_SUBWIJK = "SW0344A;TEST subwijk;BU03440111"
SUBWIJKEN = {
    "city.subwijk.code": ("2, code", A_SUBWIJK.replace("SW", "WK")),
    "city.subwijk.buurt": ("2, buurt", A_SUBWIJK.replace("BU03440111", "WK034401")),
    "city.subwijk.twice": ("2+3", f"{A_SUBWIJK}\n{A_SUBWIJK.replace('44A', '44B')}"),
    "city.subwijk.names": ("2+3", f"{A_SUBWIJK}\n{A_SUBWIJK.replace('TEST', 'Test').replace('0111', '0112')}"),
}
KINDS = {
    **{key: ("targets.csv", HEAD, *kind) for key, kind in GOALS.items()},
    **{key: ("measures.csv", DONE_HEAD, *kind) for key, kind in MEASURES.items()},
    **{key: ("subwijken.csv", SUBWIJK_HEAD, *kind) for key, kind in SUBWIJKEN.items()},
    "city.unreadable": ("targets.csv", HEAD, "", None),
}
# What is said of no single mistake: of a place, of the files as a whole, of how the command went.
OTHER = {"row", "rows", "column", "nameless", "more", "written", "unwritable", "nomart", "unread", "right"}
# One of these words tells what to do.
ORDERS = {
    "nl": "Bewaar Haal haal Kies Kijk Laat Maak Open Schrijf Typ Vul vul Zet".split(),
    "en": "Fill fill Keep Leave Look Open Put Save Say Take Type Write".split(),
}


def test_every_kind_of_problem_is_tried():
    assert set(KINDS) | {f"city.{key}" for key in OTHER} == {key for key in NL if key.startswith("city.")}


def told_of(utrecht, key, lang):
    """The sentence about a kind of problem; the first one, because a rate below 0 is also far from every figure."""
    file, head, _, content = KINDS[key]
    for path in utrecht.city_dir.iterdir():
        path.rmdir() if path.is_dir() else path.unlink()
    if content is None:
        (utrecht.city_dir / file).mkdir()
    else:
        whole = content if isinstance(content, bytes) else f"{head}\n{content}".encode()
        (utrecht.city_dir / file).write_bytes(whole)
    (told, *_), _ = check_city(replace(utrecht, language=lang), load(), TODAY)
    return told


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize(
    ("lang", "texts", "row", "rows", "column"),
    [("nl", NL, "rij {}", "rijen {} en {}", ", kolom {}"), ("en", EN, "row {}", "rows {} and {}", ", {}")],
)
def test_every_kind_says_where_what_and_what_to_do(utrecht, key, lang, texts, row, rows, column):
    file, _, place, _ = KINDS[key]
    where, _, what = told_of(utrecht, key, lang).partition(": ")
    match place.split(", "):
        case [""]:
            assert where == f"city/{file}"
        case [several] if "+" in several:
            assert where == f"city/{file}, {rows.format(*several.split('+'))}"
        case [number, *name]:
            assert where == f"city/{file}, {row.format(number)}{''.join(map(column.format, name))}"
    [template] = texts[key]
    assert re.fullmatch(".+".join(map(re.escape, re.split(r"\{\w+\}", template))), what)
    assert set(re.findall(r"\w+", template)) & set(ORDERS[lang])


@pytest.mark.parametrize(
    ("lang", "key", "part"),
    [
        ("nl", "city.year", "'1..3' is geen jaar"),  # two stops as they were written
        ("en", "city.number", "'1..5' is not"),
        ("nl", "city.unknown", f"een kolom zonder naam, '{'x' * 60}…'. Haal"),
        ("nl", "city.level", "per wijk. Niemand kan dan zien of het doel is gehaald. Kies een ander gebied"),
        ("nl", "city.level", "per buurt, gemeente."),
        ("nl", "city.far", "per gemeente: die lopen van 235000 tot en met 458000. Kijk"),
        ("nl", "city.code.name", "vul de code ervan in, WK034403."),
        (
            "nl",
            "city.goal.twice",
            "rijen 2 en 4: op elk van deze rijen staat een doel voor loneliness in GM0344 in 2030.",
        ),
    ],
)
def test_what_is_filled_in_is_of_the_language_too(utrecht, lang, key, part):
    assert part in told_of(utrecht, key, lang)


def test_a_build_speaks_the_language_of_the_settings(town):
    put(town, "targets.csv", f"{HEAD}\n{goal(year='x')}")
    assert town.problems().startswith("city/targets.csv, row 2, year: 'x' is not a year")
    town.settings = replace(town.settings, language="nl")
    assert town.problems().startswith("city/targets.csv, rij 2, kolom year: 'x' is geen jaar")


# --- the mart that is there


def test_a_wrong_file_leaves_the_mart_that_is_there(town):
    put(town, "targets.csv", f"{HEAD}\n{GOAL}")
    before = town.build()
    put(town, "targets.csv", f"{HEAD}\n{goal(value='a fifth')}")
    town.problems()
    assert town.settings.mart_link.resolve() == before.path and town.ask("SELECT value FROM target") == [(20,)]


def test_a_mart_says_with_which_files_it_was_made(town):
    put(town, "targets.csv", f"{HEAD}\n{GOAL}")
    town.build()
    digest = hashlib.sha256(f"{HEAD}\n{GOAL}".encode()).hexdigest()
    assert ("city/targets.csv", digest) in town.ask("SELECT path, sha256 FROM mart_input")
    publish.prune(town.settings)
    assert (town.settings.city_dir / "targets.csv").exists()


def test_an_old_mart_keeps_its_goals(town):
    put(town, "targets.csv", f"{HEAD}\n{GOAL}")
    old = town.build()
    put(town, "targets.csv", f"{HEAD}\n{goal(value='30')}")
    assert targets(town)[0][3] == 30
    town.settings.mart_link.unlink()
    town.settings.mart_link.symlink_to(old.path)
    assert town.ask("SELECT value FROM target") == [(20,)]


# --- templates and the command


def test_templates_hold_nothing_but_their_columns_and_pass(town):
    town.build()
    assert [path.name for path in city.write_templates(town.settings.city_dir)] == list(city.FILES)
    assert [path.read_bytes() for path in sorted(town.settings.city_dir.iterdir())] == [
        f"\ufeff{DONE_HEAD}\r\n".encode(),
        f"\ufeff{SUBWIJK_HEAD}\r\n".encode(),
        f"\ufeff{HEAD}\r\n".encode(),
    ]
    assert check_city(town.settings, town.catalogue, TODAY) == ([], 0)


def test_templates_leave_what_is_there(town):
    put(town, "targets.csv", GOAL)
    assert [path.name for path in city.write_templates(town.settings.city_dir)] == ["measures.csv", "subwijken.csv"]
    assert (town.settings.city_dir / "targets.csv").read_text() == GOAL


def test_the_check_says_what_a_build_says(town):
    town.build()
    put(
        town,
        "targets.csv",
        f"{HEAD}\n{goal(year='x')}\n{goal(indicator='home_value', value='400')}\n{goal(code='GM1')}",
    )
    before = town.settings.mart_link.resolve().read_bytes()
    problems, rows = check_city(town.settings, town.catalogue, TODAY)
    assert sorted(problems) == sorted(town.problems().splitlines()) and rows == len(problems) == 3
    assert town.settings.mart_link.resolve().read_bytes() == before


@pytest.fixture
def run(monkeypatch, unopened, tmp_path, capsys):
    """The command over a DATA_DIR with the mart of the sample: (exit code, what it printed, what it complained of)."""
    (tmp_path / "marts").symlink_to(unopened / "marts")
    (tmp_path / "dashboard.duckdb").symlink_to((unopened / "dashboard.duckdb").resolve())

    def main(**environ):
        for name, value in {"DATA_DIR": str(tmp_path), "LC_ALL": "en_GB.UTF-8", **environ}.items():
            monkeypatch.setenv(name, value)
        code = command.main(["--city"])
        return code, *capsys.readouterr()

    return main


def test_the_command_writes_templates_and_finds_them_good(run, tmp_path):
    code, said, complained = run()
    assert (code, complained) == (0, "")
    assert said.count("Written: ") == 3 and "docs/goals-and-measures.md" in said and "hold 0 rows" in said
    assert "Written" not in run()[1]


def test_the_command_says_what_is_wrong_and_what_nobody_reads(run, tmp_path):
    run()
    (tmp_path / "city" / "targets.csv").write_text(f"{HEAD}\n{goal(code='GM0344', year='x')}")
    for name in ("doelen.csv", "Kopie van targets.xlsx", "~$targets.xlsx", ".~lock.targets.csv#", "notes.txt"):
        (tmp_path / "city" / name).touch()
    code, said, complained = run()
    assert code == 1 and complained.startswith("city/targets.csv, row 2, year: 'x' is not a year")
    assert [line.split(". ")[0] for line in said.splitlines()] == [
        "Not read: city/Kopie van targets.xlsx",
        "Not read: city/doelen.csv",
    ]


def test_the_command_looks_into_the_files_about_sensors_too(run, tmp_path):
    run()
    files = {
        "sensors.toml": '[dustbin]\ncan.nl = "Ja."\n',
        "signals.toml": "[rules.nosuch]\non = false\n",
        "mqtt.toml": "[broker]\n",
    }
    for name, text in files.items():
        (tmp_path / "city" / name).write_text(text)
    code, _, complained = run()
    assert code == 1
    for name in files:
        assert f"city/{name}" in complained
    for name in files:
        (tmp_path / "city" / name).unlink()
    assert run()[0] == 0


@pytest.mark.parametrize(
    "environ",
    [{"LC_ALL": ""}, {"LC_ALL": "C.UTF-8"}, {"LC_ALL": "nl_NL.UTF-8"}, {"LC_ALL": "", "LANG": "de_DE.UTF-8"}],
)
def test_the_command_is_dutch_by_default(run, tmp_path, monkeypatch, environ):
    for name in ("LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    _, said, _ = run(**environ)
    assert "Gemaakt: " in said and "staan 0 rijen" in said
    (tmp_path / "city" / "measures.csv").write_text(f"{DONE_HEAD}\n{measure(code='GM0344')}")
    assert "staat 1 rij, " in run(**environ)[1]
    (tmp_path / "city" / "doelen.csv").touch()
    (tmp_path / "city" / "targets.csv").write_text(f"{HEAD}\n{goal(code='GM0344', year='x')}")
    code, said, complained = run(**environ)
    assert (code, said) == (
        1,
        "Niet gelezen: city/doelen.csv. De bestanden heten targets.csv, measures.csv en subwijken.csv.\n",
    )
    assert complained.startswith("city/targets.csv, rij 2, kolom year: 'x' is geen jaar")
    assert run(**environ, GEMEENTE="GM0363")[2].startswith("Er is nog geen bestand met cijfers van GM0363.")


@pytest.mark.parametrize("environ", [{"GEMEENTE": "GM0363"}, {"DATA_DIR": "none"}])
def test_the_command_without_a_mart_of_this_gemeente_says_how_to_make_one(run, tmp_path, environ):
    if "DATA_DIR" in environ:
        environ = {"DATA_DIR": str(tmp_path / "none")}
    code, _, complained = run(**environ)
    assert code == 1 and complained.startswith("There is no mart of GM03") and "`make mart`" in complained


def test_the_command_says_where_it_may_not_write(run, tmp_path, monkeypatch):
    def refuse(self, *_, **__):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr("pathlib.Path.write_text", refuse)
    code, _, complained = run()
    assert code == 1 and "can't be written: Permission denied" in complained
    assert stat.S_ISDIR((tmp_path / "city").stat().st_mode)
