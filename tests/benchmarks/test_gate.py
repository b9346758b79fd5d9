"""The gate itself: what it lets through, and that a floor is never lowered in silence."""

import json
from pathlib import Path

import pytest

from benchmarks.fitting import fit_exponent
from benchmarks.gate import floors as gate
from benchmarks.gate.floors import AT_LEAST, AT_MOST, Floor, Floors, check, find_lowered, repin


def floor(limit: float, sense: str = AT_LEAST, epsilon: float = 0.005) -> Floor:
    return Floor(limit=limit, sense=sense, epsilon=epsilon)


def make_floors(lowered: dict[str, str] | None = None, **limits: Floor) -> Floors:
    return Floors(floors=limits, corpora={"sample": "abc"}, lowered=lowered or {})


def test_a_measure_at_its_floor_or_a_hair_below_passes() -> None:
    floors = make_floors(f1=floor(0.9))
    for value in (0.95, 0.9, 0.896):
        assert check(floors, {"f1": value}, {"sample": "abc"}, complete=True) == []


def test_a_measure_below_its_floor_is_named_with_both_values() -> None:
    wrong = check(make_floors(f1=floor(0.9)), {"f1": 0.88}, {}, complete=True)
    assert wrong == ["f1 is 0.88, must be at least 0.9 (give or take 0.005)"]


def test_what_must_stay_small_fails_when_it_grows() -> None:
    floors = make_floors(growth=floor(1.1, AT_MOST, 0.1))
    assert check(floors, {"growth": 1.19}, {}, complete=True) == []
    assert check(floors, {"growth": 1.4}, {}, complete=True) == [
        "growth is 1.4, must be at most 1.1 (give or take 0.1)"
    ]


def test_a_changed_corpus_is_noticed() -> None:
    wrong = check(make_floors(), {}, {"sample": "other"}, complete=True)
    assert wrong == [
        "sample is not the file that was pinned (its hash is other): measure anew with --repin"
    ]


def test_a_new_measure_needs_a_floor_and_a_floor_its_measure() -> None:
    floors = make_floors(f1=floor(0.9))
    assert check(floors, {"recall": 0.5}, {}, complete=True) == [
        "recall is 0.5 and has no floor: pin it with --repin",
        "f1 has a floor and was not measured",
    ]
    assert check(floors, {}, {}, complete=False) == []


def test_repin_raises_a_floor() -> None:
    floors = make_floors(f1=floor(0.9), growth=floor(1.2, AT_MOST))
    raised, refused = repin(floors, {"f1": 0.93, "growth": 1.05}, {})
    assert (raised.floors["f1"].limit, raised.floors["growth"].limit) == (0.93, 1.05)
    assert refused == []


def test_no_limit_asks_for_less_than_linear_growth() -> None:
    floors = make_floors(**{"links_exponent": floor(1.2, AT_MOST, 0.3)})
    raised, _ = repin(floors, {"links_exponent": 0.77, "threads_exponent": 0.8}, {})
    assert raised.floors["links_exponent"].limit == 1
    assert raised.floors["threads_exponent"].limit == 1


def test_repin_refuses_to_lower_a_floor_but_still_pins_the_corpus() -> None:
    raised, refused = repin(make_floors(f1=floor(0.9)), {"f1": 0.7}, {"sample": "new"})
    assert raised.floors["f1"].limit == 0.9
    assert raised.corpora == {"sample": "new"}
    assert refused == ["f1 is 0.7: its floor stays at 0.9"]


def test_repin_gives_a_new_measure_its_floor() -> None:
    raised, _ = repin(
        make_floors(),
        {"quality.f1": 0.8, "ratio.links_exponent": 1.02, "quality.near_misses_reported": 0.0},
        {},
    )
    assert raised.floors == {
        "quality.f1": floor(0.8),
        "ratio.links_exponent": floor(1.02, AT_MOST, 0.3),
        "quality.near_misses_reported": floor(0.0, AT_MOST, 0.5),
    }


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"f1": floor(0.9)}, []),
        ({"f1": floor(0.95)}, []),
        ({"f1": floor(0.8)}, ["the floor of f1 was 0.9 and is 0.8, and `lowered` gives no reason"]),
        (
            {"f1": floor(0.9, epsilon=0.2)},
            ["the floor of f1 was 0.9 and is 0.9, and `lowered` gives no reason"],
        ),
        ({}, ["the floor of f1 was taken away, and `lowered` gives no reason"]),
    ],
)
def test_a_floor_that_is_looser_than_it_was_fails(now: dict[str, Floor], told: list[str]) -> None:
    assert find_lowered(make_floors(**now), [make_floors(f1=floor(0.9))]) == told


def test_a_floor_may_be_lowered_with_a_reason() -> None:
    before = [make_floors(f1=floor(0.9))]
    now = make_floors({"f1": "labels were corrected"}, f1=floor(0.8))
    assert find_lowered(now, before) == []
    assert find_lowered(make_floors({"f1": "  "}, f1=floor(0.8)), before) != []


def test_floors_survive_being_written_and_read() -> None:
    floors = make_floors({"f1": "why"}, f1=floor(0.9), growth=floor(1.1, AT_MOST))
    assert Floors.from_json(floors.to_json()) == floors


def test_a_floor_without_a_sense_is_refused() -> None:
    text = '{"corpora": {}, "floors": {"f1": {"limit": 1, "sense": "about", "epsilon": 0}}}'
    with pytest.raises(ValueError, match="f1: sense is 'about', not a sense"):
        Floors.from_json(text)


def test_the_gate_fails_below_a_floor_and_passes_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "floors.json"
    path.write_text(make_floors(f1=floor(0.9)).to_json(), encoding="utf-8")
    found = {"f1": 0.95}
    monkeypatch.setattr(gate, "measure", lambda *_, **__: (found, {"sample": "abc"}, []))
    assert gate.main(["--floors", str(path)]) == 0
    found["f1"] = 0.5
    assert gate.main(["--floors", str(path)]) == 1
    assert "f1 is 0.5, must be at least 0.9" in capsys.readouterr().err
    assert gate.main(["--floors", str(path), "--repin"]) == 1
    assert json.loads(path.read_text(encoding="utf-8"))["floors"]["f1"]["limit"] == 0.9


def test_the_committed_floors_were_not_lowered_without_a_reason() -> None:
    floors = Floors.from_json(gate.FLOORS.read_text(encoding="utf-8"))
    assert find_lowered(floors, gate.read_earlier(gate.FLOORS)) == []
    assert {name.split(".")[0] for name in floors.floors} == {"quality", "ratio"}


def test_an_exponent_is_the_slope_over_logarithms() -> None:
    assert fit_exponent([1, 10, 100], [3, 30, 300]) == pytest.approx(1.0)
    assert fit_exponent([10, 20, 40], [1, 4, 16]) == pytest.approx(2.0)
    with pytest.raises(ValueError, match="two sizes"):
        fit_exponent([5], [1])
