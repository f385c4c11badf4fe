"""The read-only API: what it answers, what it refuses and how it says so."""

import csv
import io
import json
import os
from pathlib import Path
from urllib.parse import urlencode

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buurtbeeld import api
from buurtbeeld.catalogue import SHOWN, Status
from buurtbeeld.texts import LANGUAGES, words
from tests.figures import mart_of, view_of
from tests.marts import own

FIGURE = (
    "code name level indicator period grain value low high n unit status provisional edition converted source "
    "is_sample is_simulated"
).split()
INDICATOR = (
    "id theme kind unit decimals direction grain method levels source title_nl title_en description_nl description_en"
).split()
SOURCE = (
    "id publisher title licence attribution openness url edition retrieved_at rows sha256 is_sample is_simulated"
).split()
ALERT = "id rule source sensor code quantity threshold value opened_at closed_at is_sample is_simulated".split()
AREA = "code level name parent_code edition lon lat area_ha changed".split()
WITHOUT_RESIDENTS = {"BU03440911", "BU03440952"}


@pytest.fixture
def ask(client):
    """Asks the API: a path below /api/v1, parameters, headers."""

    def asked(path, method="GET", headers=None, **parameters):
        query = f"?{urlencode(parameters)}" if parameters else ""
        return client.ask(f"/api/v1{path}{query}", method, **(headers or {}))

    return asked


def refusal(answer):
    assert answer.status_code == 400, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert list(answer.json()["error"]) == ["param", "value", "allowed", "message"]
    return answer.json()["error"]


# --- what it answers


def test_the_build_is_flat_and_its_time_is_utc(ask):
    build = ask("/build").json()
    assert list(build) == ["id", "built_at", "gemeente", "app_version", "is_sample", "complete"]
    assert build["built_at"].endswith("Z") and build["is_sample"] is True


@pytest.mark.parametrize(("path", "keys"), [("/indicators", INDICATOR), ("/sources", SOURCE)])
def test_a_view_is_listed_with_its_columns_in_order(ask, path, keys):
    answer = ask(path).json()
    assert list(answer) == ["build", "count", "items"]
    assert answer["count"] == len(answer["items"]) > 0
    assert [list(item) for item in answer["items"]] == [keys] * answer["count"]


def test_without_sensors_there_are_no_alerts(ask):
    assert (ask("/alerts").json()["count"], ask("/alerts").json()["items"]) == (0, [])


@pytest.fixture
def alerted(sample, tmp_path, serve):
    """Asks the API for the alerts of a mart that has three."""
    folder = own(sample, tmp_path)
    with duckdb.connect((folder / "dashboard.duckdb").resolve()) as con:
        for number, id in enumerate(("s", "simulated_waste_container"), 200):
            con.execute(
                """INSERT INTO mart_source SELECT * REPLACE ($number AS source_id, $id AS id, 'rows' AS openness)
                   FROM mart_source LIMIT 1""",
                {"number": number, "id": id},
            )
        con.execute(
            """INSERT INTO alert VALUES
               ('a', 'no2_hour', 's', '1', 'BU03440111', 'no2', 200, 210.5, '2026-11-02 01:00', '2026-11-02 06:00',
                false, false),
               ('b', 'silent', 's', '1', NULL, NULL, 24, NULL, '2026-11-05 01:00:00.25', NULL, false, false),
               ('c', 'container_full', 'simulated_waste_container', '"', NULL, 'fill', 80, 85, '2026-11-03 01:00',
                NULL, false, true)"""
        )
    client = serve(folder)
    return lambda **parameters: client.ask(f"/api/v1/alerts?{urlencode(parameters)}")


def test_alerts_have_the_columns_of_the_view_and_the_newest_comes_first(alerted):
    items = alerted().json()["items"]
    assert [list(item) for item in items] == [ALERT] * 3
    assert [item["id"] for item in items] == ["b", "c", "a"]
    assert list(items[2].values()) == [
        "a", "no2_hour", "s", "1", "BU03440111", "no2", 200, 210.5, "2026-11-02T01:00:00Z", "2026-11-02T06:00:00Z",
        False, False,
    ]  # fmt: skip
    assert (items[0]["value"], items[0]["closed_at"], items[1]["is_simulated"]) == (None, None, True)


@pytest.mark.parametrize(("asked", "ids"), [("true", ["b", "c"]), ("false", ["a"])])
def test_alerts_that_are_open_or_over_can_be_asked_for(alerted, asked, ids):
    answer = alerted(open=asked).json()
    assert ([item["id"] for item in answer["items"]], answer["count"]) == (ids, len(ids))
    assert alerted(open=asked).headers["etag"] != alerted().headers["etag"]


def test_too_many_alerts_are_refused_with_a_way_out(alerted, monkeypatch):
    monkeypatch.setattr(api, "MOST_ROWS", 2)
    error = refusal(alerted())
    assert (error["param"], error["allowed"]) == ("open", ["true"]) and "3" in error["message"]
    assert alerted(open="true").json()["count"] == 2


def test_areas_are_features_with_their_code_as_id(ask):
    answer = ask("/areas", level="buurt")
    areas = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert (areas["type"], len(areas["features"])) == ("FeatureCollection", 111)
    assert all(feature["id"] == feature["properties"]["code"] for feature in areas["features"])
    assert [list(feature["properties"]) for feature in areas["features"]] == [AREA] * 111


def test_areas_without_a_level_are_all_areas(ask):
    assert len(ask("/areas").json()["features"]) == 1 + 10 + 111


def test_areas_of_an_edition(ask):
    assert ask("/areas", level="wijk", edition="2024").json() == ask("/areas", level="wijk").json()


def test_there_is_a_row_for_every_buurt_also_without_residents(ask):
    items = ask("/figures", indicator="residents").json()["items"]
    assert [list(item) for item in items] == [FIGURE] * 111
    missing = {item["code"]: (item["value"], item["status"]) for item in items if item["value"] is None}
    assert missing == dict.fromkeys(WITHOUT_RESIDENTS, (None, "reason_unknown"))


def test_a_figure_has_a_value_exactly_when_its_status_says_so(ask):
    for item in ask("/figures", indicator="crimes_per_1000,income_per_resident,good_health").json()["items"]:
        assert Status(item["status"]) in SHOWN or item["value"] is None
        assert item["value"] is not None or Status(item["status"]) not in SHOWN


def test_rows_are_sorted_by_indicator_period_and_code(ask):
    items = ask("/figures", indicator="residents,crimes", period="all").json()["items"]
    order = [(item["indicator"], item["period"], item["code"]) for item in items]
    assert order == sorted(order) and len(set(order)) == len(order)


def test_the_city_is_not_the_sum_of_its_wijken(ask):
    city = ask("/figures", indicator="residents", level="gemeente").json()["items"]
    wijken = ask("/figures", indicator="residents", level="wijk", period="2024").json()["items"]
    assert [item["value"] for item in city] == [374238]
    assert sum(item["value"] for item in wijken) == 374215


@pytest.mark.parametrize("period", ["2024", "2024-01", "2024-01-01"])
def test_a_period_is_its_first_day(ask, period):
    items = ask("/figures", indicator="residents", level="wijk", period=period).json()["items"]
    assert {item["period"] for item in items} == {"2024-01-01"}


def test_without_a_period_each_indicator_gives_its_newest_with_a_value(ask):
    items = ask("/figures", indicator="crimes,residents", level="gemeente").json()["items"]
    assert {item["indicator"]: item["period"][:4] for item in items} == {"crimes": "2025", "residents": "2024"}


def test_areas_can_be_picked(ask):
    items = ask("/figures", indicator="residents", area="BU03440911,BU03440111").json()["items"]
    assert [item["code"] for item in items] == ["BU03440111", "BU03440911"]


def test_a_level_that_nothing_was_received_for_still_has_its_rows(ask):
    items = ask("/figures", indicator="good_health", level="wijk").json()["items"]
    assert [item["value"] for item in items] == [None] * 10
    assert not {item["status"] for item in items} & {str(status) for status in SHOWN}


def about(ask, **asked):
    metadata = pq.read_schema(io.BytesIO(ask("/figures", format="parquet", **asked).content)).metadata
    return metadata.get(b"about", b"").decode()


def test_a_parquet_file_holds_the_sentence_of_the_page(ask, sample):
    mart = mart_of(sample)
    for lang in LANGUAGES:
        for level in ("wijk", "buurt"):
            view = view_of(mart, taal=lang, indicator="residents", niveau=level)
            said = view.caption().whole
            assert said and about(ask, indicator="residents", level=level, taal=lang) == said
            assert about(ask, indicator="residents", level=level, taal=lang, area=view.figures()[0].code) != said


def test_the_sentence_of_a_file_of_one_area_is_about_that_area(ask):
    said = about(ask, indicator="residents", area="BU03440911")
    assert said.startswith("Inwoners, Bedrijventerrein De Wetering, 2024: het cijfer ontbreekt; ")
    assert about(ask, indicator="residents", level="gemeente") == "In 2024 woonden er 374.238 mensen in Utrecht."


def test_a_file_of_a_level_without_figures_says_so(ask):
    assert "voor geen enkele wijk een cijfer. Van 10 wijken ontbreekt" in about(ask, indicator="crimes", level="wijk")


@pytest.mark.parametrize("several", [{"indicator": "crimes", "period": "all"}, {"indicator": "crimes,residents"}])
def test_a_file_of_several_series_has_no_sentence(ask, several):
    assert about(ask, **several) == ""


@pytest.mark.parametrize("indicator", ["residents", "home_value", "crimes_per_1000,good_health"])
def test_csv_parquet_and_json_hold_the_same_values(ask, indicator):
    listed = ask("/figures", indicator=indicator, period="all").json()["items"]
    rows = list(csv.DictReader(io.StringIO(ask("/figures", indicator=indicator, period="all", format="csv").text)))
    table = pq.read_table(io.BytesIO(ask("/figures", indicator=indicator, period="all", format="parquet").content))
    assert [list(row) for row in rows] == [FIGURE] * len(listed)
    as_text = [{key: "" if value is None else str(value) for key, value in item.items()} for item in listed]
    assert rows == [{key: {"True": "true", "False": "false"}.get(v, v) for key, v in item.items()} for item in as_text]
    assert table.column_names == FIGURE
    assert [row["value"] for row in table.to_pylist()] == [item["value"] for item in listed]


def test_a_file_has_a_name_and_json_does_not(ask):
    csv_file = ask("/figures", indicator="residents", level="wijk", format="csv").headers
    assert csv_file["content-disposition"] == 'attachment; filename="residents-wijk.csv"'
    assert csv_file["content-type"] == "text/csv; charset=utf-8"
    assert "content-disposition" not in ask("/figures", indicator="residents").headers


# --- caching, other websites, other methods


@pytest.mark.parametrize(
    "path", ["/build", "/areas", "/indicators", "/sources", "/alerts", "/figures?indicator=residents"]
)
def test_the_same_question_gives_304_and_another_does_not(ask, path):
    tag = ask(path).headers["etag"]
    assert ask(path).headers["cache-control"] == "no-cache"
    again = ask(path, headers={"If_None_Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert ask("/figures", headers={"If_None_Match": tag}, indicator="crimes").status_code == 200


def test_the_order_of_parameters_makes_no_other_answer(ask):
    asked = ("indicator=crimes&level=wijk", "level=wijk&indicator=crimes")
    assert len({ask(f"/figures?{query}").headers["etag"] for query in asked}) == 1


def test_any_website_may_read_it(ask):
    for path in ("/build", "/figures", "/nosuch"):
        assert ask(path).headers["access-control-allow-origin"] == "*"
    asked = {"Origin": "https://example.org", "Access_Control_Request_Method": "GET"}
    first = ask("/build", "OPTIONS", {**asked, "Access_Control_Request_Headers": "if-none-match"})
    assert first.status_code == 200 and "if-none-match" in first.headers["access-control-allow-headers"].lower()


@pytest.mark.parametrize("path", ["/build", "/figures?indicator=residents", "/docs", "/openapi.json", "/nosuch"])
def test_head_is_get_without_the_body(ask, path):
    head, get = ask(path, "HEAD"), ask(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(ask, method):
    answer = ask("/figures", method, indicator="residents")
    assert answer.status_code == 405
    assert answer.json()["error"]["message"] == words("nl").t("api.error.method")
    assert answer.headers["allow"] == "GET, HEAD"


def test_beside_a_figure_of_that_period_one_without_it_gets_its_rows_too(ask):
    items = ask("/figures", indicator="crimes,residents", period="2021").json()["items"]
    found = {name: [item for item in items if item["indicator"] == name] for name in ("crimes", "residents")}
    assert {name: len(rows) for name, rows in found.items()} == {"crimes": 111, "residents": 111}
    assert {(item["value"], item["status"]) for item in found["residents"]} == {(None, "reason_unknown")}


def test_the_address_without_its_slash_keeps_the_language(ask):
    assert ask("?taal=en").headers["location"] == "/api/v1/?taal=en"


# --- what it refuses


@pytest.mark.parametrize(
    ("path", "param", "value"),
    [
        ("/figures", "indicator", None),
        ("/figures?indicator=", "indicator", ""),
        ("/figures?indicator=nosuch", "indicator", "nosuch"),
        ("/figures?indicator=residents,", "indicator", ""),
        ("/figures?indicator=residents&level=nosuch", "level", "nosuch"),
        ("/figures?indicator=residents&level=country", "level", "country"),
        ("/figures?indicator=residents&period=yesterday", "period", "yesterday"),
        ("/figures?indicator=residents&period=2024-13", "period", "2024-13"),
        ("/figures?indicator=residents&period=newest", "period", "newest"),
        ("/figures?indicator=residents&period=1999", "period", "1999"),
        ("/figures?indicator=residents&area=XX1", "area", "XX1"),
        ("/figures?indicator=residents&area=", "area", ""),
        ("/figures?indicator=residents&period=", "period", ""),
        ("/figures?indicator=residents&format=", "format", ""),
        ("/figures?indicator=residents&area=WK034401", "area", "WK034401"),
        ("/figures?indicator=residents&format=exe", "format", "exe"),
        ("/figures?indicatr=residents", "indicatr", "residents"),
        ("/figures?indicator=residents&indicator=crimes", "indicator", "residents,crimes"),
        ("/areas?level=%27%3B--", "level", "';--"),
        ("/areas?edition=1850", "edition", "1850"),
        ("/areas?edition=2024.0", "edition", "2024.0"),
        ("/build?x=1", "x", "1"),
        ("/alerts?open=yes", "open", "yes"),
        ("/alerts?open=", "open", ""),
    ],
)
def test_a_wrong_question_names_the_parameter_and_what_is_allowed(ask, path, param, value):
    error = refusal(ask(path))
    assert (error["param"], error["value"]) == (param, value)
    assert error["allowed"] and error["message"]


def test_a_period_without_figures_gets_the_periods_there_are(ask):
    error = refusal(ask("/figures", indicator="crimes", period="1999"))
    assert error["allowed"] == ["2021", "2022", "2023", "2024", "2025", "all"]


def test_at_most_20_indicators_can_be_asked_for(ask):
    ids = [item["id"] for item in ask("/indicators").json()["items"]]
    assert ask("/figures", indicator=",".join(ids[:20]), level="wijk").status_code == 200
    assert refusal(ask("/figures", indicator=",".join(ids[:21])))["allowed"] == 20


def test_too_many_rows_are_refused_with_their_number(ask, monkeypatch):
    monkeypatch.setattr(api, "MOST_ROWS", 110)
    error = refusal(ask("/figures", indicator="residents"))
    assert (error["param"], error["allowed"]) == ("indicator", 110)
    assert "111" in error["message"]
    assert refusal(ask("/figures", indicator="residents", period="all"))["param"] == "period"


def test_an_error_is_in_the_language_that_was_asked_for(ask):
    english = refusal(ask("/figures", indicator="nosuch", taal="en"))["message"]
    assert english == words("en").t("api.error.value", param="indicator", value="nosuch")
    assert refusal(ask("/figures", indicator="nosuch", taal="xx"))["message"] != english


def test_a_long_value_is_shown_shortened(ask):
    assert len(refusal(ask("/figures", indicator="x" * 5000))["value"]) == 200


def test_an_unknown_address_is_answered_with_those_there_are(ask):
    answer = ask("/nosuch")
    assert answer.status_code == 404
    assert "/api/v1/figures" in answer.json()["error"]["allowed"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["/figures", "/areas", "/build", "/sources", "/docs"]),
    st.dictionaries(
        st.sampled_from(["indicator", "level", "period", "area", "edition", "format", "taal"]) | st.text(max_size=9),
        st.sampled_from(["residents", "buurt", "2024", "all", "BU03440111", "csv", "nl"]) | st.text(max_size=30),
        max_size=5,
    ),
)
def test_no_question_breaks_it(ask, path, parameters):
    answer = ask(path, **parameters)
    assert answer.status_code in (200, 400)
    assert answer.status_code == 200 or answer.json()["error"]["param"] in parameters or path == "/figures"


# --- its description


def test_the_description_names_every_address_and_parameter(ask):
    paths = ask("/openapi.json").json()["paths"]
    assert set(paths) == {"/build", "/areas", "/indicators", "/sources", "/alerts", "/figures"}
    assert {parameter["name"] for parameter in paths["/figures"]["get"]["parameters"]} == {
        "indicator", "level", "period", "area", "format", "taal",
    }  # fmt: skip
    assert all(parameter["description"] for path in paths.values() for parameter in path["get"]["parameters"])


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_page_about_it_is_plain_and_complete(ask, lang):
    page = ask("/docs", taal=lang).text
    assert f'<html lang="{lang}">' in page and "<script" not in page
    for expected in ("/api/v1/figures", "reason_unknown", "is_simulated", words(lang).t("api.title").split(",")[0]):
        assert expected in page


def test_every_example_on_the_page_works(ask):
    for path, about in ask("/openapi.json").json()["paths"].items():
        for example in about["get"]["x-examples"]:
            assert ask(f"{path}{example}").status_code == 200


def test_the_start_leads_to_the_page_about_it(ask):
    assert [(a.status_code, a.headers["location"]) for a in (ask(""), ask("/"), ask("/", taal="en"))] == [
        (307, "/api/v1/"), (307, "/api/v1/docs?taal=nl"), (307, "/api/v1/docs?taal=en"),
    ]  # fmt: skip


# --- without a mart


def marts(folder: Path) -> dict[str, Path]:
    """DATA_DIRs with a mart that can't be read, one for each way."""
    made = {name: folder / name for name in ("missing", "empty", "broken", "unfinished", "dangling")}
    for path in made.values():
        path.mkdir()
    (made["empty"] / "dashboard.duckdb").touch()
    (made["broken"] / "dashboard.duckdb").write_bytes(b"no database" * 1000)
    duckdb.connect(made["unfinished"] / "dashboard.duckdb").close()
    os.symlink("marts/gone.duckdb", made["dangling"] / "dashboard.duckdb")
    return made


@pytest.mark.parametrize("name", ["missing", "empty", "broken", "unfinished", "dangling"])
def test_without_a_mart_it_says_what_to_do(tmp_path, serve, name):
    client = serve(marts(tmp_path)[name])
    for path in ("/build", "/areas", "/indicators", "/sources", "/alerts", "/figures?indicator=residents"):
        answer = client.ask(f"/api/v1{path}")
        assert answer.status_code == 503
        assert "make mart" in answer.json()["error"]["message"]
    assert client.ask("/api/v1/docs").status_code == 200


def test_a_mistake_of_ours_is_a_500_that_tells_nothing(ask, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("a value that a visitor sent")

    monkeypatch.setattr(api, "_levels", broken)
    answer = ask("/areas", level="buurt")
    assert answer.status_code == 500
    assert json.loads(answer.content) == {
        "error": {"param": None, "value": None, "allowed": None, "message": words("nl").t("error.text")}
    }
