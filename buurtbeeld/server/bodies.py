"""Bodies that are sent many times: compressed once, and known by their hash so that a browser fetches them once."""

import gzip
import hashlib
import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

FOREVER = "public, max-age=31536000, immutable"  # the address changes when the contents do
ASK_AGAIN = "no-cache"
NEVER = "no-store"
_PACKED_ALREADY = ("image/png", "image/gif", "font/woff2")


@dataclass(frozen=True, slots=True)
class Body:
    """Contents that don't change. `content` is gzip when `zipped`."""

    content: bytes
    media_type: str
    etag: str
    zipped: bool


def pack(content: bytes, media_type: str) -> Body:
    """`content`, compressed where that helps."""
    etag = f'W/"{hashlib.sha256(content).hexdigest()[:20]}"'
    if media_type in _PACKED_ALREADY:
        return Body(content, media_type, etag, zipped=False)
    return Body(gzip.compress(content, 6, mtime=0), media_type, etag, zipped=True)


def answer(request: Request, body: Body, cache: str) -> Response:
    """The body as this client can read it, or 304 when it has it already. `cache`: the value of Cache-Control."""
    headers = {"Cache-Control": cache, "ETag": body.etag, "Vary": "Accept-Encoding"}
    if has_already(request, body.etag):
        return Response(status_code=304, headers=headers)
    if body.zipped and not _reads_gzip(request):
        return Response(gzip.decompress(body.content), headers=headers, media_type=body.media_type)
    if body.zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(body.content, headers=headers, media_type=body.media_type)


def has_already(request: Request, etag: str) -> bool:
    """Whether the client names this tag as the one it holds."""
    held = re.findall(r'"[^"]*"|\*', request.headers.get("if-none-match", ""))
    return "*" in held or etag.removeprefix("W/") in held


def _reads_gzip(request: Request) -> bool:
    asked = request.headers.get("accept-encoding", "")
    return bool(re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", asked))
