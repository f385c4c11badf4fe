"""Makes docs/kaart.png: `python -m tools.picture`, with CHROMIUM naming a browser; `make picture` finds one.

The server runs for it on a free port, over the sample alone, so everyone who makes the picture gets the same map.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

from buurtbeeld.settings import PROJECT

PICTURE = PROJECT / "docs" / "kaart.png"
ADDRESS = "kaart?gebied=BU03440111"
SIZE = (1280, 800)  # pixels
MAX_BYTES = 200_000  # everyone who opens the README fetches it
PATIENCE = 60  # seconds, for each thing that is waited for
# Without a graphics card Chromium draws the map only when it is told to do so itself.
FLAGS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]


def main() -> int:
    """Write the picture; 1 when the server or the map doesn't come, or the picture is too heavy."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        asked = {"DATA_DIR": folder, "ADDRESS": "127.0.0.1", "PORT": str(port), "GEMEENTE": "GM0344"}
        asked["SIMULATE"] = "0"
        server = subprocess.Popen(
            [sys.executable, "-m", "tools.serve"], cwd=PROJECT, env={**os.environ, **asked}, stdout=subprocess.DEVNULL
        )
        try:
            home = f"http://127.0.0.1:{port}/"
            if not answers(server, f"{home}healthz"):
                print("The server did not start; the reason is above.", file=sys.stderr)
                return 1
            picture = taken(home + ADDRESS)
        finally:
            server.terminate()
            server.wait()
    if len(picture) > MAX_BYTES:
        print(f"The picture has {len(picture):,} bytes; at most {MAX_BYTES:,} are allowed.", file=sys.stderr)
        return 1
    PICTURE.write_bytes(picture)
    print(f"{PICTURE.relative_to(PROJECT)}: {len(picture):,} bytes.")
    return 0


def answers(server: subprocess.Popen[bytes], url: str) -> bool:
    """Whether the server has come up; waits for it as long as it runs."""
    until = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < until:
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310  the address is our own server's
                return bool(answer.status == 200)
        except URLError:  # not listening yet
            time.sleep(0.2)
    return False


def taken(url: str) -> bytes:
    """The page as PNG, when the map is drawn."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or None, args=FLAGS)
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, locale="nl-NL")
        page.set_default_timeout(PATIENCE * 1000)
        # The outline of the chosen area is the last file that the map asks for.
        with page.expect_response(lambda answer: "/outline/" in answer.url and answer.ok):
            page.goto(url)
        picture = still(page)
        browser.close()
    return picture


def still(page: Page) -> bytes:
    """The picture that stays the same for two seconds: nothing says when a map has been painted."""
    picture, same = page.screenshot(), 0
    until = time.monotonic() + PATIENCE
    while same < 4 and time.monotonic() < until:
        page.wait_for_timeout(500)
        before, picture = picture, page.screenshot()
        same = same + 1 if picture == before else 0
    return picture


if __name__ == "__main__":
    sys.exit(main())
