"""For a monitor: is there a mart that can be read, which, and how old is what it shows."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from buurtbeeld import queries
from buurtbeeld.server.bodies import NEVER
from buurtbeeld.server.plain import language, why
from buurtbeeld.store import NoMart, Store
from buurtbeeld.texts import words


def routes(store: Store) -> list[Route]:
    """`/healthz`: 200, or 503 with a sentence that says what to do."""

    def health(request: Request) -> Response:
        try:
            mart = store.current()
            # What is simulated is always new, and would hide that nothing else is.
            received = [source.retrieved_at for source in mart.ask(queries.sources) if not source.is_simulated]
            newest = max(received, default=mart.build.built_at)
        except NoMart as error:
            message = words(language(request)).t(why(error))
            unknown = dict.fromkeys(("build", "built_at", "data_age_s", "is_sample"))
            return _answer(503, {"status": "no_mart", **unknown, "message": message})
        age = datetime.now(UTC).replace(tzinfo=None) - newest
        about = {
            "status": "ok",
            "build": mart.build.id,
            "built_at": f"{mart.build.built_at:%Y-%m-%dT%H:%M:%SZ}",
            "data_age_s": max(0, round(age.total_seconds())),  # since the newest of its real sources was retrieved
            "is_sample": mart.build.is_sample,
        }
        return _answer(200, about)

    return [Route("/healthz", health)]


def _answer(status: int, about: dict[str, object]) -> Response:
    return JSONResponse(about, status, {"Cache-Control": NEVER})
