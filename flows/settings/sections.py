"""Sections of the settings that are the flows' own: reading, logs, alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wirethread.articles.bounds import require_between
from wirethread.articles.reading.outlets import compile_pattern
from wirethread.articles.records.record import check_columns

__all__ = ["AlertSettings", "IngestSettings", "LoggingSettings", "RunnerSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSettings:
    """How articles are taken in."""

    articles_per_batch: int = 500
    """Articles stored in one transaction; at least 1."""
    outlet: str | None = None
    """Outlet of the articles that name none."""
    outlet_from: str | None = None
    """Where the outlet of such articles stands in their file's path: a pattern with `{outlet}`, or
    `folder` for the name of the folder the file lies in."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Which column of a table, or field of a record, is which in files that are named to `run`:
    our name, then theirs, as `title: kop`."""

    def __post_init__(self) -> None:
        check_columns(self.columns)
        if self.outlet_from is not None:
            compile_pattern(self.outlet_from)
        if self.articles_per_batch < 1:
            raise ValueError(
                f"articles_per_batch must be at least 1, not {self.articles_per_batch}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerSettings:
    """Where pages are read, articles parsed, texts embedded, passages matched and links scored."""

    kind: Literal["auto", "here", "processes", "dask"] = "auto"
    """`here` in the run's own process, `processes` of this machine, `dask` on a cluster, or `auto`:
    processes where there are more than two cores and a step has enough to do, else here."""
    workers: int | None = None
    """Processes, or workers of a cluster of Dask that is started for the run; null for as many as
    there are cores."""
    address: str = ""
    """Scheduler of Dask to work on, as `tcp://10.0.0.1:8786`; without one a cluster is started on
    this machine."""

    def __post_init__(self) -> None:
        if self.workers is not None:
            require_between(self, 1, 1024, "workers")
        if self.address and self.kind != "dask":
            raise ValueError("address is a scheduler's, so it needs kind: dask")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingSettings:
    """What runs write into their log."""

    format: Literal["text", "json"] = "text"
    """`text`, a line a step for people, or `json`, an object a line for machines."""
    file: str = ""
    """File to which the log is appended; standard error, where none is named."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important messages that are written."""
    metrics_file: str = ""
    """File that each run writes at its end with figures for Prometheus (its node exporter reads
    files named `*.prom`); none, where none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """What is told to a webhook, a command or by apprise, and when; nothing unless one is named."""

    webhook: str = ""
    """Address that gets each alert as JSON by POST; `${NAME}` in it stands for a variable of the
    environment."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers for the webhook, as `Authorization: Bearer ${NAME}`; secrets stay in the
    environment."""
    command: tuple[str, ...] = ()
    """Program and arguments that get each alert as JSON on standard input; no shell."""
    apprise: tuple[str, ...] = ()
    """Addresses of apprise (mail, Slack, Teams and others) that get the words of each alert, as
    `mailto://user:${PASSWORD}@example.org`; secrets stay in the environment."""
    story_articles: int | None = None
    """Tell when a story cluster reaches this many articles; at least 2."""
    story_independent_sources: int | None = None
    """Tell when a story cluster reaches this many independent sources; at least 2."""
    credited_passage: bool = False
    """Tell when copy of an agency appears, once for the article that it comes from."""
    agencies: tuple[str, ...] = ()
    """Only copy of these agencies; all, where none is named."""
    outdated_outlets: tuple[str, ...] = ()
    """Tell when one of these outlets runs words that an agency corrected, updated or withdrew, once
    for each article and change."""
    uncredited_from: tuple[str, ...] = ()
    """Tell when another outlet runs copy of one of these outlets and credits it not, once an
    article of that outlet."""
    timeout_seconds: float = 10.0
    """An attempt that takes longer is given up; 0.1 to 120."""
    seconds_per_run: float = 60.0
    """A run sends no more after this time, and the next run goes on; 1 to 3600."""

    def __post_init__(self) -> None:
        for name in ("story_articles", "story_independent_sources"):
            if getattr(self, name) is not None:
                require_between(self, 2, float("inf"), name)
        require_between(self, 0.1, 120, "timeout_seconds")
        require_between(self, 1, 3600, "seconds_per_run")
        if self.webhook and not self.webhook.startswith(("http://", "https://", "${")):
            raise ValueError("webhook must be an address that begins with http:// or https://")
        if self.command and not self.command[0]:
            raise ValueError("command must begin with the name of a program")
        if any("://" not in address and "${" not in address for address in self.apprise):
            raise ValueError("apprise must be addresses such as mailto://user:${NAME}@example.org")
        if self.has_rules and not self.channels:
            raise ValueError("alerts need a webhook, a command or an address of apprise to go to")
        if self.channels and not self.has_rules:
            raise ValueError(
                "alerts need an occasion: story_articles, story_independent_sources,"
                " credited_passage, outdated_outlets or uncredited_from"
            )

    @property
    def has_rules(self) -> bool:
        """Whether there is an occasion for alerts."""
        sizes = (self.story_articles, self.story_independent_sources)
        outlets = self.outdated_outlets or self.uncredited_from
        return self.credited_passage or bool(outlets) or any(size is not None for size in sizes)

    @property
    def channels(self) -> tuple[str, ...]:
        """Where alerts go."""
        named = {"webhook": self.webhook, "command": self.command, "apprise": self.apprise}
        return tuple(name for name, value in named.items() if value)
