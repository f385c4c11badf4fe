"""What tests of several layers share."""

import asyncio
import os
import runpy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import settings
from starlette.applications import Starlette
from starlette.types import ASGIApp
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from buurtbeeld.addresses import Page
from buurtbeeld.catalogue import load
from buurtbeeld.sensors import simulate
from buurtbeeld.server import plain
from buurtbeeld.settings import read
from buurtbeeld.store import shared
from buurtbeeld.warehouse.build import build
from tests import marts
from tests.marts import own

PROJECT = Path(__file__).parent.parent
FRAME = PROJECT / "pages" / "frame.py"

# How long one example takes says little on a busy machine; what hangs is found by the timeout of the whole test.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


class Client:
    """Asks an app without a network."""

    def __init__(self, app: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app=app)

    def ask(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        """The answer to one request; `_` in the name of a header stands for `-`. Raises what the app lets through."""

        async def sent() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://test") as client:
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.request(method, path, headers=named)

        return asyncio.run(sent())


Serve = Callable[[Path], Client]
Show = Callable[..., AppTest]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR that holds the mart of the sample. Not to be written to."""
    folder = tmp_path_factory.mktemp("data")
    build(read({"DATA_DIR": str(folder)}), load())
    return folder


@pytest.fixture(scope="session")
def unopened(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, for tests that open the mart themselves: DuckDB opens one file one way at a time in a process."""
    return own(sample, tmp_path_factory.mktemp("unopened"))


@pytest.fixture(scope="session")
def placed(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR with the mart of the sample and made-up places in it."""
    folder = own(sample, tmp_path_factory.mktemp("placed"))
    marts.places(folder)
    return folder


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR with the mart of the sample for which the city filled in goals and measures, all made up."""
    folder = tmp_path_factory.mktemp("filled")
    marts.fill_in(folder)
    build(read({"DATA_DIR": str(folder)}), load())
    return folder


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR with the mart of the sample and five days of simulated sensors, up to noon of 25 November 2026 UTC."""
    folder = tmp_path_factory.mktemp("simulated")
    settings, until = read({"DATA_DIR": str(folder)}), datetime(2026, 11, 25, 12)
    counts = {"air_station": 4, "air_sensor": 60, "waste_container": 40, "parking_garage": 4, "bicycle_parking": 6}
    simulate.simulate(settings, simulate.Plan(counts, 5, simulate.SEED, until), until)
    build(settings, load(), until.replace(tzinfo=UTC))
    return folder


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The copies that the sample was made from. They are no part of the project, so most machines don't have them."""
    folder = (PROJECT / os.environ.get("REALDATA", "../shared/realdata")).resolve()
    if not folder.is_dir():
        pytest.skip(f"The copies behind the sample are not in {folder}; where they are: REALDATA=<folder> make test")
    return folder


@pytest.fixture(scope="session")
def serve() -> Serve:
    """Everything that dashboard.py puts around Streamlit, over one DATA_DIR; Streamlit itself is left out."""

    def start(data_dir: Path) -> Client:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATA_DIR", str(data_dir))
            patch.setattr(config, "_main_script_path", config._main_script_path)  # st.App sets it for the whole process
            shared.cache_clear()
            made = runpy.run_path(str(PROJECT / "dashboard.py"))
            shared.cache_clear()
        return Client(
            Starlette(routes=made["routes"], middleware=made["middleware"], exception_handlers=plain.HANDLERS)
        )

    return start


@pytest.fixture(scope="session")
def client(sample: Path, serve: Serve) -> Client:
    """The server over the sample."""
    return serve(sample)


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
            app.switch_page(page.file)
            app._page_hash = calc_hash(page.segment)  # until its first run it takes the file for the address
            return app.run()

        yield run
    shared.cache_clear()
