"""Subwijken: areas that the city makes of its buurten, in a file of its own."""

import pytest
import shapely

from buurtbeeld.warehouse.build import check_city
from tests.warehouse.town import BUURTEN, CODE, HOME_VALUE, NOW, OLDER, RESIDENTS, areas, residents

HEAD = "code;name;buurt"
NORTH, WEST = "SW9999N", "SW9999W"
ROWS = (f"{NORTH};Noord;{BUURTEN[0]}", f"{NORTH};Noord;{BUURTEN[2]}", f"{WEST};West;{BUURTEN[1]}")


def put(town, *rows):
    town.settings.city_dir.mkdir(exist_ok=True)
    (town.settings.city_dir / "subwijken.csv").write_text("\n".join((HEAD, *rows)), encoding="utf-8")


def told(town, *rows):
    """What is said of a file with these rows."""
    put(town, *rows)
    return "\n".join(check_city(town.settings, town.catalogue, NOW.date())[0])


def test_a_subwijk_is_its_buurten_together(town):
    put(town, *ROWS)
    town.build()
    outlines = {code: shapely.from_wkb(bytes(wkb)) for code, wkb in town.ask("SELECT code, geometry FROM area_now")}
    parts = shapely.union_all([outlines[BUURTEN[0]], outlines[BUURTEN[2]]])
    assert outlines[NORTH].symmetric_difference(parts).area < 1e-9
    assert town.ask("SELECT name, level FROM area_now WHERE code = 'SW9999N'") == [("Noord", "subwijk")]


def test_it_lies_in_the_wijk_of_its_buurten_or_else_in_the_gemeente(town):
    put(town, *ROWS)
    town.build()
    parents = dict(town.ask("SELECT code, parent_code FROM area_now WHERE level = 'subwijk'"))
    assert parents == {NORTH: CODE, WEST: "WK999901"}


def test_its_members_stand_in_the_mart(town):
    put(town, *ROWS)
    town.build()
    assert town.ask("SELECT * FROM area_member") == [
        (BUURTEN[0], NORTH, 1.0),
        (BUURTEN[2], NORTH, 1.0),
        (BUURTEN[1], WEST, 1.0),
    ]


def test_without_the_file_there_are_none(town):
    town.build()
    assert town.ask("SELECT * FROM area_member") == []
    assert town.ask("SELECT * FROM area WHERE level = 'subwijk'") == []


def test_an_edition_that_lacks_one_of_its_buurten_has_no_such_subwijk(town):
    town.outlines(2023, BUURTEN[1:])
    put(town, *ROWS)
    town.build()
    assert town.ask("SELECT code, edition FROM area WHERE level = 'subwijk' ORDER BY ALL") == [
        (NORTH, 2024),
        (WEST, 2023),
        (WEST, 2024),
    ]


def test_a_figure_of_a_subwijk_is_the_one_published(town):
    put(town, *ROWS)
    row = {RESIDENTS: 1500, OLDER: 100, HOME_VALUE: 400}
    town.figures(residents() | {NORTH: row}, stamp="20261124T110000Z")
    town.build()
    assert town.figure("residents", NORTH) == (1500, "ok")


@pytest.mark.parametrize("sign", ["-", "?", "x", ".", ""])
def test_a_sign_for_no_number_is_no_zero(town, sign):
    values = dict.fromkeys(areas()["code"].to_pylist(), "1000") | {BUURTEN[0]: sign}
    town.figures(residents(**values), stamp="20261124T110000Z")
    town.build()
    assert town.figure("residents") == (None, "reason_unknown")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([f"WK999901;West;{BUURTEN[0]}"], "row 2, code: 'WK999901' cannot be the code of a sub-district"),
        ([f"SW0344A;West;{BUURTEN[0]}"], "'SW0344A' cannot be the code of a sub-district. Write SW9999 and then"),
        ([f"{WEST};West;WK999901"], "buurt: GM9999 has no neighbourhood 'WK999901' now."),
        ([f"{WEST};West;"], "buurt: it is empty."),
        ([f"{WEST};;{BUURTEN[0]}"], "name: it is empty."),
        ([*ROWS, ROWS[0]], f"rows 2 and 5: each of these rows has neighbourhood '{BUURTEN[0]}'."),
        ([*ROWS, f"{WEST};Oost;{BUURTEN[3]}"], f"rows 4 and 5: sub-district '{WEST}' has different names"),
    ],
)
def test_what_can_not_be_is_told(town, rows, sentence):
    town.build()
    assert sentence in told(town, *rows)


def test_a_wrong_file_is_refused_and_the_published_mart_stays(town):
    town.build()
    put(town, f"WK999901;West;{BUURTEN[0]}")
    assert "city/subwijken.csv, row 2, code" in town.problems()
    assert town.ask("SELECT * FROM area_member") == []
