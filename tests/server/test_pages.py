"""Streamlit's page, made ours."""

import pytest

from buurtbeeld.addresses import PAGES
from buurtbeeld.server import pages


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("query", "lang"), [("", "nl"), ("?taal=nl", "nl"), ("?taal=en", "en"), ("?taal=de", "nl")])
def test_every_page_says_which_language_it_is_in(client, page, query, lang):
    answer = client.ask(f"/{page.segment}{query}")
    assert answer.status_code == 200
    assert f'<html lang="{lang}">' in answer.text


def test_nothing_of_streamlits_own_is_left_to_see(client):
    text = client.ask("/kaart").text
    shown = text[text.index("<html") :]
    for word in ("<title>Streamlit", "favicon.png", "service-desc", "agent", "You need to enable JavaScript"):
        assert word not in shown


@pytest.mark.parametrize("gone", ["<title>Streamlit</title>", '<html lang="en">', "<noscript>", 'rel="service-desc"'])
def test_another_page_of_streamlit_is_found_out_at_start(gone):
    with pytest.raises(ValueError, match="index page"):
        pages.shell(pages.index().replace(gone, "<p>"), "nl")


def test_the_policy_allows_the_scripts_inside_the_page_and_no_other(client):
    answer = client.ask("/")
    for script in pages.inline_scripts(answer.text):
        assert script in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].count("sha256-") == len(pages.inline_scripts(answer.text)) == 2


def test_a_script_is_hashed_as_a_browser_does_it():
    # echo -n "alert('Hello, world.');" in the example of the standard
    assert pages.inline_scripts("<script>alert('Hello, world.');</script>") == (
        "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='",
    )


def test_a_page_is_checked_again_and_not_sent_twice(client):
    first = client.ask("/trends")
    again = client.ask("/trends", If_None_Match=first.headers["etag"])
    assert (first.headers["cache-control"], again.status_code, again.content) == ("no-cache", 304, b"")


def test_languages_have_different_tags(client):
    assert client.ask("/").headers["etag"] != client.ask("/?taal=en").headers["etag"]


def test_no_page_sets_a_cookie(client):
    assert "set-cookie" not in client.ask("/").headers
