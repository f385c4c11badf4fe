"""The page of now: states, ages and words of sensors, the files of its map, and what the page itself shows."""

import json
from dataclasses import replace
from datetime import timedelta

import altair as alt
import duckdb
import pytest

from buurtbeeld import decisions, queries
from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import load
from buurtbeeld.catalogue.measured import Beat
from buurtbeeld.charts import levels, rhythm
from buurtbeeld.maps import palettes
from buurtbeeld.now import page, states, telling
from buurtbeeld.now.states import State
from buurtbeeld.store import Mart
from buurtbeeld.texts import LANGUAGES, words
from buurtbeeld.texts.now import age, air_class, amount
from buurtbeeld.view import plain
from buurtbeeld.widgets import notes
from buurtbeeld.widgets import now as widgets
from tests import marts, measuring
from tests.eyes import contrast
from tests.figures import mart_of, view_of
from tests.measuring import AT, FEW, MEASURED, WIJK

NU = next(each for each in PAGES if each.segment == "nu")
NL, EN = words("nl"), words("en")
PARTS = {"lucht": "air", "containers": "containers", "parkeren": "parking", "fietsen": "bicycles"}


@pytest.fixture(scope="module")
def folder(sample, tmp_path_factory):
    made = marts.own(sample, tmp_path_factory.mktemp("measured"))
    marts.measured(made)
    return made


@pytest.fixture(scope="module")
def simulated(sample, tmp_path_factory):
    made = marts.own(sample, tmp_path_factory.mktemp("simulated"))
    marts.measured(made, simulated=True)
    return made


@pytest.fixture(scope="module")
def mart(folder):
    return mart_of(folder)


MOMENT = page.moment


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Sets the clock of the pages; at first it is when the sensors were seen."""

    def put(at=AT):
        monkeypatch.setattr(page, "moment", lambda view: at)

    put()
    return put


def seen(mart, id):
    return next(each for each in telling.every(mart) if each.sensor.id == id)


def picked(view):
    found = page.chosen(view)
    assert found
    return found


def week(view):
    found = page.rhythm(view)
    assert found
    return found


def state(mart, id, at=AT):
    each = seen(mart, id)
    end = states.silent_from(each)
    return states.state(each, end if end and end <= at else None, load())


# States


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("station_one", State.REFERENCE),
        ("sensor_a", State.OK),
        ("sensor_wet", State.DOUBTED),
        ("sensor_raw", State.DOUBTED),
        ("container_full", State.FULL),
        ("container_half", State.OK),
        ("container_quiet", State.SILENT),
        ("container_new", State.NEVER),
        ("garage_one", State.OK),
        ("garage_quiet", State.SILENT),
        ("bicycles_one", State.FULL),
    ],
)
def test_every_sensor_is_in_the_state_that_it_was_made_for(mart, id, expected):
    assert state(mart, id) == expected


def test_a_sensor_falls_silent_by_the_clock_alone_and_within_its_declared_time(mart):
    each = seen(mart, "garage_one")
    end = each.sensor.last_at + timedelta(hours=each.kind.silent)
    assert state(mart, "garage_one", end - timedelta(seconds=1)) == State.OK
    assert state(mart, "garage_one", end + states.STEP) == State.SILENT


def test_silence_begins_on_a_whole_step_and_never_too_early(mart):
    for each in telling.every(mart):
        if each.sensor.last_at:
            end, due = states.silent_from(each), each.sensor.last_at + timedelta(hours=each.kind.silent)
            assert end and timedelta() <= end - due < states.STEP and end.minute % 5 == end.second == 0


def test_only_moments_at_which_something_changes_have_an_address(mart):
    every = telling.every(mart)
    for end in states.ends(every):
        assert states.read(states.written(end), every) == end
    assert states.read(states.BEGIN, every) is None
    for other in ("20260615T1231", "", "20260615", "../begin", "9" * 40):
        with pytest.raises(LookupError):
            states.read(other, every)


def test_a_share_is_made_of_places_only_where_both_are_believed(mart):
    garage = seen(mart, "garage_one")
    assert garage.share == 70
    doubted = [replace(r, last_reason="range") if r.quantity == "free" else r for r in garage.readings]
    assert replace(garage, readings=tuple(r for r in doubted if r.quantity != "occupancy")).share is None


def without(each, *quantities, back=timedelta(days=6)):
    """The same sensor, of which these quantities stopped so long ago."""
    readings = [
        replace(r, last_at=r.last_at - back, hour=r.hour - back) if r.quantity in quantities else r
        for r in each.readings
    ]
    return replace(each, readings=tuple(readings))


def test_what_stopped_while_the_rest_goes_on_says_nothing_of_now(mart):
    whole = seen(mart, "station_one")
    stopped = without(whole, "lki", "pm25")
    assert whole.believed("lki") == 3 and stopped.believed("lki") is None and stopped.believed("pm25") is None
    assert stopped.believed("no2") == whole.believed("no2") == 23.4
    assert "PM2,5" in telling.values(whole, NL, load())
    assert "PM2,5" not in telling.values(stopped, NL, load()) and "NO₂" in telling.values(stopped, NL, load())
    assert stopped.reading("lki")  # for the card, with its own time
    silent = timedelta(hours=whole.kind.silent)
    newest = whole.sensor.last_at - whole.reading("lki").last_at
    assert without(whole, "lki", back=silent - newest).believed("lki") is None
    assert without(whole, "lki", back=silent - newest - timedelta(seconds=1)).believed("lki") == 3


def test_the_lead_and_the_tiles_are_of_what_is_measured_now(mart, monkeypatch):
    every = telling.every(mart)
    made = tuple(without(each, "lki", "pm25") if each.sensor.is_reference else each for each in every)
    monkeypatch.setattr(telling, "every", lambda mart: made)
    monkeypatch.setattr(Mart, "keep", lambda self, key, make: make())
    view = view_of(mart)
    told = page.told(view, AT)
    assert told.lead == "Er is nu geen index van de luchtkwaliteit."
    values = {tile.title: tile.value for tile in told.tiles}
    assert values["Stikstofdioxide (NO₂)"].startswith("23")
    assert values.get("Fijnstof (PM2,5)") in (None, NL.t("now.air.nostation"))
    view = view_of(mart, sensor="test_feed/station_one")
    [line] = [line for line in page.readings(view, picked(view)) if line.startswith("Luchtkwaliteitsindex")]
    assert "9 juni 2026" in line
    [row] = [line for line in page.table(view, AT).splitlines() if "TEST station one" in line]
    assert "PM2,5" not in row


def test_a_sensor_is_judged_by_what_it_is_there_for(mart):
    """In fog a particle sensor still tells well how damp it is; that makes nothing else of it certain."""
    wet = seen(mart, "sensor_wet")
    assert wet.believed("humidity") == 97 and state(mart, "sensor_wet") == State.DOUBTED
    assert telling.values(wet, NL, load()) == ""
    alone = replace(wet, readings=tuple(r for r in wet.readings if r.quantity == "humidity"))
    assert states.state(alone, None, load()) == State.OK and telling.values(alone, NL, load()).endswith("vocht")


# Words


@pytest.mark.parametrize(
    ("back", "nl", "en"),
    [
        (timedelta(seconds=20), "zojuist gemeten", "measured just now"),
        (timedelta(minutes=1), "1 minuut geleden gemeten", "measured 1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minuten geleden gemeten", "measured 59 minutes ago"),
        (timedelta(hours=1), "1 uur geleden gemeten", "measured 1 hour ago"),
        (timedelta(hours=47), "47 uur geleden gemeten", "measured 47 hours ago"),
        (timedelta(days=3), "3 dagen geleden gemeten", "measured 3 days ago"),
        (-timedelta(seconds=90), "zojuist gemeten", "measured just now"),
    ],
)
def test_an_age_is_told_in_the_visitors_language(back, nl, en):
    assert (age(AT - back, AT, NL), age(AT - back, AT, EN)) == (nl, en)


def test_a_stamp_from_the_future_is_told_as_a_clock_that_is_ahead():
    told = age(AT + timedelta(hours=1), AT, NL)
    assert told == "gemeten op 15 juni 2026, 15:30, volgens een klok die voorloopt"


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (1, "good"),
        (3, "good"),
        (4, "fair"),
        (6, "fair"),
        (7, "poor"),
        (8, "poor"),
        (9, "bad"),
        (10, "bad"),
        (11, "worst"),
    ],
)
def test_the_air_is_in_the_class_that_the_index_says(index, name):
    assert air_class(index) == name


def test_a_little_below_nothing_is_nothing_in_words_and_stands_as_measured_in_a_table():
    quantity = load().quantities["pm25"]
    assert amount(-1.2, quantity, NL, load()) == "0\N{NO-BREAK SPACE}µg/m³"
    assert amount(-1.2, quantity, NL, load(), clipped=False) == "\N{MINUS SIGN}1\N{NO-BREAK SPACE}µg/m³"
    assert amount(-3.0, load().quantities["temperature"], NL, load()).startswith("\N{MINUS SIGN}3")


# What the page says


def test_the_air_is_told_from_stations_and_sensors_stand_apart(mart, clock):
    told = page.told(view_of(mart), AT)
    assert told.lead == "De lucht is nu goed tot matig. Dat verschilt per plek."
    assert "klasse 2 van 5" in told.means and told.badge == ""
    no2, pm25, *_ = told.tiles
    assert no2.value == "23 – 31\N{NO-BREAK SPACE}µg/m³"
    assert no2.lines[:2] == (
        "2 officiële stations",
        "sensoren, niet heel precies: 20\N{NO-BREAK SPACE}µg/m³ (4 sensoren, in het uur tot 15 juni 2026, 14:00)",
    )
    assert "WHO-advies voor een dag: 25" in no2.lines[2]
    assert pm25.value == "0 – 8\N{NO-BREAK SPACE}µg/m³"
    assert told.ages == (
        "Meetstations voor lucht: 5 minuten geleden gemeten",
        "Luchtsensoren: 5 minuten geleden gemeten",
    )


def test_a_feed_that_stops_says_since_when(mart):
    told = page.told(view_of(mart), AT + timedelta(days=2))
    assert told.lead == "Er komt nu niets binnen." and told.tiles == ()
    assert told.ages[0] == "Meetstations voor lucht: geen bericht sinds 15 juni 2026, 14:25"


def test_a_wrong_clock_doesnt_make_the_past_the_future(mart, monkeypatch):
    monkeypatch.setattr(page, "moment", MOMENT)
    monkeypatch.setattr(states, "clock", lambda: AT - timedelta(days=4000))
    view = view_of(mart)
    assert page.moment(view) == view.mart.build.built_at
    assert not any("\N{MINUS SIGN}" in line or "-" in line for line in page.told(view, page.moment(view)).ages)


def test_containers_are_full_or_unknown_and_that_is_no_dirty_street(mart):
    told = page.told(view_of(mart, deel="containers"), AT)
    assert told.lead == "1 van de 2 containers is nu voor 80% of meer vol."
    assert told.means == (
        "Van 2 containers weten wij het niet: die geven geen bericht, of een bericht dat niet klopt. "
        "Een volle container is iets anders dan een vuile straat. Dat meet deze sensor niet."
    )
    assert told.badge == "SIMULATIE"


def test_a_container_that_is_not_believed_is_unknown_too(mart, monkeypatch):
    def doubted(each):
        return replace(each, readings=tuple(replace(reading, last_reason="stuck") for reading in each.readings))

    for ids, lead, unknown in (
        (
            ["container_half"],
            "1 van de 1 containers is nu voor 80% of meer vol.",
            "Van 3 containers weten wij het niet",
        ),
        (["container_half", "container_full"], NL.t("now.full.none"), ""),
    ):
        every = tuple(doubted(each) if each.sensor.id in ids else each for each in telling.every(mart))
        with monkeypatch.context() as patched:
            patched.setattr(telling, "every", lambda mart, every=every: every)
            patched.setattr(Mart, "keep", lambda self, key, make: make())
            told = page.told(view_of(mart, deel="containers"), AT)
        assert told.lead == lead and told.means.startswith(unknown or "Een volle container")


def test_how_many_sensors_count_is_told_of_sensors_of_air_alone(mart):
    total, damp, precise, preliminary = page.about_air(view_of(mart), AT)
    assert total == (
        "Van de 7 luchtsensoren die zich nu melden, tellen er 5 mee. "
        "De andere zijn niet gekalibreerd, of meten nu niet goed."
    )
    assert "78%" in damp and precise == NL.t("now.air.indicative") and preliminary == NL.t("now.air.preliminary")


def test_squares_and_sensors_of_damp_alone_are_in_no_count_of_sensors_of_air(mart, monkeypatch):
    wet, square = seen(mart, "sensor_wet"), load().sensor_kinds["air_square"]
    dry = replace(wet, readings=tuple(r for r in wet.readings if r.quantity == "humidity"))
    cycled = replace(seen(mart, "sensor_raw"), kind=square)
    monkeypatch.setattr(page, "_fresh", lambda view, change: [seen(mart, "sensor_a"), wet, dry, cycled])
    assert page._about_air(view_of(mart), None)[0].startswith(
        "Van de 2 luchtsensoren die zich nu melden, tellen er 1 mee."
    )


def test_ozone_has_its_advice_and_its_target_over_eight_hours(mart):
    view = view_of(mart, stof="o3")
    assert {limit.value for limit in page.limits(view)} == {100, 120}
    told = page.limits_told(view)
    assert "WHO-advies voor acht uur\\: 100" in told and "EU-streefwaarde voor acht uur\\: 120" in told
    tile = next(tile for tile in page.told(view, AT).tiles if tile.title.startswith("Ozon"))
    assert tile.lines == ("TEST station one", "WHO-advies voor acht uur: 100\N{NO-BREAK SPACE}µg/m³")


def test_of_cheap_sensors_of_air_alone_the_card_says_how_precise_they_are(mart):
    for id, precise in (("sensor_a", False), ("garage_one", True), ("container_half", True)):
        view = view_of(mart, sensor=f"test_feed/{id}")
        assert (NL.t("now.imprecise") not in page.card(view, picked(view), AT)[1]) == precise


def test_places_are_summed_over_garages_that_were_heard_and_that_is_said(mart):
    told = page.told(view_of(mart, deel="parkeren"), AT)
    assert told.lead == "Er zijn nu 120 van de 400 plekken vrij."
    assert told.tiles[0].value == "70%" and told.tiles[0].lines == ("geteld in 1 van de 2 parkeergarages",)


@pytest.mark.parametrize(("part", "real"), [("parkeren", "garage_one"), ("containers", "container_half")])
def test_real_and_simulated_sensors_are_never_in_one_number(mart, monkeypatch, part, real):
    view = view_of(mart, deel=part)
    mixed = tuple(
        replace(each, sensor=replace(each.sensor, id=f"{each.sensor.id}{end}", is_simulated=bool(end)))
        for each in page.part(view)
        for end in ("", "_made_up")
        if bool(end) or each.sensor.id == real
    )
    alone = tuple(each for each in mixed if not each.sensor.is_simulated)
    told = {}
    for name, found in (("mixed", mixed), ("alone", alone)):
        monkeypatch.setattr(page, "part", lambda view, found=found: found)
        monkeypatch.setattr(type(view.mart), "keep", lambda self, key, make: make())
        told[name] = page._told(view, AT), page.told(view, AT).badge
    assert told["mixed"] == told["alone"] and told["alone"][1] == ""
    monkeypatch.setattr(page, "part", lambda view: mixed)
    ages = page._ages(view, AT)
    assert [line.startswith("SIMULATIE ") for line in ages] == [False, True]


def test_bicycles_are_counted_as_reported_also_where_it_doesnt_add_up(mart):
    view = view_of(mart, deel="fietsen")
    told = page.told(view, AT)
    assert told.lead == "Er zijn nu 30 van de 500 plekken vrij."
    assert told.tiles[0].value == "92%"  # 460 of 500 are taken, which are not 500 less the 30 that are free
    assert "30 van de 500 plekken vrij" in page.table(view, AT)
    assert [quantity.id for quantity in page.quantities(view)] == ["bike_occupancy"]
    assert [quantity.id for quantity in page.quantities(view_of(mart, deel="parkeren"))] == ["occupancy"]


def test_every_kind_that_counts_places_names_them_in_the_catalogue():
    found = {kind.id: states.places(kind, load()) for kind in load().sensor_kinds.values()}
    assert found.pop("bicycle_parking") == states.Places("bike_places", "bike_free", "bike_taken", "bike_occupancy")
    garage = states.Places("places", "free", None, "occupancy")
    assert {id: places for id, places in found.items() if places} == dict.fromkeys(
        ("parking_garage", "park_and_ride"), garage
    )


def test_open_alerts_are_grouped_and_closed_ones_are_gone(mart):
    assert page.alerts(view_of(mart)) == ()
    (full,) = page.alerts(view_of(mart, deel="containers"))
    assert full == (
        "SIMULATIE Hoe vol containers zijn, voorbij de grens van 80%: 7 meldingen. TEST container full. "
        "Een melding komt pas als het aanhoudt: standaard 2 uur."
    )
    (quiet,) = page.alerts(view_of(mart, deel="parkeren"))
    assert quiet == "Sensoren die zwijgen: 1 melding. TEST garage quiet."


def test_of_many_alerts_a_handful_is_named(mart, monkeypatch):
    view = view_of(mart)
    one = mart.ask(queries.open_alerts)[0]
    ids = [each.sensor.id for each in page.part(view)]
    many = tuple(replace(one, id=id, rule="silent", sensor=id, quantity=None) for id in ids)
    monkeypatch.setattr(type(view.mart), "ask", lambda self, question, *args: many)
    (told,) = page._alerts(view)
    assert told.count("TEST") == page.ALERTS and told.endswith(f"en nog {len(ids) - page.ALERTS}.")


def test_a_buurt_is_measured_or_estimated_or_nobody_measures(mart):
    areas = {area.code: area for area in page.areas(view_of(mart))}
    assert (areas[MEASURED].known, areas[MEASURED].value) == ("measured", 20.0)
    assert "niet heel precies (3 sensoren)" in areas[MEASURED].text
    assert (areas[FEW].known, areas[FEW].value) == ("estimated", None)
    assert "26" not in areas[FEW].text and "20" in areas[FEW].text and "geen meting van deze buurt" in areas[FEW].text
    others = {area.known for code, area in areas.items() if code not in (MEASURED, FEW)}
    assert others == {"nobody"} and len(areas) == 111


def test_buurten_stand_by_name_and_never_by_value(mart):
    names = [area.name for area in page.areas(view_of(mart))]
    assert names == sorted(names, key=str.casefold)
    for lang in LANGUAGES:
        said = page.area_table(view_of(mart, taal=lang)).lower()
        assert not any(word in said for word in ("hoogste", "laagste", "highest", "lowest", "beste", "best"))


def test_what_areas_have_no_figure_of_has_no_map_of_areas(mart):
    assert page.areas(view_of(mart, stof="o3")) == page.areas(view_of(mart, stof="pm25_raw")) == ()
    assert page.areas(view_of(mart, deel="containers")) == ()


@pytest.fixture
def damp(sample, tmp_path):
    """Hours of which nothing of the city is ok: the newest four, all sensors of which go on sending."""
    made = marts.own(sample, tmp_path)
    marts.measured(made)
    with duckdb.connect(marts.settings(made).mart_link) as con:
        con.execute("UPDATE area_hour SET status = 'unreliable' WHERE hour > $1", [AT - timedelta(hours=4)])
    return mart_of(made)


def test_an_hour_in_which_too_few_measured_well_is_not_the_middle_of_now(damp):
    view = view_of(damp)
    no2 = next(tile for tile in page.told(view, AT).tiles if tile.title.startswith("Stikstofdioxide"))
    assert no2.lines[1] == "Nu meten te weinig sensoren goed, bijvoorbeeld omdat de lucht te vochtig is."
    areas = {area.code: area for area in page.areas(view)}
    assert {areas[code].known for code in (MEASURED, FEW)} == {"unsure"}
    assert {areas[code].text for code in (MEASURED, FEW)} == {NL.t("now.known.damp")}
    assert {area.known for area in areas.values()} == {"unsure", "nobody"}
    assert sum(count for *_, count in page.area_rows(view)) == 111


def test_a_legend_counts_what_is_simulated_by_itself(mart, simulated, folder, tmp_path):
    mixed = marts.own(folder, tmp_path)
    with duckdb.connect(marts.settings(mixed).mart_link) as con:
        con.execute("UPDATE sensor SET is_simulated = true WHERE id = 'sensor_a'")
    for some, badged in ((mart, 0), (mart_of(mixed), 1), (mart_of(simulated), None)):
        view = view_of(some, deel="lucht")
        rows = page.counts(view, AT)
        assert sum(count for *_, count in rows) == len(page.part(view))
        worn = sum(count for _, label, count in rows if "SIMULATIE" in label)
        assert worn == sum(each.sensor.is_simulated for each in page.part(view))
        assert worn == (len(page.part(view)) if badged is None else badged)
        areas = [(label, count) for label, _, _, count in page.area_rows(view)]
        made = sum(area.is_simulated for area in page.areas(view))
        assert sum(count for label, count in areas if "SIMULATIE" in label) == made
        assert (made > 0) == (badged is None)


def test_an_hour_may_be_a_little_behind_the_newest_message_and_not_more(mart, monkeypatch):
    quantity = load().quantities["no2"]
    hour = telling.newest_hour(mart, quantity)
    assert hour
    behind = AT - timedelta(minutes=20) - (hour + timedelta(hours=1))
    assert behind < telling.LATE
    monkeypatch.setattr(telling, "LATE", behind - timedelta(seconds=1))
    assert telling.newest_hour(mart, quantity) is None


def test_areas_of_long_ago_are_not_told_as_those_of_now(mart, clock):
    clock(AT + timedelta(hours=12))
    assert page.areas(view_of(mart)) == ()


def test_a_sensor_without_a_place_is_in_the_table_and_not_on_the_map(mart):
    each = seen(mart, "garage_one")
    lost = replace(each, sensor=replace(each.sensor, lon=None, lat=None))
    assert telling.points([lost], None, NL, load()) == []


def test_a_card_says_why_a_value_is_not_believed(mart):
    view = view_of(mart, sensor="test_feed/sensor_wet")
    line, _ = page.readings(view, picked(view))
    assert "90" in line and line.endswith("Wij geloven dit niet: de lucht is te vochtig voor deze sensor.")
    view = view_of(mart, sensor="test_feed/sensor_raw")
    assert "niet gekalibreerd" in page.readings(view, picked(view))[0]
    view = view_of(mart, sensor="test_feed/container_quiet")
    told = page.card(view, picked(view), AT)
    assert told[-1] == "Geen bericht sinds 12 juni 2026, 14:30. Na 24 uur zonder bericht noemen wij een sensor stil."


def test_of_a_sensor_that_is_not_in_the_hours_that_are_kept_nobody_knows_whether_it_ever_spoke(mart):
    view = view_of(mart, sensor="test_feed/container_new")
    told = page.card(view, picked(view), AT)
    assert told[1:] == (
        "Deze sensor heeft langer dan twee maanden niets gemeld, of nog nooit iets.",
        "Na 24 uur zonder bericht noemen wij een sensor stil.",
    )
    [row] = [line for line in page.table(view, AT).splitlines() if "TEST container new" in line]
    assert row.count("langer dan twee maanden geen bericht, of nooit") == 2 and "nog nooit een bericht" not in row


def test_a_sensor_brings_its_part_and_one_outside_the_gemeente_says_so(mart):
    view = view_of(mart, sensor="test_feed/garage_one")
    assert view.choice.part == "parkeren"
    away = seen(mart, "sensor_away")
    assert page.place(view_of(mart), away) == "buiten Utrecht"
    [row] = [line for line in page.table(view_of(mart), AT).splitlines() if "TEST sensor away" in line]
    assert row.startswith("TEST sensor away|meet nu|") and row.endswith("|buiten Utrecht")


def test_a_table_holds_the_sensors_of_the_chosen_area(mart):
    assert page.table(view_of(mart), AT).count("TEST") == 9
    few = page.table(view_of(mart, gebied=FEW), AT)
    assert "TEST sensor d" in few and "TEST sensor a|" not in few
    wijk = page.inside(view_of(mart, gebied=WIJK), page.part(view_of(mart)))
    assert {each.sensor.code for each in wijk} == {MEASURED}


def test_names_in_a_list_are_all_different(mart, monkeypatch):
    view = view_of(mart)
    same = tuple(replace(each, sensor=replace(each.sensor, name="x", code=MEASURED)) for each in page.part(view))
    monkeypatch.setattr(page, "part", lambda view: same)
    labels = page.labels(view)
    assert len(set(labels.values())) == len(same)


def test_everything_simulated_says_so(simulated):
    mart = mart_of(simulated)
    for part in PARTS:
        view = view_of(mart, deel=part)
        assert page.told(view, AT).badge == "SIMULATIE"
        assert all("SIMULATIE" in line for line in page.table(view, AT).splitlines()[2:])
        points = telling.points(page.part(view), None, EN, load())
        assert all(EN.t("badge.simulated").upper() in text and simulated for *_, text, _, _, simulated in points)
        assert all(line.startswith("SIMULATIE") for line in page.alerts(view))
        counted = telling.counted(mart, PARTS[part], NL)
        assert all(("SIMULATIE · " in text) == (text != "0 sensoren") == simulated for *_, text, simulated in counted)
        assert telling.badge_of_all(page.part(view), NL) == "SIMULATIE"
    areas = page.areas(view_of(mart))
    assert all(("SIMULATIE" in area.text) == (area.known != "nobody") for area in areas)
    lines = page.lines(view_of(mart), AT)
    assert page.badge(lines, view_of(mart)) == "SIMULATIE"
    assert week(view_of(mart)).is_simulated


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_read_or_pointed_at_in_a_chart_says_that_it_is_simulated(mart, simulated, lang):
    for some, worn in ((mart, False), (mart_of(simulated), True)):
        view = view_of(some, taal=lang, sensor="test_feed/station_one")
        lines, found, badge = page.lines(view, AT), week(view), words(lang).t("badge.simulated")
        spec = rhythm.spec(found.beats, "µg/m³", 0, view.words)
        texts = [row["text"] for line in lines for row in levels._rows(line, 0, view.words)]
        texts += [row["text"] for row in spec["layer"][0]["data"]["values"]]
        texts += [page.levels_told(view, lines), page.rhythm_told(view, found)]
        texts += [rhythm.table(found.beats, 0, view.words), page.levels_table(view, lines).partition("|")[2]]
        assert len(texts) > 200 and {text.startswith(f"{badge}: ") for text in texts if "|" not in text} == {worn}
        assert {f"{badge}: " in text.replace("\\", "") for text in texts} == {worn}


def some_simulated(monkeypatch, ids):
    """As a mart in which only these sensors are simulated. The pieces that are kept of it are made anew."""
    every = telling.every

    def made(mart):
        return tuple(replace(s, sensor=replace(s.sensor, is_simulated=s.sensor.id in ids)) for s in every(mart))

    monkeypatch.setattr(telling, "every", made)
    monkeypatch.setattr(Mart, "keep", lambda self, key, make: make())


def test_where_a_part_is_simulated_that_part_says_so_and_the_rest_does_not(mart, monkeypatch):
    some_simulated(monkeypatch, ("sensor_a", "sensor_d"))
    view = view_of(mart)
    told = page.told(view, AT)
    assert (told.badge, told.about) == ("SIMULATIE", NL.t("now.simulated.part", badge="SIMULATIE"))
    assert not told.lead.startswith("SIMULATIE") and told.tiles[0].lines[0] == "2 officiële stations"
    assert page.about_air(view, AT)[0].startswith("Van de 5 luchtsensoren die zich nu melden, tellen er 3 mee.")
    assert telling.badge_of_all(page.part(view), NL) == "deels SIMULATIE"
    assert telling.badge_of_all(page.part(view), EN) == "partly SIMULATED"
    texts = {code: text for code, *_, text, _ in telling.counted(mart, "air", NL)}
    assert texts[FEW] == "1 sensor, SIMULATIE · 1 sensor"


def test_simulated_stations_beside_real_sensors_wear_their_badge(mart, monkeypatch):
    some_simulated(monkeypatch, ("station_one", "station_two"))
    told = page.told(view_of(mart), AT)
    assert told.lead == "SIMULATIE: De lucht is nu goed tot matig. Dat verschilt per plek."
    assert told.tiles[0].lines[0] == "SIMULATIE: 2 officiële stations"
    assert not any("SIMULATIE" in line for line in page.about_air(view_of(mart), AT))


def test_a_real_station_and_a_simulated_one_are_in_no_number_together(mart, monkeypatch):
    some_simulated(monkeypatch, ("station_two",))
    told = page.told(view_of(mart), AT)
    assert told.lead == "De lucht is nu goed." and told.tiles[0].value == "23\N{NO-BREAK SPACE}µg/m³"
    assert told.tiles[0].lines[0] == "TEST station one"


def test_of_lines_of_which_some_are_simulated_those_say_so(mart):
    view = view_of(mart)
    station, middle = page.lines(view, AT)
    middle = replace(middle, hours=tuple(replace(hour, is_simulated=True) for hour in middle.hours))
    found = (station, middle)
    assert page.badge(found, view) == "deels SIMULATIE"
    told = page.levels_told(view, found)
    assert told.startswith("deels SIMULATIE: ") and told.count("SIMULATIE") == 2 and "SIMULATIE: Midden" in told
    assert [("SIMULATIE" in key) for key in page.keys(view, found, ())] == [False, True]
    assert page.levels_table(view, found).splitlines()[0].count("SIMULATIE") == 1


# Charts


def test_the_chart_of_two_days_keeps_stations_and_sensors_apart(mart):
    lines = page.lines(view_of(mart, sensor="test_feed/sensor_d"), AT)
    assert [(line.kind, line.name) for line in lines] == [
        ("reference", "TEST station one"),
        ("median", "Midden van de sensoren in de stad (niet heel precies)"),
        ("sensor", "TEST sensor d"),
    ]
    assert all(len(line.hours) == 48 for line in lines)
    assert len({levels.LOOKS[line.kind][part] for line in lines for part in (0, 1, 3)}) == 9
    assert all(contrast(levels.LOOKS[line.kind][0], "#FFFFFF") >= 4.5 for line in lines)


def test_the_chart_of_two_days_stands_in_a_table_too(mart):
    view = view_of(mart)
    lines = page.lines(view, AT)
    gap = lines[0].hours[5].hour
    holed = replace(lines[0], hours=tuple(h for h in lines[0].hours if h.hour != gap))
    head, rule, *rows = page.levels_table(view, (holed, *lines[1:])).splitlines()
    assert (
        head == "Uur|TEST station one|Midden van de sensoren in de stad \\(niet heel precies\\)"
        and rule == ":--|--:|--:"
    )
    assert len(rows) == page.HOURS
    assert rows[5].split("|")[1] == levels.MISSING and rows[5].split("|")[2] != levels.MISSING
    assert rows[-1] == "ma 15 jun 13\\:\N{WORD JOINER}00|23\N{NO-BREAK SPACE}µg/m³|20\N{NO-BREAK SPACE}µg/m³"


def test_a_chosen_station_is_the_one_in_the_chart(mart):
    lines = page.lines(view_of(mart, sensor="test_feed/station_two"), AT)
    assert [line.name for line in lines][:1] == ["TEST station two"] and len(lines) == 2


def test_a_line_is_cut_where_an_hour_is_missing(mart):
    line = page.lines(view_of(mart), AT)[0]
    hours = [replace(hour, median=None) if place == 5 else hour for place, hour in enumerate(line.hours)]
    rows = levels._rows(replace(line, hours=tuple(hours)), 0, NL)
    assert len({row["piece"] for row in rows}) == 2 and len(rows) == len(hours) - 1


def test_just_below_nothing_is_drawn_as_nothing_and_frost_as_frost(mart):
    view = view_of(mart, stof="pm25", sensor="test_feed/station_two")
    for unit, drawn in (("ug_m3", {0.0}), ("celsius", {-1.2})):
        about = load().quantities["pm25"].model_copy(update={"unit": unit})
        line = page._line(view, "reference", picked(view), about, AT - timedelta(hours=3))
        assert {row["value"] for row in levels._rows(line, 0, NL)[-1:]} == drawn
    beats = [Beat(1, hour, -6.0 + hour, 3, False) for hour in range(12)]
    assert rhythm.bounds(beats, 0) == (-3, 0, 3, 6)
    full = [Beat(1, hour, 52.0 + 4 * hour, 3, False) for hour in range(13)]
    assert rhythm.bounds(full, 0, 100) == (60, 70, 80, 90, 100) and rhythm.bounds(full, 0)[-1] == 102
    assert rhythm.table(beats, 0, NL).splitlines()[2].startswith("00:00|\N{MINUS SIGN}6|")
    assert min(beat.median for beat in week(view).beats) == 0


def test_times_in_the_chart_are_those_of_the_clock_at_home(mart):
    rows = levels._rows(page.lines(view_of(mart), AT)[0], 0, NL)
    assert rows[-1]["time"] == "2026-06-15T13:00:00"  # 11:00 UTC, in summer


def test_limits_are_lines_unless_they_would_press_the_values_flat(mart):
    view = view_of(mart)
    limits = page.limits(view)
    assert {limit.value for limit in limits} == {25, 50, 200}
    assert {limit.value for limit in levels.drawn(limits, page.lines(view, AT))} == {25, 50}
    told = page.limits_told(view)
    assert "EU-norm voor een uur\\: 200" in told and told.count("](https://") == 6


def test_no_words_of_a_limit_lie_over_what_was_measured(mart):
    view = view_of(mart)
    found = page.lines(view, AT)
    across = levels.drawn(page.limits(view), found)
    drawn = levels.spec(found, across, "µg/m³", 0, NL, 280)
    texts = [part for part in drawn["layer"] if part["mark"]["type"] == "text"]
    assert {row["label"] for part in texts for row in part["data"]["values"]} == {"25", "50"}
    assert {levels.limit_key(limit).partition(" ")[2] for limit in across} == {limit.label for limit in across}


def test_the_week_is_of_a_station_or_a_wijk_and_never_of_a_buurt(mart):
    view = view_of(mart, gebied=MEASURED)
    assert page.rhythm_key(view) == WIJK
    assert set(page.rhythms(view)) == {"test_feed/station_one", "test_feed/station_two", WIJK}
    found = week(view)
    assert found.name.startswith("wijk ") and found.days == 22 and len(found.beats) == 7 * 24
    assert all(beat.hours == 3 for beat in found.beats)
    assert page.rhythm_key(view_of(mart, sensor="test_feed/station_two")) == "test_feed/station_two"


def test_without_a_station_it_is_of_the_wijk_that_knows_most_of_its_week(mart, monkeypatch):
    view = view_of(mart, deel="containers")
    codes = sorted(area.code for area in view.offer.areas.values() if area.level == "wijk")[:3]
    monkeypatch.setattr(queries, "rhythm_areas", lambda con, quantity: dict.fromkeys(codes, 3))
    first, most, _ = page.rhythms(view)
    monkeypatch.setattr(queries, "rhythm_areas", lambda con, quantity: dict.fromkeys(codes, 3) | {most: 9})
    assert next(iter(page.rhythms(view))) == first and page.rhythm_key(view) == most


@pytest.mark.parametrize(
    ("days", "span"),
    [(1, "1 dag"), (15, "15 dagen"), (20, "20 dagen"), (21, "3 weken"), (27, "3 weken"), (84, "12 weken")],
)
def test_a_week_is_told_to_be_of_no_more_weeks_than_it_is_of(mart, days, span):
    view = view_of(mart, gebied=WIJK)
    assert f", uit {span}. " in page.rhythm_told(view, replace(week(view), days=days))


def test_hours_of_the_week_with_too_few_values_have_no_colour(mart):
    found = week(view_of(mart, sensor="test_feed/station_two"))
    assert max(beat.hours for beat in found.beats) < rhythm.LEAST
    spec = rhythm.spec(found.beats, "µg/m³", 0, NL)
    assert [part["mark"]["type"] for part in spec["layer"]] == ["text"]
    assert rhythm.legend(found.beats, 0, NL, "few")[-1].count == 7 * 24
    assert rhythm.FEW in rhythm.table(found.beats, 0, NL)


def test_the_squares_the_legend_and_the_table_agree(mart):
    found = week(view_of(mart, gebied=WIJK))
    spec = rhythm.spec(found.beats, "µg/m³", 0, NL)
    rows = spec["layer"][0]["data"]["values"]
    legend = rhythm.legend(found.beats, 0, NL, "few")
    assert [row.count for row in legend[:-1]] == [
        sum(r["step"] == step for r in rows) for step in range(len(legend) - 1)
    ]
    assert sum(row.count for row in legend) == 7 * 24
    assert len(rhythm.table(found.beats, 0, NL).splitlines()) == 26


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_are_charts_by_the_schema(mart, lang):
    view = view_of(mart, taal=lang, sensor="test_feed/sensor_d", gebied=WIJK)
    found = page.lines(view, AT)
    two_days = levels.spec(found, levels.drawn(page.limits(view), found), "µg/m³", 0, view.words, 280, "TEST")
    week = rhythm.spec(mart.ask(queries.area_rhythm, WIJK, "no2")[0], "µg/m³", 0, view.words)
    for spec in (two_days, week):
        assert spec.pop("$schema").startswith("https://vega.github.io/schema/vega-lite/")  # a name, nobody fetches it
        alt.LayerChart.from_dict(spec, validate=True)


# The map


@pytest.fixture(scope="module")
def ask(folder, serve):
    client = serve(folder)
    build = client.ask("/healthz").json()["build"]
    return lambda path: client.ask(f"/map/{build}/{path}.geojson")


def test_the_file_of_a_part_has_each_sensor_with_its_state_and_words(ask):
    answer = ask("nl/nu/containers/begin")
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    features = {each["id"]: each for each in answer.json()["features"]}
    full = features["test_feed/container_full"]["properties"]
    assert full["sign"] == "!" and full["text"].startswith("SIMULATIE · 92% vol · bericht van ")
    assert all(each["properties"]["is_simulated"] for each in features.values())
    assert not any("is_simulated" in each["properties"] for each in ask("nl/nu/parkeren/begin").json()["features"])


def test_a_moment_at_which_a_sensor_fell_silent_has_a_file_of_its_own(ask, mart):
    (end,) = {states.silent_from(seen(mart, "container_quiet"))}
    [quiet] = [
        each["properties"]
        for each in ask(f"en/nu/containers/{states.written(end)}").json()["features"]
        if each["id"] == "test_feed/container_quiet"
    ]
    assert quiet["sign"] == "×" and "no message since 12 June 2026" in quiet["text"]


def test_buurten_are_drawn_by_what_is_known_and_all_in_one_colour_when_measured(ask):
    features = ask("nl/nu/bekend/no2").json()["features"]
    assert {tuple(each["properties"]["fill"]) for each in features if not each["properties"]["pattern"]} == {
        (*palettes.rgb(palettes.MEASURED), 255)
    }
    assert {each["properties"]["pattern"] for each in features} == {"", "unreliable", "not_measured"}
    counted = ask("nl/nu/buurten/containers").json()["features"]
    assert {(each["properties"]["text"], each["properties"].get("is_simulated", False)) for each in counted} == {
        ("0 sensoren", False),
        ("SIMULATIE · 1 sensor", True),
        ("SIMULATIE · 3 sensoren", True),
    }
    bicycles = ask("nl/nu/buurten/fietsen").json()["features"]
    assert {each["properties"]["text"] for each in bicycles} == {"0 sensoren", "1 sensor"}


@pytest.mark.parametrize(
    "path",
    [
        "nl/nu/containers/20260101T0000",
        "nl/nu/fabrieken/begin",
        "xx/nu/lucht/begin",
        "nl/nu/bekend/o3",
        "nl/nu/bekend/x",
        "nl/nu/buurten/x",
    ],
)
def test_what_is_not_there_is_not_found(ask, path):
    assert ask(path).status_code == 404


def test_signs_can_be_read_and_tell_states_apart():
    signs = [sign for _, sign, _ in palettes.SENSORS.values()]
    assert len(set(signs)) == len(signs) == len(State)
    for colour, sign, _ in palettes.SENSORS.values():
        ink = palettes.WHITE if palettes.edge(colour) == palettes.WHITE else palettes.OUTLINE
        assert not sign or contrast(ink, colour) >= 4.5


# What the gemeente answers


ANSWERED = """[waste_container]
can.nl = "TEST ja, het kan"
can.en = "TEST yes"
may.nl = "TEST het mag"
dpia = "https://example.org/dpia"
"""


def test_without_answers_each_question_says_so(mart):
    view = view_of(mart, deel="containers")
    text = page.about_kind(view, load().sensor_kinds["waste_container"], None)
    assert text.count("Nog niet ingevuld door de gemeente.") == 3
    assert "Gegevens van passen laden wij nooit." in text


def test_answers_of_the_gemeente_stand_in_the_language_that_it_wrote(mart, tmp_path):
    (tmp_path / decisions.FILE).write_text(ANSWERED, encoding="utf-8")
    found = decisions.read(tmp_path, load().sensor_kinds)
    assert found.problems == ()
    kind = load().sensor_kinds["waste_container"]
    text = page.about_kind(view_of(mart, deel="containers", taal="en"), kind, found.kinds[kind.id])
    assert "TEST yes" in text and "TEST het mag" in text and "(https://example.org/dpia)" in text
    assert text.count(EN.t("now.unanswered")) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[waste_container\ncan.nl = "x"', "sensors.toml can't be read"),
        ('[robots]\ncan.nl = "x"', "there is no kind of sensor [robots]"),
        ('[waste_container]\nmust.nl = "x"', "sensors.toml, waste_container.must"),
        ('[waste_container]\ncan = "x"', "sensors.toml, waste_container.can"),
        ('[waste_container]\ndpia = "http://example.org"', "sensors.toml, waste_container.dpia"),
        ("x" * 300_000, "larger than 200 kB"),
    ],
)
def test_what_cant_be_read_is_told_to_staff_and_the_rest_stands(tmp_path, content, said):
    (tmp_path / decisions.FILE).write_text(content + '\n[air_sensor]\nwant.nl = "TEST ja"\n', encoding="utf-8")
    found = decisions.read(tmp_path, load().sensor_kinds)
    assert any(said in problem for problem in found.problems)
    assert "waste_container" not in found.kinds
    assert bool(found.kinds) == said.startswith(("there", "sensors.toml, "))


def test_without_a_file_there_are_no_answers_and_no_problems(tmp_path):
    assert decisions.read(tmp_path, load().sensor_kinds) == decisions.Decisions()


# The page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"deel": "containers", "sensor": "test_feed/container_full"},
        {"deel": "parkeren", "gebied": MEASURED},
        {"deel": "fietsen", "gebied": "GM0344"},
        {"sensor": "test_feed/sensor_away", "stof": "no2"},
        {"stof": "pm25", "gebied": f"{FEW},{WIJK}"},
        {"deel": "containers", "sensor": "test_feed/station_one"},
    ],
)
def test_every_part_opens_in_both_languages(show, folder, lang, params, clock):
    clock()
    app = show(folder, NU, taal=lang, **params)
    assert [*app.exception, *app.error, *app.warning, *app.info] == []
    assert app.title[0].value == words(lang).t("now.title", city="Utrecht")


def test_without_sensors_the_page_says_what_could_be_there(show, sample):
    app = show(sample, NU)
    said = " ".join(each.value for each in app.markdown)
    assert NL.t("now.nothing") in said and not app.toggle
    assert all(plain(kind.about.nl) in said for kind in load().sensor_kinds.values())


def test_a_message_of_the_map_is_small_and_names_no_shapes(show, folder, clock):
    clock()
    app = show(folder, NU, sensor="test_feed/sensor_d", gebied=FEW)
    (chart,) = app.get("deck_gl_json_chart")
    written = json.dumps(json.loads(chart.proto.json))
    assert len(chart.proto.json.encode()) <= 2_000, len(chart.proto.json.encode())
    assert "coordinates" not in written and "SIMULATIE" not in written


def test_a_map_of_what_is_simulated_says_so_in_the_picture_above_it_and_in_words(show, simulated, clock):
    clock()
    for lang in LANGUAGES:
        app = show(simulated, NU, taal=lang, sensor="test_feed/sensor_d", gebied=FEW)
        (chart,) = app.get("deck_gl_json_chart")
        deck, worn = json.loads(chart.proto.json), words(lang).t("badge.simulated")
        assert len(chart.proto.json.encode()) <= 2_000, len(chart.proto.json.encode())
        (badge,) = [layer for layer in deck["layers"] if layer["@@type"] == "TextLayer"]
        assert badge["data"][0]["text"] == worn
        assert f":gray-badge[{worn}]" in [each.value for each in app.markdown]
        assert chart.proto.alt.startswith(f"{worn}: ")


def test_choices_are_written_into_the_address(show, folder, clock):
    clock()
    app = show(folder, NU)
    app.button_group(key="part").set_value("parkeren").run()
    assert app.query_params["deel"] == "parkeren"
    app.selectbox(key="sensor").set_value("test_feed/garage_one").run()
    assert app.query_params["sensor"] == "test_feed/garage_one"
    app.toggle(key="moving").set_value(False).run()
    assert app.query_params["ververs"] == "nee"


def test_it_stops_when_nothing_was_done_for_long_and_goes_on_when_asked(show, folder, clock, monkeypatch):
    clock()
    app = show(folder, NU)
    assert not app.info
    # A run of its own, long after anything was done.
    app.session_state[widgets.OWN] = True
    app.session_state[widgets.TOUCHED] -= widgets.IDLE_S + 1
    app.run()
    assert [info.value for info in app.info] == [NL.t("now.idle", count="15")]
    app.button(key="go_on").click().run()
    assert not app.info


def test_a_run_of_its_own_is_not_taken_for_somebody_who_looks(show, folder, clock):
    clock()
    app = show(folder, NU)
    touched = app.session_state[widgets.TOUCHED]
    app.session_state[widgets.OWN] = True
    app.run()
    assert app.session_state[widgets.TOUCHED] == touched
    app.run()
    assert app.session_state[widgets.TOUCHED] > touched


def test_sources_that_say_the_same_stand_there_once(mart, monkeypatch):
    view = view_of(mart)
    said: list[str] = []
    row = next(row for row in mart.ask(queries.sources) if row.id == measuring.SOURCE)
    answers = {queries.sources: (row, replace(row, id="another")), queries.named: {}}
    monkeypatch.setattr(type(view.mart), "ask", lambda self, question, *args: answers[question])
    monkeypatch.setattr(notes, "note", said.append)
    notes.cite(view, {row.id, "another"})
    assert len(said) == 1 and said[0].count("TEST feed") == 1


def test_made_up_sensors_are_called_so():
    assert all(row["name"].startswith("TEST ") for row in measuring.tables(AT, False)["sensor"])


def test_a_chosen_sensor_that_stands_elsewhere_can_be_let_go_from_the_list(show, folder):
    app = show(folder, NU, gebied=FEW, sensor="test_feed/sensor_a")
    listed = app.selectbox(key="sensor")
    assert listed.value == "test_feed/sensor_a" and listed.options[0] == "TEST sensor a"
    listed.set_value(None).run()
    assert "sensor" not in app.query_params and "TEST sensor a" not in app.selectbox(key="sensor").options
    own = show(folder, NU, gebied=FEW, sensor="test_feed/sensor_d").selectbox(key="sensor").options
    assert own == app.selectbox(key="sensor").options  # what stands in it keeps its place
