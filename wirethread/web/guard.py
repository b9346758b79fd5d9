"""What every request passes before anything is looked up, and what every answer carries.

Plain ASGI, so that a refusal costs nothing: name of the host, who connects, token, where a change
was asked from, size of the body. Answers carry a policy that runs no code but ours.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from wirethread.web.problems import ProblemError
from wirethread.web.settings import WebSettings

__all__ = ["COOKIE", "Guard"]

COOKIE = "wirethread-token"
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN_PATHS = ("/static/", "/sign-in")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: App, settings: WebSettings) -> None:
        self._app = app
        self._settings = settings
        self._hosts = {name.lower() for name in settings.allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _with_headers(send)
        _strip_root(scope, self._settings.root_path)
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        try:
            self._check(scope, headers)
            limited = _limit_body(receive, headers, self._settings.max_body_bytes)
        except ProblemError as problem:
            is_page = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
            if problem.status == 401 and is_page:
                await _lead_to_sign_in(send, self._settings.root_path)
                return
            await _answer(problem, scope, send, self._settings.root_path)
            return
        scope["query_string"] = _drop_empty(scope.get("query_string", b""))
        scope.setdefault("state", {})["person"] = self._name_person(headers)
        await self._app(scope, limited, send)

    def _check(self, scope: Scope, headers: dict[str, str]) -> None:
        host = headers.get("host", "").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name not in self._hosts and host not in self._hosts:
            raise ProblemError(
                421, "this name is not served here: allow it with --allow-host", headers={}
            )
        client = (scope.get("client") or ("",))[0]
        if self._settings.proxy is not None and client != self._settings.proxy:
            raise ProblemError(403, "only the proxy may connect")
        if scope["method"] not in _SAFE:
            _refuse_foreign(host, headers)
        is_open = any(scope["path"].startswith(path) for path in _OPEN_PATHS)
        if self._settings.token is not None and not is_open and not self._has_token(headers):
            raise ProblemError(
                401,
                "sign in at /sign-in, or send the token as a bearer token",
                headers={"www-authenticate": 'Bearer realm="wirethread"'},
            )

    def _has_token(self, headers: dict[str, str]) -> bool:
        wanted = (self._settings.token or "").encode()
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), wanted):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and hmac.compare_digest(cookie.value.encode(), wanted)

    def _name_person(self, headers: dict[str, str]) -> str | None:
        """Return who asks, where the named proxy says so; nobody else is believed."""
        if self._settings.proxy is None:
            return None
        return headers.get(self._settings.user_header.lower(), "").strip()[:200] or None


def _strip_root(scope: Scope, root_path: str) -> None:
    """Take the root path off, for a proxy that passes it on; others take it off themselves."""
    path = scope["path"]
    if root_path and (path == root_path or path.startswith(f"{root_path}/")):
        scope["path"] = path[len(root_path) :] or "/"
        scope["raw_path"] = scope.get("raw_path", b"")[len(root_path) :] or b"/"


def _drop_empty(query: bytes) -> bytes:
    """Leave out parameters without a value: forms send those that nobody filled in."""
    return b"&".join(part for part in query.split(b"&") if part and not part.endswith(b"="))


def _refuse_foreign(host: str, headers: dict[str, str]) -> None:
    """Refuse a change that another site's page asks for.

    Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`; what sends
    neither is no browser and carries no cookie of one.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise ProblemError(403, "a change must be asked for from this page itself")
    origin = headers.get("origin")
    if origin is not None and (origin == "null" or urlsplit(origin).netloc.lower() != host):
        raise ProblemError(403, "a change must be asked for from this page itself")


def _limit_body(receive: Receive, headers: dict[str, str], most: int) -> Receive:
    declared = headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > most:
        raise ProblemError(413, f"a request may have {most} bytes at most")
    n_read = 0

    async def read() -> Message:
        nonlocal n_read
        message = await receive()
        n_read += len(message.get("body", b""))
        if n_read > most:
            raise ProblemError(413, f"a request may have {most} bytes at most")
        return message

    return read


def _with_headers(send: Send) -> Send:
    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [
                *message["headers"],
                *(pair for pair in _HEADERS if pair[0] not in given),
            ]
        await send(message)

    return send_with


async def _lead_to_sign_in(send: Send, root_path: str) -> None:
    headers = [
        (b"location", f"{root_path}/sign-in".encode()),
        (b"content-length", b"0"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _answer(problem: ProblemError, scope: Scope, send: Send, root_path: str) -> None:
    body = json.dumps(asdict(problem.describe(scope["path"], root_path))).encode()
    await send(
        {
            "type": "http.response.start",
            "status": problem.status,
            "headers": [
                (b"content-type", b"application/problem+json"),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                *((k.encode(), v.encode()) for k, v in problem.headers.items()),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
