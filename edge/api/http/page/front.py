"""The page before anybody has opened it: knows which requests are for it, and makes it with the first of them."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aiohttp import web

    from edge.api.http.handling import MakeHandler
    from edge.api.http.page.shell import Shell

PREFIX: Final = "/page/"
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""What keeps browsers from doing anything with the page but show it."""


class Front:
    """Stands for the page; what it is made of takes a while to import, so that it is made when it is wanted."""

    def __init__(self, make: "Callable[[MakeHandler], Shell]") -> None:
        """`make` runs in a thread, once."""
        self._make = make
        self._making = asyncio.Lock()
        self._shell: Shell | None = None

    def claims(self, request: "web.Request") -> bool:
        """Whether it is for the page: `/` is, where a browser asks; programs are told there that a server is there."""
        if request.path == "/":
            return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", "")
        return request.path.startswith(PREFIX)

    async def answer(self, request: "web.Request", handler: "MakeHandler") -> "web.StreamResponse":
        """The answer to one that is for the page; `handler` makes what answers a route."""
        if self._shell is None:
            async with self._making:
                if self._shell is None:
                    self._shell = await asyncio.to_thread(self._make, handler)
        return await self._shell.answer(request)

    def close(self) -> None:
        """Say goodbye to all who watch."""
        if self._shell is not None:
            self._shell.close()
