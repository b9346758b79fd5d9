"""One hash over everything the catalog says, the same for the same content in any order."""

import hashlib
from collections.abc import Mapping

from wirethread.storage.catalog import Catalog

CONTENT = {
    "articles": "* EXCLUDE (read_at, run_id, written)",
    "paragraphs": "* EXCLUDE (written)",
    "wire_credits": "* EXCLUDE (written)",
    "article_notes": "*",
    "article_versions": "* EXCLUDE (run_id)",
    "rejected_articles": "* EXCLUDE (rejected_at, run_id)",
    "refused_articles": "* EXCLUDE (refused_at, run_id)",
    "step_versions": "* EXCLUDE (run_id)",
    "step_pending": "*",
    "vector_rows": "* EXCLUDE (segment_id)",
    "passage_verdicts": "* EXCLUDE (run_id, written)",
    "passages": "* EXCLUDE (run_id)",
    "passage_places": "* EXCLUDE (run_id, written)",
    "passage_events": "* EXCLUDE (event, recorded_at, run_id)",
    "paragraph_sources": "* EXCLUDE (run_id, written)",
    "own_paragraphs": "* EXCLUDE (run_id, written)",
    "article_derivation": "* EXCLUDE (run_id, written)",
    "derivation_events": "* EXCLUDE (event, recorded_at, run_id)",
    "article_agency_shares": "* EXCLUDE (run_id, written)",
    "duplicate_clusters": "* EXCLUDE (run_id)",
    "duplicate_cluster_articles": "* EXCLUDE (run_id, written)",
    "links": "* EXCLUDE (run_id, written)",
    "story_clusters": "* EXCLUDE (run_id)",
    "story_cluster_articles": "* EXCLUDE (run_id, written)",
    "story_sources": "* EXCLUDE (run_id, written)",
    "story_threads": "* EXCLUDE (run_id)",
    "story_thread_clusters": "* EXCLUDE (run_id)",
    "story_events": "* EXCLUDE (event, recorded_at, run_id)",
    "story_redirects": "*",
    "agency_notices": "* EXCLUDE (run_id)",
    "notice_ties": "* EXCLUDE (run_id)",
    "outdated_copies": "* EXCLUDE (run_id)",
    "corrections": "* EXCLUDE (said_at, undone_at), undone_at IS NULL AS is_active",
}


SHARED_CONTENT = {**CONTENT, "paragraphs": "* EXCLUDE (written, place)"}
"""Of a shared archive, which keeps the number of the row in the folder too."""


def digest_content(catalog: Catalog, content: Mapping[str, str] = CONTENT) -> str:
    """Return SHA-256 in hexadecimal over the rows of content, without run ids and times of writing."""
    whole = hashlib.sha256()
    for table, columns in content.items():
        part = catalog._database.fetch_value(
            "SELECT coalesce(md5(string_agg(row_hash, '' ORDER BY row_hash)), '') FROM ("
            "SELECT md5(to_json(r)::VARCHAR) AS row_hash"
            f" FROM (SELECT {columns} FROM store.{table}) r)"
        )
        whole.update(f"{table}={part};".encode())
    return whole.hexdigest()
