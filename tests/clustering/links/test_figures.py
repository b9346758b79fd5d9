"""Figures of a text."""

from wirethread.clustering.links.figures import find_figures


def test_figures_are_found_without_years_and_single_digits() -> None:
    assert find_figures("5 hurt in 2019", "At 10:30 some 1,200 of 45 left") == {
        "10:30",
        "1,200",
        "45",
    }
