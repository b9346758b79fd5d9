from wirethread.articles.errors import ConfigError as ConfigError
from wirethread.articles.errors import CorrectionError as CorrectionError
from wirethread.articles.errors import DamagedVectorsError as DamagedVectorsError
from wirethread.articles.errors import ModelError as ModelError
from wirethread.articles.errors import NotFoundError as NotFoundError
from wirethread.articles.errors import RunInProgressError as RunInProgressError
from wirethread.articles.errors import SourceError as SourceError
from wirethread.articles.errors import StorageError as StorageError
from wirethread.articles.errors import WirethreadError as WirethreadError
from wirethread.articles.types.articles import ThreadState as ThreadState
from wirethread.flows.operations.explain import PairReport as PairReport
from wirethread.flows.runs.results import RunResult as RunResult
from wirethread.passage_search import SimilarPassage as SimilarPassage
from wirethread.python.answers import Answers as Answers
from wirethread.python.answers import Row as Row
from wirethread.python.awaited import AsyncArchive as AsyncArchive
from wirethread.python.awaited import open_async as open_async
from wirethread.python.comparing import ComparedPassage as ComparedPassage
from wirethread.python.comparing import Comparison as Comparison
from wirethread.python.comparing import compare as compare
from wirethread.python.deduping import Deduplication as Deduplication
from wirethread.python.deduping import DroppedRecord as DroppedRecord
from wirethread.python.deduping import DuplicatePair as DuplicatePair
from wirethread.python.deduping import dedupe as dedupe
from wirethread.python.opened import OpenArchive as OpenArchive
from wirethread.python.opened import open_archive as open  # noqa: A004, F401
from wirethread.python.running import run as run
from wirethread.python.singles import Article as Article
from wirethread.python.singles import Pair as Pair
from wirethread.python.singles import StoryCluster as StoryCluster
from wirethread.python.singles import StoryThread as StoryThread
from wirethread.storage.answers.copies import CopyPair as CopyPair
from wirethread.storage.answers.copies import Duplicate as Duplicate
from wirethread.storage.answers.copies import OutletWire as OutletWire
from wirethread.storage.answers.page.overviews import SourceRow as SourceRow
from wirethread.storage.answers.types import ArticleDetail as ArticleDetail
from wirethread.storage.answers.types import ArticleSummary as ArticleSummary
from wirethread.storage.answers.types import ClusterDetail as ClusterDetail
from wirethread.storage.answers.types import ClusterSummary as ClusterSummary
from wirethread.storage.answers.types import PassageHit as PassageHit
from wirethread.storage.answers.types import ThreadDetail as ThreadDetail
from wirethread.storage.answers.types import ThreadSummary as ThreadSummary
from wirethread.storage.tables.notices import OutdatedCopy as OutdatedCopy

__version__: str
__all__: list[str]
