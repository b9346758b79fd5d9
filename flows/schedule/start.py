"""Start a run from a program: quiet Prefect defaults first, then the flow."""

import os
from collections.abc import Sequence
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from wirethread.articles.errors import WirethreadError
from wirethread.flows.pipeline import Journey, run_pipeline
from wirethread.flows.road import Step
from wirethread.flows.runs.results import RunResult
from wirethread.flows.schedule.temporary_server import begin_temporary_server
from wirethread.flows.settings.config import Settings

__all__ = ["run_once", "set_prefect_defaults"]

SERVER_TIMEOUT_SECONDS = 5
PREFECT_DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # A first start on a slow disk takes over the default 20 seconds.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
}


def set_prefect_defaults(*, verbose: bool = False) -> None:
    """Set what Prefect reads when it is imported; what the user has set stays."""
    for name, value in PREFECT_DEFAULTS.items():
        if not (verbose and name == "PREFECT_LOGGING_LEVEL"):
            os.environ.setdefault(name, value)


def run_once(sources: Sequence[str], settings: Settings, *, verbose: bool = False) -> RunResult:
    """Run the pipeline once over `sources` and return what it did.

    What the sources hold is read first; where that leaves nothing to do, Prefect is not started.
    Else the steps are a flow of the Prefect server that is named (`PREFECT_API_URL`, a profile), or
    of a temporary one. Raises `RunInProgressError` where another run holds the data folder, and
    other `WirethreadError`s where the run could not begin or could not be finished.
    """
    require_server(os.environ.get("PREFECT_API_URL"))

    def take_on(journey: Journey, steps: Sequence[Step]) -> None:
        set_prefect_defaults(verbose=verbose)
        wait_for_server = begin_temporary_server()
        from wirethread.flows.tasks import go_as_flow  # noqa: PLC0415 - it reads the environment

        wait_for_server()
        require_server(find_server_address())
        go_as_flow(journey, steps, sources)

    return run_pipeline(list(sources), settings, take_on=take_on)


def find_server_address() -> str | None:
    """Return the address of the server that Prefect reports to, None for one of its own."""
    from prefect.settings import PREFECT_API_URL  # noqa: PLC0415 - slow, and it reads settings

    address = PREFECT_API_URL.value()
    return str(address) if address else None


def require_server(address: str | None) -> None:
    """Raise `WirethreadError` where the Prefect server that is named gives no answer at all."""
    if not address:
        return
    request = Request(f"{address.rstrip('/')}/health")  # noqa: S310 - the user's own server
    try:
        with urlopen(request, timeout=SERVER_TIMEOUT_SECONDS):  # noqa: S310
            pass
    except HTTPError:
        return  # it answers, whatever it thinks of the question
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise WirethreadError(
            f"the Prefect server {address} does not answer ({reason}): start it, or unset"
            " PREFECT_API_URL to run without it"
        ) from None
