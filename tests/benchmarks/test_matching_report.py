"""Tables of growth, and news grown beyond a corpus."""

from benchmarks.clustering.matching_report import format_matching
from benchmarks.made.grown_news import change_facts


def row(n: int, seconds: float, found: int) -> dict[str, object]:
    return {
        "n": n,
        "n_found": found,
        "peak_mib": 100.0 + n / 10,
        "seconds": {"links": seconds, "clusters": 1.0},
        "cpu_seconds": {"links": seconds, "clusters": 1.0},
        "total_seconds": seconds + 1.0,
        "total_cpu_seconds": seconds + 1.0,
    }


RESULT = {
    "measured_at": "2031-01-02",
    "machine": {
        "cores": 2,
        "processor": "Slow One",
        "memory_gib": 4,
        "system": "Linux",
        "python": "3.11",
    },
    "versions": {"numpy": "2.0"},
    "load": {"articles": [1.0, 2.0]},
    "articles": {
        "name": "wirethread",
        "rows": [row(1000, 9.0, 700), row(10_000, 99.0, 6000)],
        "exponent": 1.0,
        "memory_exponent": 0.5,
    },
    "topics": [
        {"name": "wirethread", "rows": [row(1000, 9.0, 700)]},
        {"name": "Other", "rows": [row(1000, 29.0, 650)]},
        {"name": "Broken", "rows": [], "failed": "out of memory"},
    ],
}


def test_growth_is_told_with_its_exponents() -> None:
    text = format_matching(RESULT)
    assert "| 10,000 | 100.0 | 100.0 | 99.0 | 1.0 | 1,100 | 6,000 |" in text
    assert "Fitted exponents: CPU seconds 1.00, peak memory 0.50." in text
    assert "plots/matching_articles.svg" in text
    assert "plots/matching_near.svg" not in text


def test_a_peer_is_told_as_a_ratio_and_a_failed_one_with_its_reason() -> None:
    text = format_matching(RESULT)
    assert "Other takes 3.00 times our CPU seconds at 1,000" in text
    assert "| Broken | out of memory |" in text


def test_a_copy_of_an_article_has_other_facts_and_the_same_form() -> None:
    text = "In Talmora on May 12, officials of Verrick said 340 houses fell. Talmora wept."
    changed = change_facts(text, 1)
    assert changed == change_facts(text, 1)
    assert changed != change_facts(text, 2)
    assert "340" not in changed
    assert "Verrick" not in changed
    assert len(changed) == len(text)
    assert changed.startswith("In T")
    words = changed.replace(",", "").replace(".", "").split()
    assert words[4].isdigit()
