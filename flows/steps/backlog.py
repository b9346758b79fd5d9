"""What is left to do: articles that a step has not dealt with, texts without a vector."""

from collections.abc import Mapping
from dataclasses import asdict

from wirethread.articles.errors import ModelError
from wirethread.flows.settings.config import Settings
from wirethread.flows.steps.embed import LazyEncoder
from wirethread.flows.steps.fingerprints import name_versions
from wirethread.storage.catalog import Catalog

__all__ = ["count_backlog"]


def count_backlog(catalog: Catalog, settings: Settings) -> Mapping[str, int]:
    """Return how much each step has before it, only what is not 0; nothing without a model.

    `embed` counts texts, every other step articles. The catalog may be a read-only one.
    """
    try:
        model_id = LazyEncoder(settings.embedding).keep_to(catalog).model_id
    except ModelError:
        return {}
    pending = {"embed": catalog.count_texts_to_embed(model_id)}
    for step, version in asdict(name_versions(settings, model_id)).items():
        pending[step] = len(catalog.articles_pending(step, version=version))
    return {step: number for step, number in pending.items() if number}
