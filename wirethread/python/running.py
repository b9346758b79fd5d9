"""`wirethread.run`: take in files or records, find their copy and their stories, publish."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from wirethread.articles.errors import ConfigError
from wirethread.flows.pipeline import run_pipeline
from wirethread.flows.runs.results import RunResult
from wirethread.flows.settings.config import Settings, load_settings
from wirethread.python.records import Records, is_frame, list_given, write_records

__all__ = ["run"]


def run(
    sources: "str | PathLike[str] | Mapping[str, Any] | Records" = (),
    *,
    data: str | Path | None = None,
    config: "str | Path | Settings | None" = None,
    outlet: str | None = None,
    wait_seconds: float = 1.0,
) -> RunResult:
    """Run the pipeline once, in this process, and return what it did; `wirethread.open` asks it.

    `sources` are what `wirethread run` takes (files, folders, patterns, addresses, names of
    sources), one or a list; or articles: a dict, a list of dicts with the field names that files
    may have, or a frame of pandas, polars or arrow with a row an article. Without any, the sources
    of the settings are read. `data` is the data folder and `config` the settings file, or settings;
    `outlet` is that of articles that name none. Prefect takes no part.

    Raises `ConfigError`, `SourceError` or `StorageError` where the run cannot begin, and
    `RunInProgressError` where another one holds the folder for longer than `wait_seconds`.
    """
    settings = _find_settings(config, data, outlet)
    if isinstance(sources, str | PathLike):
        return run_pipeline([fspath(sources)], settings, wait_seconds=wait_seconds)
    given = [sources] if isinstance(sources, Mapping) else sources
    listed = list_given(given)
    if not is_frame(given) and all(isinstance(one, str | PathLike) for one in listed):
        return run_pipeline([fspath(one) for one in listed], settings, wait_seconds=wait_seconds)
    if not listed:
        raise ConfigError("there is nothing to take in: the frame has no rows")
    return _run_records(listed, settings, wait_seconds)


def _run_records(records: Iterable[Any], settings: Settings, wait_seconds: float) -> RunResult:
    """Take in records by way of a file, so that they are read and refused as those of a file.

    What is stored of where they stood is `records:2`: the file is gone when the run ends.
    """
    with TemporaryDirectory(prefix="wirethread-") as folder:
        path = Path(folder) / "records.jsonl"
        write_records(records, path)
        held = {"records": str(path)}
        return run_pipeline((), settings, wait_seconds=wait_seconds, held=held)


def _find_settings(
    config: "str | Path | Settings | None", data: str | Path | None, outlet: str | None
) -> Settings:
    if isinstance(config, Settings):
        settings = config
    else:
        settings = load_settings(None if config is None else Path(config))
    if data is not None:
        settings = replace(settings, data_folder=str(data))
    if outlet is not None:
        settings = replace(settings, ingest=replace(settings.ingest, outlet=outlet))
    return settings
