"""Every setting in one place: the packages' own dataclasses joined, and read from `config.yaml`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError
from yaml.nodes import MappingNode, Node, SequenceNode

from wirethread.articles.credits.agencies import load_agencies
from wirethread.articles.credits.notices import check_own_notices
from wirethread.articles.credits.own_lists import (
    AGENCIES,
    NOTICES,
    find_own_list,
    use_lists_of,
)
from wirethread.articles.errors import ConfigError
from wirethread.clustering.match_settings import MatchSettings
from wirethread.clustering.passages.duplicates import DuplicateSettings
from wirethread.clustering.settings import StorySettings, ThreadSettings
from wirethread.clustering.tie_settings import OutdatedSettings
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows.settings.due import ScheduleSettings
from wirethread.flows.settings.sections import (
    AlertSettings,
    IngestSettings,
    LoggingSettings,
    RunnerSettings,
)
from wirethread.sources.settings import FetchSettings, SourceSettings
from wirethread.storage.engine.database import StorageSettings
from wirethread.storage.engine.free_query import SqlSettings

__all__ = ["Settings", "dump_settings", "load_settings"]

DEFAULT_FILE = Path("config.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set; `config.yaml` states each with its default and effect."""

    data_folder: str = "wirethread-data"
    """Where catalog, vectors and the published snapshot are kept."""
    sources: tuple[SourceSettings, ...] = ()
    """What `wirethread run` takes in: each a `name` and one `feed`, `url`, `urls`, `list`,
    `folder` or `file`, and where needed `outlet`, `text` or `columns`."""
    fetching: FetchSettings = field(default_factory=FetchSettings)
    ingest: IngestSettings = field(default_factory=IngestSettings)
    embedding: EmbeddingSettings = field(default_factory=EmbeddingSettings)
    matching: MatchSettings = field(default_factory=MatchSettings)
    duplicates: DuplicateSettings = field(default_factory=DuplicateSettings)
    stories: StorySettings = field(default_factory=StorySettings)
    threads: ThreadSettings = field(default_factory=ThreadSettings)
    outdated: OutdatedSettings = field(default_factory=OutdatedSettings)
    runner: RunnerSettings = field(default_factory=RunnerSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    sql: SqlSettings = field(default_factory=SqlSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    logging: LoggingSettings = field(default_factory=LoggingSettings)


def build_adapter() -> TypeAdapter[Settings]:
    """Return what checks settings: a name that no dataclass has is refused, not ignored."""
    sections = [one.default_factory for one in fields(Settings)]
    for section in [Settings, SourceSettings, *sections]:
        if isinstance(section, type):
            section.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[union-attr]
    return TypeAdapter(Settings)


ADAPTER = build_adapter()


def load_settings(path: Path | None = None, *, data_folder: Path | None = None) -> Settings:
    """Read settings from `path`, else from `config.yaml` here if there is one, else the defaults.

    A file names only what it changes. Agencies and notices of one's own are read from the files
    `agencies.yaml` and `notices.yaml` beside it. Raises `ConfigError` naming file, line and key
    where a key is unknown or a value does not fit.
    """
    read_own_tables((path or DEFAULT_FILE).parent)
    if path is None:
        settings = read_settings(DEFAULT_FILE) if DEFAULT_FILE.is_file() else Settings()
    else:
        settings = read_settings(path)
    return settings if data_folder is None else replace(settings, data_folder=str(data_folder))


def read_own_tables(folder: Path) -> None:
    """Use the agencies and notices that lie beside the settings, once they are checked."""
    use_lists_of(folder)
    if find_own_list(AGENCIES) is not None:
        load_agencies()
    if find_own_list(NOTICES) is not None:
        check_own_notices()


def read_settings(path: Path) -> Settings:
    """Read and check one settings file; relative folders in it are relative to the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such settings file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from error
    if values is None:
        return Settings()
    if not isinstance(values, dict):
        raise ConfigError(f"{path}:1: expected settings as `name: value` lines")
    refuse_repeated_keys(path, root)
    try:
        settings = ADAPTER.validate_python(values)
    except ValidationError as error:
        raise ConfigError(describe_errors(path, root, error)) from None
    return replace(settings, sources=place_sources(path, root, settings.sources))


def place_sources(
    path: Path, root: Node | None, sources: Sequence[SourceSettings]
) -> tuple[SourceSettings, ...]:
    """Return the sources with their paths relative to the file; refuse a name given twice."""
    placed: dict[str, SourceSettings] = {}
    for number, source in enumerate(sources):
        if source.name in placed:
            line = find_line(root, ("sources", number, "name"))
            raise ConfigError(f"{path}:{line}: sources: the name {source.name} is given twice")
        paths: dict[str, Any] = {
            key: str(path.parent / Path(value).expanduser())
            for key in ("folder", "file", "list")
            if (value := getattr(source, key))
        }
        placed[source.name] = replace(source, **paths)
    return tuple(placed.values())


def describe_errors(path: Path, root: Node | None, error: ValidationError) -> str:
    """Say what is wrong with each setting, one line each, with the line of the file."""
    return "\n".join(
        f"{path}:{find_line(root, problem['loc'])}: "
        f"{'.'.join(map(str, problem['loc']))}: {describe_problem(problem)}"
        for problem in error.errors()
    )


def describe_problem(problem: Any) -> str:
    if problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return "unknown setting"
    words = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "value_error" and not isinstance(problem["input"], str | int | float):
        return words  # it names the value; the whole section would only hide it
    return f"{words}, not {problem['input']!r}"


def find_line(node: Node | None, keys: Sequence[str | int]) -> int:
    """Return the 1-based line of the deepest key of `keys` that the YAML tree holds."""
    line = 1
    for key in keys:
        step = None
        if isinstance(node, MappingNode):
            step = next((pair for pair in node.value if pair[0].value == str(key)), None)
            if step is not None:
                line, node = step[0].start_mark.line + 1, step[1]
        elif isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.value):
            step = node = node.value[key]
            line = node.start_mark.line + 1
        if step is None:
            break
    return line


def refuse_repeated_keys(path: Path, node: Node | None) -> None:
    """YAML lets the last of two equal keys win in silence; a settings file should not."""
    if not isinstance(node, MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.value in seen:
            raise ConfigError(f"{path}:{line}: {key.value}: already set in line {seen[key.value]}")
        seen[key.value] = line
        refuse_repeated_keys(path, value)


def dump_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings as plain nested values, for `runs` and for `wirethread config`."""
    return asdict(settings)
