"""The files a map is drawn from."""

import json
import re
from itertools import pairwise

import pytest

from buurtbeeld import trend
from buurtbeeld.maps import files
from buurtbeeld.texts import LANGUAGES, words
from buurtbeeld.verdicts import Change
from tests.figures import mart_of, view_of

VALUES = "nl/buurt/home_value/2024/rounded-5"
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
CHANGE = "nl/change/buurt/good_health/2012/2024"


@pytest.fixture
def ask(client):
    """Asks for a file of the published build."""
    build = client.ask("/healthz").json()["build"]
    return lambda path, **headers: client.ask(f"/map/{build}/{path}.geojson", **headers)


def properties(answer):
    assert answer.status_code == 200, answer.text[:200]
    return {feature["id"]: feature["properties"] for feature in answer.json()["features"]}


def test_the_map_holds_the_values_of_the_api(ask, client):
    listed = client.ask("/api/v1/figures?indicator=home_value&period=2024").json()["items"]
    drawn = properties(ask(VALUES))
    assert {item["code"]: (item["value"], item["status"]) for item in listed} == {
        code: (about["value"], about["status"]) for code, about in drawn.items()
    }


def test_every_area_is_drawn_also_what_is_missing(ask):
    drawn = properties(ask("nl/buurt/residents/2024/quantiles-5"))
    assert len(drawn) == 111
    assert drawn["BU03440911"]["value"] is None and drawn["BU03440911"]["status"] == "reason_unknown"


@pytest.mark.parametrize(
    "path",
    [
        VALUES, f"{VALUES}-all", "nl/buurt/good_health/2012/city-4", "circles/buurt/crimes/2021/natural-5-all",
        "en/wijk/home_value/2024/quantiles-3", "nl/buurt/good_health/2012/equal-4", CHANGE,
        "circles/buurt/residents/2024/rounded-5", "circles/change/buurt/crimes/2021/2025",
        "borders/wijk", "borders/gemeente", "outline/BU03440111", "outline/GM0344_WK034401_BU03440111",
        "places/buurt", "own/0111", "own/0111_0112",
    ],
)  # fmt: skip
def test_a_browser_keeps_every_kind_of_file_for_good(ask, path):
    answer = ask(path, Accept_Encoding="gzip")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "application/geo+json"
    assert json.loads(answer.content)["features"]


def test_words_are_in_the_language_of_the_address(ask):
    dutch, english = (properties(ask(VALUES.replace("nl/", f"{lang}/"))) for lang in ("nl", "en"))
    assert dutch["BU03440111"]["text"] != english["BU03440111"]["text"]
    assert dutch["BU03440111"]["fill"] == english["BU03440111"]["fill"]


def test_a_change_is_the_later_value_less_the_earlier(ask):
    earlier, later = (properties(ask(f"nl/buurt/good_health/{year}/equal-3")) for year in (2012, 2024))
    for code, about in properties(ask(CHANGE)).items():
        both = (earlier[code]["value"], later[code]["value"])
        assert about["value"] == (None if None in both else pytest.approx(both[1] - both[0]))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ["{}/buurt/home_value/2024/rounded-5", "{}/change/buurt/crimes/2021/2025"])
def test_name_and_words_are_of_the_area_that_the_code_says(ask, client, path, lang):
    names = {each["id"]: each["properties"]["name"] for each in client.ask("/api/v1/areas").json()["features"]}
    drawn, say = properties(ask(path.format(lang))), words(lang)
    assert len({about["text"] for about in drawn.values()}) > 50
    for code, about in drawn.items():
        assert (about["code"], about["name"]) == (code, names[code])
        if about["value"] is None:
            assert about["text"] == say.status(about["status"])
        else:
            assert NUMBER.findall(about["text"])[0] == say.number(abs(about["value"])), (code, about)
            assert (about["text"][0] == "\N{MINUS SIGN}") == (about["value"] < 0), (code, about)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_map_of_change_judges_as_the_page_does(ask, sample, lang):
    view = view_of(mart_of(sample), indicator="crimes", niveau="buurt", van="2021", periode="2025", taal=lang)
    judged = trend.verdict(view, "buurt")
    assert {Change.UP, Change.UNCLEAR} <= set(judged.values())
    told = {code: about["text"] for code, about in properties(ask(f"{lang}/change/buurt/crimes/2021/2025")).items()}
    assert told.keys() == judged.keys()
    for code, verdict in judged.items():
        assert view.words.t(f"trend.verdict.{verdict}") in told[code]


def test_fixed_classes_are_the_same_in_every_period(ask):
    values: dict[tuple[int, ...], list[float]] = {}
    for year in range(2021, 2026):
        for about in properties(ask(f"nl/buurt/crimes/{year}/quantiles-5-all")).values():
            if about["value"] is not None:
                values.setdefault(tuple(about["fill"]), []).append(about["value"])
    # Whatever the year, what is of one colour lies above all that is of the one before it.
    classes = sorted(values.values())
    assert len(classes) == 5
    assert all(max(lower) < min(higher) for lower, higher in pairwise(classes))
    assert ask("nl/buurt/crimes/2021/quantiles-5").content != ask("nl/buurt/crimes/2021/quantiles-5-all").content


def test_a_city_without_such_a_figure_has_no_distance(ask):
    assert ask("nl/buurt/residents/2024/city-3").status_code == 404


def test_a_file_is_made_once(ask, monkeypatch):
    first = ask("borders/buurt").content
    monkeypatch.setattr(files, "borders", None)
    assert ask("borders/buurt").content == first


@pytest.mark.parametrize(
    "path",
    [
        "de/buurt/home_value/2024/rounded-5", "nl/nosuch/home_value/2024/rounded-5",
        "nl/country/home_value/2024/rounded-5", "nl/buurt/nosuch/2024/rounded-5",
        "nl/buurt/home_value/1999/rounded-5", "nl/buurt/home_value/2024-13/rounded-5",
        "nl/buurt/home_value/x/rounded-5", "nl/buurt/home_value/2024/nosuch-5", "nl/buurt/home_value/2024/rounded-9",
        "nl/buurt/home_value/2024/rounded-2", f"nl/buurt/home_value/2024/rounded-{'9' * 5000}",
        "nl/buurt/home_value/2024/rounded", "nl/buurt/home_value/2024/rounded-5-",
        "nl/buurt/home_value/2024/rounded-5-x",
        "nl/buurt/home_value/2024/city", "nl/wijk/good_health/2024/rounded-5", "nl/change/buurt/home_value/2024/x",
        "circles/buurt/home_value/1999/rounded-5", "borders/nosuch", "borders/country", "outline/XX1", "outline/",
        "outline/BU03440111_XX1", "places/nosuch", "places/country", "own/", "own/0111_9999", "own/BU03440111",
        "own/" + "_".join(["0111"] * 41), "outline/" + "_".join(["BU03440111"] * 10),
        "nl/buurt/home_value/2024/rounded-5/more",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404_and_not_kept(ask, path):
    answer = ask(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_another_build_is_404_and_not_kept(client):
    answer = client.ask(f"/map/20200101T000000Z-000000/{VALUES}.geojson")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_without_a_mart_a_map_is_503_and_says_what_to_do(tmp_path, serve):
    answer = serve(tmp_path).ask(f"/map/any/{VALUES}.geojson")
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    assert "<code>make mart</code>" in answer.text
