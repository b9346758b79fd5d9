"""Settings: the file states them all, and a mistake in one is told with file, line and key."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from wirethread.articles.errors import ConfigError
from wirethread.clustering.match_settings import MatchSettings
from wirethread.embedding.lazy import EmbeddingSettings
from wirethread.flows.settings.config import Settings, dump_settings, load_settings
from wirethread.flows.settings.file import write_default_settings

SHIPPED = Path(__file__).resolve().parents[3] / "config.yaml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def read_refusal(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        load_settings(file)
    return str(refusal.value)


def test_config_yaml_equals_defaults() -> None:
    shipped = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    assert shipped == json.loads(json.dumps(dump_settings(Settings())))
    assert load_settings(SHIPPED) == Settings()


def test_config_yaml_names_every_setting_with_a_comment() -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if re.match(r"\s*\w+:", line):
            above = lines[number - 1].strip()
            assert above.startswith("# ") and len(above) > 10, f"line {number + 1}: {line}"


def test_config_yaml_is_as_the_code_writes_it() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == write_default_settings()


def test_a_file_changes_only_what_it_names(file: Path) -> None:
    file.write_text("embedding:\n  model: hashing\nmatching:\n  min_words: 6\n", encoding="utf-8")
    assert load_settings(file) == replace(
        Settings(),
        embedding=EmbeddingSettings(model="hashing"),
        matching=MatchSettings(min_words=6),
    )


def test_an_empty_file_means_the_defaults(file: Path) -> None:
    file.write_text("# nothing is changed here\n", encoding="utf-8")
    assert load_settings(file) == Settings()


def test_config_yaml_in_this_folder_is_read_where_no_file_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    assert load_settings() == Settings()
    file.write_text("data_folder: elsewhere\n", encoding="utf-8")
    assert load_settings().data_folder == "elsewhere"
    assert load_settings(data_folder=Path("here")).data_folder == "here"


def test_an_unknown_setting_is_told_with_its_line(file: Path) -> None:
    text = "data_folder: news\nmatching:\n  min_words: 4\n  min_wrods: 5\n"
    assert read_refusal(file, text) == f"{file}:4: matching.min_wrods: unknown setting"


def test_an_unknown_section_is_told_with_its_line(file: Path) -> None:
    assert read_refusal(file, "\nmatch:\n  min_words: 4\n") == f"{file}:2: match: unknown setting"


def test_a_value_of_the_wrong_type_is_told_with_its_line(file: Path) -> None:
    refusal = read_refusal(file, "stories:\n  window_days: 14\n  threshold: high\n")
    assert refusal.startswith(f"{file}:3: stories.threshold: ")
    assert refusal.endswith("not 'high'")
    refusal = read_refusal(file, "stories: 12\n")
    assert refusal.startswith(f"{file}:1: stories: ")


def test_a_value_that_no_choice_allows_is_told(file: Path) -> None:
    refusal = read_refusal(file, "embedding:\n  precision: float8\n")
    assert refusal.startswith(f"{file}:2: embedding.precision: ")
    assert "'float32'" in refusal
    assert refusal.endswith("not 'float8'")


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("ingest", "articles_per_batch: 0"),
        ("embedding", "texts_per_batch: 0"),
        ("embedding", "rows_per_segment: -1"),
        ("embedding", "rows_per_index: 0"),
        ("embedding", "device: tpu"),
        ("matching", "min_cosine: 1.5"),
        ("matching", "shingle_words: 0"),
        ("matching", "window_days: -1"),
        ("matching", "min_score_edited: 2"),
        ("duplicates", "min_resemblance: 1.5"),
        ("duplicates", "shingle_words: 0"),
        ("stories", "threshold: 1.5"),
        ("stories", "window_days: 0"),
        ("stories", "window_days: .nan"),
        ("stories", "granularity: topic"),
        ("stories", "story_threshold: 7"),
        ("threads", "quiet_after_days: -2"),
        ("storage", "threads: 0"),
        ("storage", "memory_limit_gib: 0.01"),
    ],
)
def test_a_value_out_of_bounds_is_told_with_its_line_and_key(
    file: Path, section: str, line: str
) -> None:
    key, _, value = line.partition(": ")
    refusal = read_refusal(file, f"# mine\n{section}:\n  {line}\n")
    assert re.match(rf"{re.escape(str(file))}:[23]: {section}", refusal), refusal
    assert key in refusal
    assert value.strip("-.") in refusal


def test_every_mistake_is_told_at_once(file: Path) -> None:
    refusal = read_refusal(file, "colour: red\nembedding:\n  modle: hashing\n").splitlines()
    assert sorted(refusal) == [
        f"{file}:1: colour: unknown setting",
        f"{file}:3: embedding.modle: unknown setting",
    ]


def test_a_key_given_twice_is_refused(file: Path) -> None:
    text = "matching:\n  min_words: 4\n  window_days: 3\n  min_words: 5\n"
    assert read_refusal(file, text) == f"{file}:4: min_words: already set in line 2"


@pytest.mark.parametrize(
    ("text", "line"),
    [("matching:\n  min_words: [4\n", 3), ("a: b: c\n", 1), ("data_folder: 'x\n", 2)],
)
def test_what_is_not_yaml_is_told_with_its_line(file: Path, text: str, line: int) -> None:
    assert read_refusal(file, text).startswith(f"{file}:{line}: not valid YAML: ")


@pytest.mark.parametrize("text", ["- one\n- two\n", "just words\n", "12\n"])
def test_what_holds_no_settings_is_refused(file: Path, text: str) -> None:
    assert read_refusal(file, text) == f"{file}:1: expected settings as `name: value` lines"


def test_a_key_that_is_no_word_is_refused_and_not_a_crash(file: Path) -> None:
    assert read_refusal(file, "1: 2\n").startswith(f"{file}:1: 1: ")
    assert read_refusal(file, "[a, b]: 2\n").startswith(f"{file}:1: ")


def test_a_missing_file_that_was_asked_for_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such settings file"):
        load_settings(tmp_path / "other.yaml")


def test_a_folder_or_binary_file_is_told(tmp_path: Path, file: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path)
    file.write_bytes(b"\xff\xfe\x00data")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(file)


def test_a_mistake_in_the_agencies_beside_the_settings_is_told(file: Path) -> None:
    agencies = file.with_name("agencies.yaml")
    agencies.write_text("- name: Fjordpress\n  kind: paper\n", encoding="utf-8")
    said = read_refusal(file, "data_folder: news\n")
    assert said.startswith(f"{agencies}:2: kind: expected one of wire, photo, handout, syndicate")
    agencies.unlink()
    load_settings(file)
