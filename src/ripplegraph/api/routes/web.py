"""The live page: static modules under addresses that hold their hash; they ask for the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from ripplegraph.api.scopes import open_to_all
from ripplegraph.visualize.page_parts import part

_FOLDER = FilePath(__file__).parents[1] / "web"
_PAGE = "index.html"
_SHARED = ("palette.css", "picture.css", "picture.js")
"""What the pages that are saved have too: colours, how pictures look, and what they do."""

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""No inline script or style, nothing from elsewhere, no frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """The files of the page by name, and the hash of them all that stands in their addresses."""

    files: Mapping[str, bytes]
    tag: str

    def page(self) -> bytes:
        """Return the page itself; it names every module, so that they load side by side."""
        modules = "".join(
            f'<link rel="modulepreload" href="/assets/{self.tag}/{name}">\n'
            for name in sorted(self.files)
            if name.endswith(".js")
        )
        text = self.files[_PAGE].decode("utf-8")
        return text.replace("{{tag}}", self.tag).replace("{{modules}}", modules).encode("utf-8")


@cache
def assets() -> Assets:
    """Return the files of the page, read once."""
    files = {
        one.name: one.read_bytes()
        for one in sorted(_FOLDER.iterdir())
        if one.suffix in _MEDIA_TYPES
    } | {name: part(name).encode("utf-8") for name in _SHARED}
    digest = sha256()
    for name, body in files.items():
        digest.update(f"{name}\0{len(body)}\0".encode() + body)
    return Assets(files=files, tag=digest.hexdigest()[:16])


def web_routes() -> APIRouter:
    """Return the routes of the live page; they hold no data, so that they are open to all."""
    routes = APIRouter(tags=["pages"], include_in_schema=False)

    @routes.get("/")
    @open_to_all
    def page(request: Request) -> Response:
        held = assets()
        headers = {
            "Content-Security-Policy": PAGE_POLICY,
            "Cache-Control": "no-cache",
            "ETag": f'"{held.tag}"',
        }
        return _answer(request, held.page(), _PAGE, headers)

    @routes.get("/assets/{tag}/{name}")
    @open_to_all
    def asset(
        tag: Annotated[str, Path(max_length=64)],
        name: Annotated[str, Path(max_length=64)],
        request: Request,
    ) -> Response:
        held = assets()
        body = held.files.get(name)
        if tag != held.tag or body is None or name == _PAGE:
            raise HTTPException(404)
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "ETag": f'"{held.tag}"',
        }
        return _answer(request, body, name, headers)

    return routes


def _answer(request: Request, body: bytes, name: str, headers: dict[str, str]) -> Response:
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    media_type = _MEDIA_TYPES[FilePath(name).suffix]
    return Response(body, media_type=media_type, headers=headers)
