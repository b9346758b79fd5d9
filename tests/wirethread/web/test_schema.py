"""Every address answers as its description says, whatever it is asked."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from starlette.testclient import TestClient

from wirethread.questions import query_sql
from wirethread.web.app import make_app
from wirethread.web.settings import WebSettings

pytestmark = pytest.mark.needs("schemathesis")

IDS = {
    "/article/": "SELECT article_id FROM articles ORDER BY 1 LIMIT 3",
    "/compare/": "SELECT left_article_id FROM passage_verdicts ORDER BY 1 LIMIT 3",
    "/passage/": "SELECT passage_id FROM passages ORDER BY 1 LIMIT 3",
    "/story/": "SELECT thread_id FROM story_threads ORDER BY 1 LIMIT 3",
}
WANTED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


@pytest.fixture(scope="module")
def described(published: Path, hashing_file: Path) -> Any:
    """The description of the site, with ids that the sample has as what may be asked for."""
    import schemathesis

    app = make_app(WebSettings(folder=published, config=hashing_file, allow_corrections=False))
    with TestClient(app, base_url="http://localhost") as client:
        description = client.get("/openapi.json").json()
    for path, operations in description["paths"].items():
        asked = next((sql for begin, sql in IDS.items() if path.startswith(begin)), None)
        if asked is None:
            continue
        ids = [next(iter(row.values())) for row in query_sql(published, asked)]
        for operation in operations.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    parameter["schema"]["enum"] = [*ids, "nothing"]
    body = json.dumps(description).encode()

    async def serve(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http" or scope["path"] != "/openapi.json":
            await app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return schemathesis.openapi.from_asgi("/openapi.json", serve)


@pytest.mark.thorough
# what schemathesis imports with its first case draws a number
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
def test_no_address_fails_or_answers_outside_its_description(described: Any) -> None:
    from schemathesis.checks import CHECKS

    checks = tuple(CHECKS.get_one(name) for name in WANTED)
    n_operations = 0
    for found in described.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            headers = {"host": "localhost", **(case.headers or {})}
            case.call_and_validate(checks=checks, headers=headers)

        ask()
        n_operations += 1
    assert n_operations > 80
