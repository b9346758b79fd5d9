"""Agencies and forms of notices of one's own, in the folder of the settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.articles.making import PROSE, credits_of, parse
from wirethread.articles.credits.agencies import find_agency, load_agencies
from wirethread.articles.credits.notices import check_own_notices, find_notices
from wirethread.articles.credits.own_lists import use_lists_of
from wirethread.articles.errors import ConfigError
from wirethread.articles.types.changes import NoticeKind


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    use_lists_of(tmp_path / "nowhere")


def use(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    use_lists_of(folder)


def test_an_agency_of_ones_own_is_credited(folder: Path) -> None:
    use(
        folder,
        "agencies.yaml",
        "- {name: Fjordpress, kind: wire, spellings: [Fjordpress, Fjord Presse], domains: [fjord.example]}\n"
        "- {name: Reuters, spellings: [Rtr-Nord]}\n",
    )
    found = credits_of(parse(f"BERGEN, May 3 (Fjord Presse) - {PROSE}"))
    assert [(agency, role) for agency, role, *_ in found] == [("Fjordpress", "source")]
    assert find_agency("https://www.fjord.example/1") == "Fjordpress"
    assert find_agency("Rtr-Nord") == "Reuters"
    assert find_agency("ロイター") == "Reuters"
    use_lists_of(folder / "elsewhere")
    assert find_agency("Fjordpress") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {name: X-Press, kind: paper, spellings: [X-Press]}", "1: kind: expected one of wire, "),
        ("- {name: X-Press, spellings: [X-Press]}", "1: kind: missing; X-Press is no known agency"),
        ("\n- name: X-Press\n  kind: wire\n  speling: [Xp]", "4: speling: unknown key"),
        ("- name: X-Press\n  kind: wire\n  spellings: Xp", "3: spellings: expected a list"),
        ("- {name: X-Press, kind: wire, spellings: [AFPTV]}", "1: spellings: 'AFPTV' belongs to AFP"),
        ("name: X-Press", "1: expected a list of entries"),
        ("- {name: X", "2: not valid YAML"),
        ("- kind: wire", "1: name: missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_line_and_key(folder: Path, text: str, words: str) -> None:
    use(folder, "agencies.yaml", text + "\n")
    with pytest.raises(ConfigError) as refusal:
        load_agencies()
    assert f"agencies.yaml:{words}" in str(refusal.value)


def test_a_form_of_notice_of_ones_own_is_known(folder: Path) -> None:
    use(
        folder,
        "notices.yaml",
        '- where: prefix\n  language: nb\n  correction: ["RETTELSE"]\n'
        '- where: line\n  language: nb\n  kill: ["sletter saken"]\n',
    )
    parsed = parse(f"Sletter saken om fyret.\n\n{PROSE}")
    kinds = [notice.kind for notice in find_notices("RETTELSE: Fyret", parsed.paragraphs)]
    assert kinds == [NoticeKind.KILL, NoticeKind.CORRECTION]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- where: top\n  language: nb", "1: where: expected prefix or line, not 'top'"),
        ('- where: line\n  language: nb\n  kill: ["(a"]', "3: kill: '(a' is no pattern"),
        ("- where: line", "1: language: missing"),
        ("- {where: line, language: nb, exact: maybe}", "1: exact: expected true or false"),
    ],
)
def test_a_mistaken_form_is_told_with_line_and_key(folder: Path, text: str, words: str) -> None:
    use(folder, "notices.yaml", text + "\n")
    with pytest.raises(ConfigError) as refusal:
        check_own_notices()
    assert f"notices.yaml:{words}" in str(refusal.value)
