"""The few files of our own that a page or a map names: icons, and how each hatch of a map is drawn."""

import json
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from buurtbeeld.maps.palettes import PATTERNS
from buurtbeeld.server.bodies import answer, pack
from buurtbeeld.server.guard import file

ASSETS = Path(__file__).parent.parent / "assets"
_A_DAY = "public, max-age=86400"


def routes() -> list[Route]:
    """`/assets/<name>`, for the files that are there at start, the hatches, and no other path."""
    known = {path.name: file(path) for path in ASSETS.iterdir() if path.is_file()}
    known["hatch.json"] = pack(json.dumps(PATTERNS).encode(), "application/json")

    def asset(request: Request) -> Response:
        body = known.get(request.path_params["name"])
        if body is None:
            raise HTTPException(404)
        return answer(request, body, _A_DAY)

    return [Route("/assets/{name}", asset)]
