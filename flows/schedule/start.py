"""Start a run from a program: quiet Prefect defaults first, then the flow."""

import os
from collections.abc import Sequence

from wirethread.flows.intake.choose import choose_sources
from wirethread.flows.runs.results import RunResult
from wirethread.flows.schedule.temporary_server import begin_temporary_server
from wirethread.flows.settings.config import Settings

__all__ = ["run_once", "set_prefect_defaults"]

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

    Works without a Prefect server (a temporary one is started), and reports to the one that
    `PREFECT_API_URL` names. Raises `RunInProgressError` where another run holds the data folder,
    and other `WirethreadError`s where the run could not be finished.
    """
    choose_sources(sources, settings)  # a mistake is told before Prefect starts
    set_prefect_defaults(verbose=verbose)
    wait_for_server = begin_temporary_server()
    from wirethread.flows.pipeline import run_pipeline  # noqa: PLC0415 - Prefect reads its settings on import

    wait_for_server()
    return run_pipeline(list(sources), settings)
