"""The few files of our own that a page or a map names: icons and the hatch of what is missing."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from buurtbeeld.server.bodies import answer
from buurtbeeld.server.guard import file

ASSETS = Path(__file__).parent.parent / "assets"
_A_DAY = "public, max-age=86400"


def routes() -> list[Route]:
    """`/assets/<name>`, for the files that are there at start and no other path."""
    known = {path.name: path for path in ASSETS.iterdir() if path.is_file()}

    def asset(request: Request) -> Response:
        path = known.get(request.path_params["name"])
        if path is None:
            raise HTTPException(404)
        return answer(request, file(path), _A_DAY)

    return [Route("/assets/{name}", asset)]
