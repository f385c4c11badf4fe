"""What stands before every request: the list of addresses, the headers, Streamlit's files."""

import asyncio

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from buurtbeeld.addresses import PAGES
from buurtbeeld.server import plain
from buurtbeeld.server.guard import Gate
from buurtbeeld.texts import words


def encoded(path: str) -> str:
    return "/" + "".join(f"%{byte:02x}" for byte in path.encode())


@pytest.mark.parametrize(
    "path",
    [
        "/nosuch", "/kaart/nosuch", "/Kaart", "/start", "/index.html", "/favicon.png", "/manifest.json", "/robots.txt",
        "/_stcore/metrics", "/_stcore/agent/interact", "/_stcore/agent/openapi.json", "/_stcore/agent/mcp",
        "/_stcore/upload_file/a/b", "/_stcore/script-health-check", "/_stcore/bidi-components/a", "/_stcore/stream",
        "/kaart/_stcore/health", "/component/a/b", "/auth/login", "/oauth2callback", "/app/static/a", "/media/a/b",
        "/static/js/nosuch.js", "/static/", "/static", "//kaart", "//example.org/", "/api/v2/build",
    ],
)  # fmt: skip
def test_what_is_not_in_the_list_is_our_404(client, path):
    answer = client.ask(f"http://test{path}")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize(
    "path", ["../etc/passwd", "assets/../dashboard.py", "assets/..\\x", "kaart\0", "kaart\n", "C:/x", "~"]
)
def test_tricks_with_paths_are_our_404(client, path):
    answer = client.ask(encoded(path))
    assert answer.status_code == 404
    assert words("nl").t("notfound.title") in answer.text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.sampled_from(["", "assets/", "static/", "map/", "api/v1/", "kaart", "_stcore/"]))
@example("x" * 9000, "")
@example("%2e%2e/%00", "assets/")
def test_no_path_breaks_it(client, path, start):
    answer = client.ask(encoded(start + path))
    assert answer.status_code in (200, 307, 308, 404)
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("query", ["taal=%00", "taal=en&taal=nl", "taal=" + "x" * 5000, "%ff=%fe", "&&=;"])
def test_no_query_breaks_a_page(client, query):
    assert client.ask(f"/kaart?{query}").status_code == 200
    assert client.ask(f"/nosuch?{query}").status_code == 404


@pytest.mark.parametrize("slashes", ["/", "//"])
def test_a_slash_too_many_is_taken_off_and_the_rest_is_kept(client, slashes):
    answer = client.ask(f"/kaart{slashes}?taal=en&gebied=BU03440111")
    assert (answer.status_code, answer.headers["location"]) == (308, "/kaart?taal=en&gebied=BU03440111")


def test_the_404_is_in_both_languages_and_leads_on(client):
    page = client.ask("/nosuch?taal=en").text
    assert page.index(words("en").t("notfound.title")) < page.index(words("nl").t("notfound.title"))
    for found in PAGES:
        assert f'href="/{found.segment}?taal=nl"' in page and f'href="/{found.segment}?taal=en"' in page


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", ["/", "/kaart", "/healthz", "/assets/favicon.svg", "/static/css"])
def test_other_methods_are_refused(client, path, method):
    answer = client.ask(path, method)
    assert answer.status_code == (404 if path == "/static/css" else 405)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/", "/nosuch", "/healthz", "/assets/favicon.svg", "/api/v1/build", "/api/v1/nosuch", "/kaart/"]
)
def test_every_answer_has_the_headers(client, path):
    headers = client.ask(path).headers
    assert headers["content-security-policy"].startswith(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-"
    )
    assert "'unsafe-eval'" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_the_map_script_travels_compressed_and_is_kept_for_good(client):
    script = next((plain.STREAMLIT / "static/js").glob("DeckGlJsonChart.*.js"))
    answer = client.ask(f"/static/js/{script.name}", Accept_Encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < script.stat().st_size / 3
    assert answer.content == script.read_bytes()
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_file_of_streamlit_is_what_it_was(client):
    for path in ("css", "media"):
        file = next((plain.STREAMLIT / "static" / path).iterdir())
        answer = client.ask(f"/static/{path}/{file.name}", Accept_Encoding="identity")
        assert (answer.status_code, answer.content) == (200, file.read_bytes())


def test_only_streamlits_own_socket_opens():
    async def opened(path: str) -> list[str]:
        sent: list[str] = []

        async def app(*_):
            sent.append("opened")

        async def nothing():
            return {}

        async def send(message):
            sent.append(message["type"])

        await Gate(app, [])({"type": "websocket", "path": path}, nothing, send)
        return sent

    assert asyncio.run(opened("/_stcore/stream")) == ["opened"]
    assert asyncio.run(opened("/kaart/_stcore/stream")) == ["websocket.close"]
