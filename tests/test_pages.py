"""Every page opens in both languages, whatever the mart and the address are like. In a browser: `tests/browser`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from buurtbeeld.addresses import PAGES, Page
from buurtbeeld.selection import PARAMS
from buurtbeeld.store import shared
from buurtbeeld.texts import LANGUAGES, words
from tests import marts

FRAME = Path(__file__).parent.parent / "pages" / "frame.py"

Open = Callable[..., AppTest]

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.segment or "start")
both_languages = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """A page over a DATA_DIR: `show(data_dir, page, taal="en")`."""

    def run(data_dir: Path, page: Page, **params: str) -> AppTest:
        monkeypatch.setenv("DATA_DIR", str(data_dir))
        if shared()._link.parent != data_dir:
            shared.cache_clear()
        app = AppTest.from_file(FRAME, default_timeout=30)
        for name, value in params.items():
            app.query_params[name] = value
        return app.switch_page(page.file).run()

    yield run
    shared.cache_clear()


@pytest.fixture(scope="module", params=[marts.missing, marts.empty, marts.corrupt, marts.blank], ids=lambda f: f.__name__)
def unusable(request, sample, tmp_path_factory) -> tuple[Path, str]:
    """A DATA_DIR without figures, and the key of the sentence that says so."""
    folder = marts.own(sample, tmp_path_factory.mktemp("unusable"))
    request.param(folder)
    return folder, {"missing": "nomart.missing", "empty": "nomart.empty"}.get(request.param.__name__, "nomart.damaged")


@every_page
@both_languages
@pytest.mark.parametrize("area", ["", "BU03440131", "WK034401"], ids=["city", "buurt", "wijk"])
def test_a_page_opens_with_the_sample(show, sample, page, lang, area):
    app = show(sample, page, taal=lang, gebied=area)
    assert [*app.exception, *app.error, *app.warning, *app.info[_hints(page) :]] == []
    assert app.title or app.subheader


@every_page
@both_languages
def test_a_page_without_figures_says_what_to_do(show, unusable, page, lang):
    folder, key = unusable
    app = show(folder, page, taal=lang)
    assert [*app.exception, *app.error] == []
    assert [title.value for title in app.title] == [words(lang).t("nomart.title")]
    assert [warning.value for warning in app.warning] == [words(lang).t(key)]
    assert "make mart" in app.warning[0].value


@every_page
@pytest.mark.parametrize("value", ["<script>alert(1)</script>", "x" * 5_000, "\u202e\u0000🏘️'\"", "%", ""])
def test_a_hostile_address_gets_sentences(show, sample, page, value):
    app = show(sample, page, **dict.fromkeys(PARAMS, value))
    assert [*app.exception, *app.error] == []
    assert len(app.info) >= (len(PARAMS) - 1 if value else 0)
    assert all(len(info.value) < 200 for info in app.info)


def _hints(page: Page) -> int:
    """How many notices a page has when all is well: that these are sample data, that there is one period only."""
    return 1 if page.segment in ("verantwoording", "trends") else 0
