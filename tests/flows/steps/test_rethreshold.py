from pathlib import Path

from tests.flows.driving import (
    fetch,
    hashing_settings,
    run_plainly,
    sample_rows,
    write_lines,
)
from wirethread.clustering.match_settings import MatchSettings

COLUMNS = "left_article_id, right_article_id, left_begin, right_begin, score, is_match, run_id"


def test_a_moved_threshold_touches_only_the_verdicts_that_change(tmp_path: Path) -> None:
    news = write_lines(tmp_path / "news.jsonl", sample_rows())
    folder = tmp_path / "data"
    run_plainly([news], hashing_settings(folder))
    before = {
        row[:4]: row[4:] for row in fetch(folder, f"SELECT {COLUMNS} FROM store.passage_verdicts")
    }
    cut = max(score for score, is_match, _ in before.values() if is_match)
    strict = MatchSettings(min_score_edited=cut, min_score_verbatim=cut, min_score_paraphrase=cut)
    second = run_plainly([news], hashing_settings(folder, matching=strict))
    after = {
        row[:4]: row[4:] for row in fetch(folder, f"SELECT {COLUMNS} FROM store.passage_verdicts")
    }
    assert after.keys() == before.keys()
    assert all(after[place][0] == before[place][0] for place in before)
    flipped = {place for place in before if after[place][1] != before[place][1]}
    touched = {place for place in before if after[place][2] != before[place][2]}
    expected = {place for place, (score, is_match, _) in before.items() if is_match} - {
        place for place, (score, _, _) in before.items() if score >= cut
    }
    assert 0 < len(flipped) < len(before)
    assert flipped == touched == expected
    assert {after[place][2] for place in touched} == {second.run_id}
