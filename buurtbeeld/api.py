"""The read-only open-data API: the views of the mart as JSON, CSV, Parquet and GeoJSON.

Whoever asks for something that isn't there is told what there is. Every answer names the build it comes from, and a
client that has the answer of this build already gets 304.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

import pyarrow as pa
from fastapi import APIRouter, Depends, FastAPI, Query
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from buurtbeeld import __version__, queries
from buurtbeeld.catalogue import Figure, Status, load
from buurtbeeld.exports import tables
from buurtbeeld.server import periods, plain
from buurtbeeld.server.bodies import ASK_AGAIN, NEVER, has_already
from buurtbeeld.server.guard import Headers, HeadIsGet
from buurtbeeld.store import Mart, NoMart, Store
from buurtbeeld.texts import LANGUAGES, Words, words
from buurtbeeld.texts.sentences import caption

BASE = "/api/v1"
MOST_INDICATORS = 20
MOST_ROWS = 200_000
FIRST_LEVEL = "buurt"
CITY = "gemeente"
FORMATS = {"json": "application/json", "csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
_LONGEST = 200  # of a refused value that is shown again


class Refused(Exception):
    """A question that can't be answered: which parameter, its value, and what is allowed in its place."""

    def __init__(self, param: str, value: str | None, allowed: Any, key: str, **filled: object) -> None:
        self.about = {"param": param, "value": value and value[:_LONGEST], "allowed": allowed}
        self.key = key
        self.filled = {"param": param, "value": value and value[:_LONGEST], **filled}
        super().__init__(key)


def _asked_once(request: Request) -> None:
    """Refuses a misspelt or repeated parameter: leaving it out would answer another question than was asked."""
    declared = request.app.openapi()["paths"].get(request.scope["route"].path, {"get": {}})["get"]
    allowed = [parameter["name"] for parameter in declared.get("parameters", [])] or ["taal"]
    for name, value in request.query_params.multi_items():
        if name not in allowed:
            raise Refused(name, value, allowed, "api.error.param")
    for name in request.query_params:
        if len(request.query_params.getlist(name)) > 1:
            raise Refused(name, ",".join(request.query_params.getlist(name)), 1, "api.error.repeated")
        if not request.query_params[name] and name not in ("indicator", "taal"):
            raise Refused(name, "", f"{BASE}/docs", "api.error.empty")


def _parameter(name: str) -> Any:
    return Query(description=words("en").t(f"api.parameter.{name}"))


def _taal(taal: Annotated[str | None, _parameter("taal")] = None) -> str | None:
    """The language of errors. It is declared here once for every address; `plain.language` reads it."""
    return taal


router = APIRouter(dependencies=[Depends(_taal), Depends(_asked_once)])


def application(store: Store) -> FastAPI:
    """The API over one store, to be mounted at `BASE`."""
    app = FastAPI(
        title=words("en").t("site.name"),
        version=__version__,
        description=words("en").t("api.intro"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.store = store
    app.include_router(router)
    for kind, handler in ((Refused, _refused), (NoMart, _no_mart), (HTTPException, _elsewhere), (Exception, _broken)):
        app.add_exception_handler(kind, handler)
    # Open data may be read from any website.
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_headers=["If-None-Match"], expose_headers=["ETag"])
    app.add_middleware(Headers, headers={"Access-Control-Allow-Origin": "*"})
    app.add_middleware(HeadIsGet)
    return app


def with_slash(request: Request) -> Response:
    """The same address with the slash at its end that a mounted application needs."""
    return RedirectResponse(request.url.replace(path=f"{BASE}/", scheme="", netloc=""))


def _path(path: str, *examples: str) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Declares an address; its name is that of the function, its words are in `texts/`."""

    def declare(function: Callable[..., Response]) -> Callable[..., Response]:
        name = function.__name__
        router.add_api_route(
            path,
            function,
            operation_id=name,
            summary=words("en").t(f"api.{name}"),
            response_class=Response,
            responses={
                400: {"description": words("en").t("api.errors")},
                503: {"description": words("en").t("nomart.title")},
            },
            openapi_extra={"x-examples": list(examples)},
        )
        return function

    return declare


@_path("/build", "")
def build(request: Request) -> Response:
    """Which build this is, as one flat object."""
    mart = _mart(request)
    return _answer(request, mart, lambda: tables.as_json(mart.ask(queries.view, "build"))[1:-1])


@_path("/areas", "?level=wijk")
def areas(
    request: Request,
    level: Annotated[str | None, _parameter("level")] = None,
    edition: Annotated[str | None, _parameter("edition")] = None,
) -> Response:
    """Outlines as GeoJSON; made once per build, level and edition."""
    mart = _mart(request)
    chosen = None if level is None else _one_of("level", level, _levels(mart))
    editions = [str(year) for year in mart.ask(queries.editions)]
    year = None if edition is None else int(_one_of("edition", edition, editions))

    def features() -> bytes:
        return tables.as_features(mart.ask(queries.area_table, chosen, year), "code", "geometry")

    return _answer(
        request, mart, lambda: mart.keep(("areas", chosen, year), features), media_type="application/geo+json"
    )


@_path("/indicators", "")
def indicators(request: Request) -> Response:
    """What every figure means."""
    return _view(request, "indicator")


@_path("/sources", "")
def sources(request: Request) -> Response:
    """Where the figures are from, with licence and date."""
    return _view(request, "source")


@_path("/alerts", "", "?open=true")
def alerts(request: Request, open: Annotated[str | None, _parameter("open")] = None) -> Response:
    """What passed a threshold or said nothing, newest first; empty as long as no sensors are loaded."""
    mart = _mart(request)
    still = None if open is None else _one_of("open", open, ("true", "false")) == "true"
    rows = mart.ask(queries.alert_count, still)
    if rows > MOST_ROWS:
        raise Refused("open", open, ["true"], "api.error.alerts", rows=rows)
    return _answer(request, mart, lambda: _items(mart, tables.as_json(mart.read(queries.alert_table, still)), rows))


@_path(
    "/figures",
    "?indicator=residents&level=wijk",
    "?indicator=home_value&level=buurt&format=csv",
    "?indicator=crimes,good_health&period=all&area=GM0344&level=gemeente",
)
def figures(
    request: Request,
    indicator: Annotated[str | None, _parameter("indicator")] = None,
    level: Annotated[str, _parameter("level")] = FIRST_LEVEL,
    period: Annotated[str | None, _parameter("period")] = None,
    area: Annotated[str | None, _parameter("area")] = None,
    format: Annotated[str, _parameter("format")] = "json",
) -> Response:
    """The figures themselves: one row per indicator, period and area, also where there is no value."""
    mart = _mart(request)
    known = {row["id"]: row["grain"] for row in mart.ask(queries.view, "indicator").select(["id", "grain"]).to_pylist()}
    chosen = _indicators(indicator, list(known))
    level = _one_of("level", level, _levels(mart))
    when = _period(mart, period, chosen, {known[name] for name in chosen})
    codes = _areas(mart, area, level)
    _one_of("format", format, list(FORMATS))
    asked = (chosen, level, when, codes)
    rows = mart.read(queries.figure_count, *asked)
    if rows > MOST_ROWS:
        raise Refused(
            "period" if when == "all" else "indicator", period or indicator, MOST_ROWS, "api.error.rows", rows=rows
        )

    def file() -> bytes:
        table = mart.read(queries.figure_table, *asked)
        match format:
            case "csv":
                return tables.as_csv(table)
            case "parquet":
                about = _about(mart, table, words(plain.language(request)))
                return tables.as_parquet(table, {"build": mart.build.id, **about})
        return _items(mart, tables.as_json(table), table.num_rows)

    name = f"{chosen[0] if len(chosen) == 1 else 'figures'}-{level}.{format}"
    headers = {} if format == "json" else {"Content-Disposition": f'attachment; filename="{name}"'}
    return _answer(request, mart, file, FORMATS[format], headers)


def _about(mart: Mart, table: pa.Table, say: Words) -> dict[str, str]:
    """The caption of a file that is one map or one area of it; a file of several periods or figures has none."""
    series = table.group_by(["indicator", "level", "period"]).aggregate([]).to_pylist()
    if len(series) != 1:
        return {}
    id, level, period = series[0].values()
    every = [Figure(**row) for row in mart.read(queries.figure_table, (id,), level, period, None).to_pylist()]
    area = next((figure for figure in every if [figure.code] == table["code"].to_pylist()), None)
    city = next(iter(mart.ask(queries.figures, id, CITY, period)), None)
    catalogue = load()
    return {"about": caption(area, city, every, catalogue.indicators[id], say, catalogue).whole}


@router.get("/", include_in_schema=False)
def start(request: Request) -> Response:
    """Whoever opens the API in a browser wants to read how it works."""
    return RedirectResponse(f"{BASE}/docs?taal={plain.language(request)}")


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> Response:
    """The addresses and their parameters as the schema has them, in the reader's language."""
    lang = plain.language(request)
    paths = [
        {
            "path": path,
            "name": about["get"]["operationId"],
            "examples": about["get"]["x-examples"],
            "parameters": [p["name"] for p in about["get"].get("parameters", []) if p["name"] != "taal"],  # all have it
        }
        for path, about in request.app.openapi()["paths"].items()
    ]
    other = words(next(name for name in LANGUAGES if name != lang))
    return plain.page(
        "api.html", lang, paths=paths, base=BASE, columns=queries.FIGURE, statuses=list(Status), other=other
    )


def _mart(request: Request) -> Mart:
    store: Store = request.app.state.store
    return store.current()


def _view(request: Request, name: str) -> Response:
    mart = _mart(request)
    table = mart.ask(queries.view, name)
    return _answer(request, mart, lambda: _items(mart, tables.as_json(table), table.num_rows))


def _items(mart: Mart, items: bytes, count: int) -> bytes:
    return b'{"build":"%s","count":%d,"items":%s}' % (mart.build.id.encode(), count, items)


def _answer(
    request: Request,
    mart: Mart,
    make: Callable[[], bytes],
    media_type: str = FORMATS["json"],
    headers: dict[str, str] | None = None,
) -> Response:
    """What `make` gives, unless the client holds the answer of this build to this question."""
    asked = f"{__version__} {request.url.path}?{urlencode(sorted(request.query_params.multi_items()))}"
    etag = f'W/"{mart.build.id}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"'
    known = {"ETag": etag, "Cache-Control": ASK_AGAIN}
    if has_already(request, etag):
        return Response(status_code=304, headers=known)
    return Response(make(), media_type=media_type, headers={**known, **(headers or {})})


def _levels(mart: Mart) -> list[str]:
    return list(dict.fromkeys(area.level for area in mart.ask(queries.areas)))


def _one_of(param: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise Refused(param, value, list(allowed), "api.error.value")
    return value


def _list(text: str) -> tuple[str, ...]:
    """The parts of a comma list, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",")))


def _indicators(text: str | None, known: list[str]) -> tuple[str, ...]:
    if not text:
        raise Refused("indicator", text, known, "api.error.missing")
    chosen = _list(text)
    for name in chosen:
        _one_of("indicator", name, known)
    if len(chosen) > MOST_INDICATORS:
        raise Refused("indicator", text, MOST_INDICATORS, "api.error.many", most=MOST_INDICATORS)
    return chosen


def _period(mart: Mart, text: str | None, indicators: tuple[str, ...], grains: set[str]) -> str | date:
    """A day, "all" or "newest"; a day only when one of the indicators has a figure of it."""
    if text is None or text == "all":
        return text or "newest"
    held = mart.read(queries.periods, indicators)
    day = periods.read(text)
    if day not in held:
        grain = next(grain for grain in ("day", "month", "year") if grain in grains)
        raise Refused("period", text, [*(periods.write(day, grain) for day in held), "all"], "api.error.period")
    return day


def _areas(mart: Mart, text: str | None, level: str) -> tuple[str, ...] | None:
    if text is None:
        return None
    known = {area.code for area in mart.ask(queries.areas) if area.level == level}
    chosen = _list(text)
    for code in chosen:
        if code not in known:
            # A country has 14,000 codes: the address that lists them says more.
            raise Refused("area", code, f"{BASE}/areas?level={level}", "api.error.area", level=level)
    return chosen


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _error(request, 400, error.key, error.about, **error.filled)


async def _no_mart(request: Request, error: Exception) -> Response:
    assert isinstance(error, NoMart)
    return _error(request, 503, plain.why(error))


async def _elsewhere(request: Request, error: Exception) -> Response:
    """No such address, or a method that changes something."""
    assert isinstance(error, HTTPException)
    nothing = {"param": None, "value": None}
    if error.status_code == 405:
        methods = ["GET", "HEAD"]
        answer = _error(request, 405, "api.error.method", {**nothing, "allowed": methods})
        answer.headers["Allow"] = ", ".join(methods)
        return answer
    addresses = [f"{BASE}{path}" for path in request.app.openapi()["paths"]]
    return _error(request, error.status_code, "api.error.address", {**nothing, "allowed": addresses})


async def _broken(request: Request, _: Exception) -> Response:
    return _error(request, 500, "error.text")


def _error(request: Request, status: int, key: str, about: dict[str, Any] | None = None, **filled: object) -> Response:
    about = about or dict.fromkeys(("param", "value", "allowed"))
    message = words(plain.language(request)).t(key, **filled)
    return JSONResponse({"error": {**about, "message": message}}, status, {"Cache-Control": NEVER})
