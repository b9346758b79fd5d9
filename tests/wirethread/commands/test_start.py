"""The command answers at once: what is heavy is imported when it is needed."""

import json
import time

import pytest

from tests.wirethread.calling import call_apart

HEAVY = ["torch", "prefect", "duckdb", "faiss", "sentence_transformers", "pandas", "scipy", "numpy"]
LIST_HEAVY = (
    "import json, sys\n"
    "try:\n"
    "    from wirethread.cli import main\n"
    "    main()\n"
    "except SystemExit as left:\n"
    f"    found = [one for one in {HEAVY!r} if one in sys.modules]\n"
    "    print('\\n' + json.dumps([left.code, found]))\n"
)
COMMANDS = [
    [],
    ["run"],
    ["demo"],
    ["stories"],
    ["story"],
    ["article"],
    ["similar"],
    ["sql"],
    ["config"],
    ["evaluate"],
    ["evaluate", "stories"],
    ["correct"],
    ["correct", "join"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_comes_without_anything_heavy(command: list[str]) -> None:
    answer = call_apart(*command, "--help", python=LIST_HEAVY)
    assert "Usage:" in answer.out
    assert answer.err == ""
    assert json.loads(answer.out.splitlines()[-1]) == [0, []]


def test_help_comes_fast() -> None:
    seconds = []
    for _ in range(3):
        begun = time.monotonic()
        assert call_apart("--help").code == 0
        seconds.append(time.monotonic() - begun)
    assert min(seconds) < 2


def test_settings_are_printed_without_anything_heavy() -> None:
    answer = call_apart("config", python=LIST_HEAVY)
    heavy = json.loads(answer.out.splitlines()[-1])[1] if "[" in answer.out else []
    assert not {"torch", "prefect", "sentence_transformers"} & set(heavy)


@pytest.mark.thorough
@pytest.mark.usefixtures("shown")
def test_a_question_without_vectors_loads_no_model_and_no_prefect() -> None:
    for command in (
        ["stories", "--json"],
        ["stories"],
        ["similar", "girl", "--by", "words"],
        ["article", "mp-quake-1"],
        ["similar", "girl", "--json"],  # this one loads the small model
    ):
        code = (
            "import json, sys\n"
            "from wirethread.cli import main\n"
            "try:\n    main()\nexcept SystemExit:\n    pass\n"
            f"print('\\n' + json.dumps([one for one in {HEAVY!r} if one in sys.modules]))\n"
        )
        answer = call_apart(*command, python=code)
        loaded = set(json.loads(answer.out.splitlines()[-1]))
        assert "duckdb" in loaded
        # duckdb itself looks at pandas where that is installed
        assert not loaded & {"torch", "prefect", "sentence_transformers", "scipy"}
