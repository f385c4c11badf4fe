"""Without a mart that can be read every page says what to do; as soon as there is one it is shown."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import load
from buurtbeeld.texts import LANGUAGES, words
from buurtbeeld.warehouse.build import build
from tests import marts
from tests.browser.served import Served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def own(start, sample, tmp_path_factory) -> Served:
    """A dashboard whose mart these tests may spoil."""
    served = start(marts.own(sample, tmp_path_factory.mktemp("own")))
    assert isinstance(served, Served)
    return served


@pytest.fixture(scope="module", params=[marts.missing, marts.empty, marts.corrupt], ids=lambda spoil: spoil.__name__)
def spoiled(request, own) -> Iterator[str]:
    """That dashboard without figures, and the name of what is wrong."""
    whole = marts.settings(own.data_dir).mart_link.resolve()
    spoil: Callable[[Path], None] = request.param
    spoil(own.data_dir)
    yield {"missing": "nomart.missing", "empty": "nomart.empty", "corrupt": "nomart.damaged"}[spoil.__name__]
    marts.publish(own.data_dir, whole)


def test_a_mart_that_appears_is_shown_at_the_next_load(visit, own):
    whole = marts.settings(own.data_dir).mart_link.resolve()
    marts.missing(own.data_dir)
    visitor = visit("/gegevens", "nl", own)
    expect(visitor.page.get_by_text(visitor.words.t("nomart.title"))).to_be_visible()
    marts.publish(own.data_dir, whole)
    visitor.page.reload()
    expect(visitor.page.get_by_text(visitor.words.t("data.title"))).to_be_visible()


def test_a_page_goes_on_when_a_new_build_is_published(visit, own, places):
    visitor = visit("/kaart", "nl", own)
    first = own.client.get("/healthz").json()["build"]
    build(marts.settings(own.data_dir), load())
    second = own.client.get("/healthz").json()["build"]
    with visitor.page.expect_response(f"**/map/{second}/nl/buurt/**"):
        visitor.choose(visitor.picker("pick.indicator"), load().indicators["owner_occupied_share"].title.get("nl"))
    visitor.settle()
    assert first != second and len(visitor.rows()) == len(places)
    # Who has not chosen anything since still looks at the first.
    drawn = next(url for url in visitor.requests if f"/map/{first}/" in url)
    assert own.client.get(drawn).status_code == 200


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_says_what_to_do_until_there_is_a_mart(visit, own, spoiled, lang):
    say = words(lang)
    visitor = visit(f"/?taal={lang}", lang, own)
    for page in PAGES:
        visitor.page.get_by_role("link", name=say.t(page.name), exact=True).first.click()
        expect(visitor.page).to_have_title(f"{say.t(page.name)} · {say.t('site.name')}")
        visitor.settle()
        assert visitor.page.get_by_role("heading").all_inner_texts() == [say.t("nomart.title")]
        assert visitor.page.get_by_test_id("stAlert").all_inner_texts() == [say.t(spoiled).replace("`", "")]


def test_the_dashboard_never_fails_over_a_mart(own):
    """The log may say where a file could not be read, but no page and no request fell over it."""
    assert "A page could not be drawn" not in own.printed()
    assert [line for line in own.printed().splitlines() if " 500 " in line] == []
