"""Whether what was written of a view is what would be written now."""

from __future__ import annotations

from ....architecture.architecture import Architecture
from ....architecture.feature_views import FeatureView
from ....architecture.nodes import digest
from ....architecture.stored_features import kept_of
from ...artifacts import Dataset
from .events import FORMAT


def written_as(architecture: Architecture, view: FeatureView, dataset: Dataset) -> str:
    """Return the digest of what is written of a view: its rows, and all that decides what is kept of them."""
    return digest([dataset.digest, FORMAT, kept_of(architecture, view)])
