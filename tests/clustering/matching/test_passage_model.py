import json
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from wirethread.clustering.matching.evidence import FEATURES
from wirethread.clustering.matching.passage_model import load_passage_model, read_passage_model

FITTED = Path(__file__).parents[3] / "benchmarks" / "clustering" / "matching" / "fitted"
NAMES_BEFORE = {
    "margin_donor": "margin_source",
    "overlap_donor": "overlap_source",
    "credits_donor": "credits_source",
}


def test_a_model_fitted_under_earlier_names_reads_as_the_same_model() -> None:
    text = resources.files("wirethread.clustering.matching").joinpath("passage_model.json")
    stored = json.loads(text.read_text("utf-8"))["with_vectors"]
    before = stored | {"features": [NAMES_BEFORE.get(name, name) for name in stored["features"]]}
    assert set(NAMES_BEFORE.values()) <= set(before["features"])
    found, shipped = read_passage_model(before), load_passage_model(with_vectors=True)
    assert found.features == shipped.features
    values = np.linspace(-1.0, 1.0, 3 * len(FEATURES)).reshape(3, -1)
    assert found.score_local(values).tolist() == shipped.score_local(values).tolist()


@pytest.mark.parametrize("path", sorted(FITTED.glob("*.json")), ids=lambda path: path.stem)
def test_fitted_models_use_measurements_in_their_order(path: Path) -> None:
    names = json.loads(path.read_text("utf-8"))["features"]
    assert [name for name in FEATURES if name in names] == names
