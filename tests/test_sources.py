"""The account of where figures are from: every source, every figure, every caveat, every status."""

from dataclasses import replace

import pytest

from buurtbeeld import queries, sources
from buurtbeeld.catalogue import SHOWN, Status, load
from buurtbeeld.texts import LANGUAGES, words
from buurtbeeld.view import cited, plain
from tests.figures import HOSTILE, mart_of, view_of

CATALOGUE = load()


@pytest.fixture(scope="module", params=LANGUAGES)
def view(request, sample):
    return view_of(mart_of(sample), taal=request.param)


def test_a_source_says_who_what_when_and_on_what_terms(view):
    for row in sources.listed(view):
        said = sources.described(view, row)
        licence = CATALOGUE.licences[row.licence]
        assert all(plain(part) in said for part in (row.title, row.publisher, cited(row.attribution)))
        assert view.words.t("source.cited", attribution=plain(cited(row.attribution))) in said
        assert row.edition[:4] in said
        assert plain(licence.title.get(view.words.lang)) in said and f"]({licence.url})" in said
        assert view.words.day(row.retrieved_at.date()) in said


def test_the_word_before_a_source_is_in_the_language_of_the_page(sample):
    english = view_of(mart_of(sample), taal="en")
    assert not any("Bron" in sources.described(english, row) for row in sources.listed(english))


def test_sample_and_simulation_are_told(view):
    row = sources.listed(view)[0]
    assert view.words.t("badge.sample") in sources.described(view, row)
    said = sources.described(view, replace(row, is_sample=False, is_simulated=True))
    assert view.words.t("badge.sample") not in said and view.words.t("badge.simulated") in said


@pytest.mark.parametrize("hostile", [*HOSTILE, "**b** [x](https://evil.example)", "a\n# b"])
def test_what_a_publisher_wrote_means_nothing_to_markdown(view, hostile):
    row = sources.listed(view)[0]
    usual = sources.described(view, row)
    said = sources.described(view, replace(row, title=hostile, publisher=hostile, attribution=hostile, edition=hostile))
    assert said.count("\n") == usual.count("\n")
    assert plain(hostile) in said


def test_every_figure_is_listed_under_its_theme_with_the_name_of_its_source(view):
    lines = sources.figures(view).splitlines()
    titles = {plain(row.title) for row in sources.listed(view)}
    figures = [line.strip("|").split(" | ") for line in lines[2:] if "**" not in line]
    offered = [plain(view.title(id)) for ids in view.offer.themes.values() for id in ids]
    assert [cells[0].strip() for cells in figures] == offered
    assert all(cells[2] in titles and cells[3].strip().isdigit() for cells in figures)
    assert sum("**" in line for line in lines) == len(view.offer.themes)


def test_every_figure_says_of_how_many_it_has_to_be_and_whose_rule_that_is(view):
    cells = {
        line.strip("| ").split(" | ")[0]: line.strip("| ").split(" | ")[-1]
        for line in sources.figures(view).splitlines()
    }
    say = view.words
    assert cells[plain(view.title("residents"))] == say.t("minimum.cell.none")
    assert cells[plain(view.title("loneliness"))].startswith("100 ")
    assert cells[plain(view.title("income_per_resident"))] != cells[plain(view.title("loneliness"))]


def test_caveats_are_those_that_figures_carry(view):
    said = sources.caveats(view)
    used = {caveat.id for id in view.offer.held for caveat in view.caveats(CATALOGUE.indicators[id])}
    assert len(said.splitlines()) == len(used)
    assert all(plain(CATALOGUE.caveats[key].title.get(view.words.lang)) in said for key in used)


def test_every_status_is_explained(view):
    missing = [status for status in Status if status not in SHOWN]
    assert len(sources.statuses(view).splitlines()) == len(missing)
    assert all(plain(words(view.words.lang).status(status)) in sources.statuses(view) for status in missing)


def test_a_source_says_of_which_years_its_figures_and_its_borders_are(sample):
    view = view_of(mart_of(sample))
    said = {row.id: sources.described(view, row) for row in sources.listed(view)}
    assert "Cijfers van 2021 tot en met 2025 · Grenzen van 2024 · kopie van" in said["police_crime"]
    assert "Cijfers over 2024 · Grenzen van 2024" in said["cbs_key_figures"]
    assert "\nGrenzen van 2024 · kopie van" in said["pdok_areas"]
    assert "\nStand van 8 augustus 2026 · kopie van" in said["algorithm_register"]


def test_borders_of_many_years_are_said_in_few_words_and_what_has_no_borders_says_none(view):
    row = sources.listed(view)[0]

    def said(edition):
        return sources._when(view, replace(row, edition=edition))

    many = ", ".join(map(str, range(2013, 2027)))
    assert view.words.t("sources.borders.years", first="2013", last="2026") in said(many)
    assert view.words.t("sources.borders", edition="2020, 2022, 2024") in said("2020, 2022, 2024")
    assert "places" not in said("places") and "places" not in said("places, streets")


def test_many_editions_are_listed_apart(view, monkeypatch):
    row = sources.listed(view)[0]
    assert sources.editions(view, row) == ""
    names = {str(year): f"Bron: CBS {year}" for year in range(2013, 2027)}
    ask = type(view.mart).ask
    monkeypatch.setattr(
        type(view.mart),
        "ask",
        lambda mart, question, *args: {row.id: names} if question is queries.named else ask(mart, question, *args),
    )
    assert sources.editions(view, row).splitlines() == [f"- CBS {year}" for year in range(2013, 2027)]
    assert "CBS 2013" not in sources._described(view, row)
