"""What the catalog holds, by subject: the functions of its tables, given the open database."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, TypeVar

from wirethread.storage.engine.database import Database
from wirethread.storage.tables import alerts as alert_tables
from wirethread.storage.tables import articles as article_tables
from wirethread.storage.tables import corrections as correction_tables
from wirethread.storage.tables import notices as notice_tables
from wirethread.storage.tables import passages as passage_tables
from wirethread.storage.tables import runs as run_tables
from wirethread.storage.tables import segments as segment_tables
from wirethread.storage.tables import sources as source_tables
from wirethread.storage.tables import stories as story_tables
from wirethread.storage.tables import surroundings as surroundings_tables
from wirethread.storage.tables import versions as version_tables
from wirethread.storage.tables.intake import parcels as parcel_tables
from wirethread.storage.tables.runs import change_content

__all__ = [
    "Alerts",
    "Articles",
    "Copy",
    "Corrections",
    "Notices",
    "Parcels",
    "Runs",
    "Sources",
    "Stories",
    "Surroundings",
    "Vectors",
    "Versions",
]

P = ParamSpec("P")
R = TypeVar("R")


class Subject:
    """One subject of a catalog: functions of the tables, on the connection that is open now."""

    def __init__(self, open_database: Callable[[], Database]) -> None:
        self._open_database = open_database


class Asking(Generic[P, R]):
    """A function of the tables as a method of its subject, which gives it the database."""

    def __init__(self, function: Callable[Concatenate[Database, P], R]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __get__(self, subject: Subject, owner: type[Subject]) -> Callable[P, R]:
        """Return the method, which asks for the database when it is called."""

        @wraps(self._function)
        def ask(*args: P.args, **kwargs: P.kwargs) -> R:
            database = subject._open_database()
            return self._do(database, lambda: self._function(database, *args, **kwargs))

        return ask

    def _do(self, database: Database, work: Callable[[], R]) -> R:
        return work()


class Noting(Asking[P, R]):
    """A function that writes what is no content, as a method: one transaction."""

    def _do(self, database: Database, work: Callable[[], R]) -> R:
        with database.transaction():
            return work()


class Changing(Asking[P, int]):
    """A function that changes content, as a method: one transaction, counted as one change.

    The function returns how many rows it touched; where it touched any, the
    change number of the catalog grows.
    """

    def _do(self, database: Database, work: Callable[[], int]) -> int:
        return change_content(database, work)


class Alerts(Subject):
    """What is told to the user, once."""

    add_alerts = Asking(alert_tables.add_alerts)
    find_credited_copy = Asking(alert_tables.find_credited_copy)
    find_outdated_in = Asking(alert_tables.find_outdated_in)
    find_uncredited_copy = Asking(alert_tables.find_uncredited_copy)
    find_grown_stories = Asking(alert_tables.find_grown_stories)
    list_unsent = Asking(alert_tables.list_unsent)
    mark_failed = Asking(alert_tables.mark_failed)
    mark_sent = Asking(alert_tables.mark_sent)


class Articles(Subject):
    """Articles with their paragraphs and credits, and what was set aside."""

    add_articles = Changing(article_tables.add_articles)
    find_article_times = Asking(article_tables.find_article_times)
    find_articles_between = Asking(article_tables.find_articles_between)
    find_known_articles = Asking(article_tables.find_known_articles)
    find_known_source_ids = Asking(article_tables.find_known_source_ids)
    find_opening_hashes = Asking(article_tables.find_opening_hashes)
    give_due_dates = Changing(article_tables.give_due_dates)
    holds_any = Asking(article_tables.holds_any)
    load_articles = Asking(article_tables.load_articles)


class Copy(Subject):
    """Verdicts on pairs, passages and the places where they ran, duplicates."""

    find_articles_sharing_copy = Asking(passage_tables.find_articles_sharing_copy)
    load_duplicates = Asking(passage_tables.load_duplicates)
    load_passages = Asking(passage_tables.load_passages)
    load_verdicts = Asking(passage_tables.load_verdicts)
    record_departures = Changing(passage_tables.record_departures)
    replace_duplicates = Changing(passage_tables.replace_duplicates)
    replace_passages = Changing(passage_tables.replace_passages)
    replace_verdicts = Changing(passage_tables.replace_verdicts)
    update_verdicts = Changing(passage_tables.update_verdicts)


class Corrections(Subject):
    """What people said of stories and copy."""

    add_correction = Changing(correction_tables.add_correction)
    load_corrections = Asking(correction_tables.load_corrections)
    undo_correction = Changing(correction_tables.undo_correction)


class Notices(Subject):
    """Notices of agencies, and who still runs what they changed."""

    count_outdated = Asking(notice_tables.count_outdated)
    find_earlier = Asking(notice_tables.find_earlier)
    find_notices_after = Asking(notice_tables.find_notices_after)
    find_old_texts = Asking(notice_tables.find_old_texts)
    find_outdated_pairs = Asking(notice_tables.find_outdated_pairs)
    find_predecessors = Asking(notice_tables.find_predecessors)
    find_tie_texts = Asking(notice_tables.find_tie_texts)
    find_ties = Asking(notice_tables.find_ties)
    list_outdated = Asking(notice_tables.list_outdated)
    load_notes = Asking(notice_tables.load_notes)
    load_notices = Asking(notice_tables.load_notices)
    page_outdated = Asking(notice_tables.page_outdated)
    replace_notices = Asking(notice_tables.replace_notices)
    replace_outdated = Changing(notice_tables.replace_outdated)
    replace_ties = Asking(notice_tables.replace_ties)


class Parcels(Subject):
    """What other machines handed in, and what this one hands in."""

    add_handed = Noting(parcel_tables.add_handed)
    add_parcel = Noting(parcel_tables.add_parcel)
    find_handed = Asking(parcel_tables.find_handed)
    find_taken = Asking(parcel_tables.find_taken)
    list_waiting = Asking(parcel_tables.list_waiting)
    number_parcel = Noting(parcel_tables.number_parcel)
    remove_parcels = Noting(parcel_tables.remove_parcels)


class Runs(Subject):
    """Runs, and which steps have to look at which articles."""

    begin_run = Noting(run_tables.begin_run)
    finish_run = Noting(run_tables.finish_run)
    list_pending = Asking(run_tables.list_pending)
    mark_done = Changing(run_tables.mark_done)
    record_step = Noting(run_tables.record_step)
    reopen_steps = Asking(run_tables.reopen_steps)


class Sources(Subject):
    """Feeds, pages, folders and files, and what each gave."""

    find_entries = Asking(source_tables.find_entries)
    find_fetching = Asking(source_tables.find_fetching)
    find_stamped = Asking(source_tables.find_stamped)
    load_feeds = Asking(source_tables.load_feeds)
    load_files = Asking(source_tables.load_files)
    load_hosts = Asking(source_tables.load_hosts)
    load_reports = Asking(source_tables.load_reports)
    load_waiting = Asking(source_tables.load_waiting)
    save_entries = Asking(source_tables.save_entries)
    save_feeds = Asking(source_tables.save_feeds)
    save_files = Asking(source_tables.save_files)
    save_hosts = Asking(source_tables.save_hosts)
    save_reports = Asking(source_tables.save_reports)


class Stories(Subject):
    """Links, story clusters and story threads."""

    find_clusters_of_articles = Asking(story_tables.find_clusters_of_articles)
    load_clusters = Asking(story_tables.load_clusters)
    load_links = Asking(story_tables.load_links)
    load_threads = Asking(story_tables.load_threads)
    replace_clusters = Changing(story_tables.replace_clusters)
    replace_links = Changing(story_tables.replace_links)
    replace_story_newsrooms = Changing(story_tables.replace_story_newsrooms)
    replace_threads = Changing(story_tables.replace_threads)
    resolve_story_id = Asking(story_tables.resolve_story_id)


class Surroundings(Subject):
    """What lies near an article, in time or in a story."""

    find_body_texts = Asking(surroundings_tables.find_body_texts)
    find_emptied_threads = Asking(surroundings_tables.find_emptied_threads)
    find_headlines = Asking(surroundings_tables.find_headlines)
    find_newest_articles = Asking(surroundings_tables.find_newest_articles)
    find_newest_publication = Asking(surroundings_tables.find_newest_publication)
    find_publication_times = Asking(surroundings_tables.find_publication_times)
    find_published_between = Asking(surroundings_tables.find_published_between)
    find_redirected_ids = Asking(surroundings_tables.find_redirected_ids)
    find_shared_copy = Asking(surroundings_tables.find_shared_copy)
    find_silent_threads = Asking(surroundings_tables.find_silent_threads)
    find_threads_of_clusters = Asking(surroundings_tables.find_threads_of_clusters)
    find_uncounted_clusters = Asking(surroundings_tables.find_uncounted_clusters)
    find_undated_articles = Asking(surroundings_tables.find_undated_articles)
    find_used_story_ids = Asking(surroundings_tables.find_used_story_ids)


class Vectors(Subject):
    """Which texts have vectors, in which file, and which texts wait for theirs."""

    begin_publication = Noting(segment_tables.begin_publication)
    count_live_rows = Asking(segment_tables.count_live_rows)
    count_texts_to_embed = Asking(segment_tables.count_texts_to_embed)
    end_publication = Noting(segment_tables.end_publication)
    find_checked_files = Asking(segment_tables.find_checked_files)
    list_articles_to_embed = Asking(segment_tables.list_articles_to_embed)
    list_live_hashes = Asking(segment_tables.list_live_hashes)
    list_model_ids = Asking(segment_tables.list_model_ids)
    list_segments = Asking(segment_tables.list_segments)
    list_vector_files = Asking(segment_tables.list_vector_files)
    locate_vectors = Asking(segment_tables.locate_vectors)
    lose_segments = Asking(segment_tables.lose_segments)
    mark_embedded = Changing(segment_tables.mark_embedded)
    record_checked_files = Noting(segment_tables.record_checked_files)
    record_segment = Changing(segment_tables.record_segment)
    renew_vectors = Changing(segment_tables.renew_vectors)
    replace_segments = Changing(segment_tables.replace_segments)
    find_articles_with_texts = Asking(segment_tables.find_articles_with_texts)
    select_texts_to_embed = Asking(segment_tables.select_texts_to_embed)


class Versions(Subject):
    """Versions of one article, and which one is current."""

    find_current = Asking(version_tables.find_current)
    find_first_times = Asking(version_tables.find_first_times)
    find_mates = Asking(version_tables.find_mates)
    find_repeated_keys = Asking(version_tables.find_repeated_keys)
    find_series = Asking(version_tables.find_series)
    find_superseded = Asking(version_tables.find_superseded)
    list_superseded = Asking(version_tables.list_superseded)
    list_unkeyed = Asking(version_tables.list_unkeyed)
    load_versions = Asking(version_tables.load_versions)
    replace_series = Asking(version_tables.replace_series)
    store_keys = Asking(version_tables.store_keys)
