"""Words that one publisher repeats day after day: sign-up lines, legal text, running background."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wirethread.clustering.outlets import list_owners
from wirethread.clustering.paragraphs.shingles import hash_shingles_at
from wirethread.clustering.paragraphs.table import ParagraphTable

__all__ = ["drop_repeated_words", "find_repeated_words"]

_RUN_WORDS = 8
"""Length of the runs of words that are counted: long enough that no name or phrase is meant."""


def find_repeated_words(
    table: ParagraphTable,
    publishers: npt.NDArray[np.int64],
    *,
    min_days: int,
    window_days: float,
) -> npt.NDArray[np.bool_]:
    """Words that their publisher ran on `min_days` days or more of `window_days`; bool[words].

    Days and not articles are counted, because several versions of one article carry the same words
    on one day. An article without a time counts as a day of its own. What agencies
    repeat is exempt: their clients carry it, and that is copying.
    """
    repeated = np.zeros(len(table.word_ids), dtype=bool)
    begins, hashes = hash_shingles_at(table.word_hashes[table.word_ids], table.starts, _RUN_WORDS)
    if not len(begins):
        return repeated
    articles = table.article_of[np.searchsorted(table.starts, begins, side="right") - 1]
    exempt = np.array([article.agency is not None for article in table.articles])[articles]
    begins, hashes, articles = begins[~exempt], hashes[~exempt], articles[~exempt]
    owner = list_owners(publishers)
    days = np.where(np.isnan(table.days), -1.0 - np.arange(len(table.days)), table.days)
    day = np.floor(days[articles]).astype(np.int64)
    keys = np.stack([hashes.view(np.int64), owner[articles], day], axis=1)
    order = np.lexsort(keys.T[::-1])
    ordered = keys[order]
    new_run = np.ones(len(ordered), dtype=bool)
    new_run[1:] = (ordered[1:, :2] != ordered[:-1, :2]).any(axis=1)
    new_day = new_run.copy()
    new_day[1:] |= ordered[1:, 2] != ordered[:-1, 2]
    # One entry per run and day; a run is repeated where `min_days` entries lie within the window.
    run, entry = (np.cumsum(new_run) - 1)[new_day], np.cumsum(new_day) - 1
    on_day = ordered[new_day, 2]
    often = np.zeros(len(run), dtype=bool)
    reach = min_days - 1
    if len(run) > reach:
        close = run[: len(run) - reach] == run[reach:]
        close &= on_day[reach:] - on_day[: len(run) - reach] <= window_days
        for offset in range(min_days):
            often[offset : offset + len(close)] |= close
    in_order = np.empty(len(order), dtype=bool)
    in_order[order] = often[entry]
    for offset in range(_RUN_WORDS):
        repeated[begins[in_order] + offset] = True
    return repeated


def drop_repeated_words(table: ParagraphTable, repeated: npt.NDArray[np.bool_]) -> ParagraphTable:
    """The table without the words `repeated`, bool[words]; paragraphs and their offsets stay."""
    kept = ~repeated
    counts = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    return replace(
        table,
        starts=counts[table.starts],
        word_ids=table.word_ids[kept],
        word_begins=table.word_begins[kept],
        word_ends=table.word_ends[kept],
    )
