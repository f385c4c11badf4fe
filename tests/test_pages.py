"""Every page opens in both languages, whatever the mart and the address are like. In a browser: `tests/browser`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from buurtbeeld.addresses import PAGES, Page
from buurtbeeld.selection import PARAMS
from buurtbeeld.store import shared
from buurtbeeld.texts import LANGUAGES, words
from tests import marts

FRAME = Path(__file__).parent.parent / "pages" / "frame.py"
PROFILE = next(page for page in PAGES if page.segment == "profiel")
EMPTY = "BU03440911"  # De Wetering: no residents in the sample
TRAPS = (EMPTY, marts.SECRET, marts.FOUR, marts.TWENTY, marts.HOMELESS, marts.MOVED, marts.NEW)
HINTS = ("sources.sample", "trend.single")  # notices that a page may have when all is well

Show = Callable[..., AppTest]

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.segment or "start")
both_languages = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture(scope="module")
def show() -> Iterator[Show]:
    """A page over a DATA_DIR: `show(data_dir, page, taal="en")`. One store serves as long as the DATA_DIR stays."""
    with pytest.MonkeyPatch.context() as environment:
        # Otherwise every run of AppTest reads about all installed packages, which takes longer than the page.
        environment.setattr(manifest_scanner, "scan_component_manifests", list)
        shown: list[Path] = []

        def run(data_dir: Path, page: Page, **params: str | list[str]) -> AppTest:
            if shown[-1:] != [data_dir]:
                environment.setenv("DATA_DIR", str(data_dir))
                shared.cache_clear()
                shown.append(data_dir)
            app = AppTest.from_file(FRAME, default_timeout=60)
            for name, value in params.items():
                app.query_params[name] = value
            return app.switch_page(page.file).run()

        yield run
    shared.cache_clear()


@pytest.fixture(scope="module")
def traps(sample, tmp_path_factory) -> Path:
    """A DATA_DIR with areas where next to nothing is known."""
    folder = marts.own(sample, tmp_path_factory.mktemp("traps"))
    marts.traps(folder)
    return folder


@pytest.fixture(
    scope="module",
    params=[
        (marts.missing, "nomart.missing"),
        (marts.empty, "nomart.empty"),
        (marts.other, "nomart.other"),
        (marts.corrupt, "nomart.damaged"),
        (marts.blank, "nomart.damaged"),
    ],
    ids=lambda param: param[0].__name__,
)
def unusable(request, sample, tmp_path_factory) -> tuple[Path, str]:
    """A DATA_DIR without figures, and the key of the sentence that says so."""
    spoil, key = request.param
    folder = marts.own(sample, tmp_path_factory.mktemp("unusable"))
    spoil(folder)
    return folder, key


@every_page
@pytest.mark.parametrize(("lang", "area"), [("nl", ""), ("en", ""), ("nl", "BU03440131"), ("en", "WK034401")])
def test_a_page_opens_with_the_sample(show, sample, page, lang, area):
    app = show(sample, page, taal=lang, gebied=area)
    assert [*app.exception, *app.error, *app.warning] == []
    assert {info.value for info in app.info} <= {words(lang).t(key) for key in HINTS}
    assert app.title or app.header


@both_languages
@pytest.mark.parametrize(
    "area", [EMPTY, marts.SECRET, marts.FOUR, marts.TWENTY, marts.HOMELESS, marts.MOVED, marts.NEW]
)
def test_a_profile_opens_where_next_to_nothing_is_known(show, traps, area, lang):
    for theme in ("people", "housing", "safety", "health"):
        app = show(traps, PROFILE, taal=lang, gebied=area, thema=theme)
        assert [*app.exception, *app.error, *app.warning, *app.info] == []
        assert app.title


@both_languages
@every_page
def test_a_page_without_figures_says_what_to_do(show, unusable, page, lang):
    folder, key = unusable
    app = show(folder, page, taal=lang)
    assert [*app.exception, *app.error, *app.info] == []
    assert [title.value for title in app.title] == [words(lang).t("nomart.title")]
    assert [warning.value for warning in app.warning] == [words(lang).t(key)]
    assert "`make " in app.warning[0].value


@every_page
def test_a_page_answers_a_hostile_address_with_sentences(show, sample, page):
    app = show(sample, page, **dict.fromkeys(PARAMS, "<script>alert(1)</script>" + "\u202e🏘️" * 200))
    assert [*app.exception, *app.error] == []
    # `van` is read only where there is an earlier period.
    sentences = app.info[0].value.split("  \n")
    assert len(sentences) >= len(PARAMS) - 1
    assert all(len(sentence) < 250 for sentence in sentences)


@pytest.mark.parametrize("value", ["", " ", "%00", "\x00", "None", "-1", "../../etc/passwd", "BU03440131,,BU03440131"])
def test_no_value_breaks_a_page(show, sample, value):
    app = show(sample, PAGES[1], **dict.fromkeys(PARAMS, value))
    assert [*app.exception, *app.error] == []


def test_a_parameter_that_is_there_twice_is_told(show, sample):
    app = show(sample, PAGES[1], indicator=["crimes", "residents"])
    assert [info.value for info in app.info] == [words("nl").t("ignored.repeated", value="indicator")]
    assert app.selectbox(key="indicator").value == "residents"
