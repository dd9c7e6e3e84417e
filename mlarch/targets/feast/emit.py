"""`feature_repo/` of a build: what `feast apply` registers, and what a standard Feast client opens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ...architecture.architecture import Architecture
from ...architecture.blocks.features import BigQueryStore, FeatureStore, Redis
from ...architecture.feature_views import FeatureView, store_of, views_of
from ...architecture.vocabulary import Secret
from ...runtime.features.store.address import address_of
from .. import Emission
from .views import text_of

FOLDER = "feature_repo"
#: Where the store is beside the architecture file: the online database, and the tables that are loaded into it.
STATE = ".mlarch/feast"


def emit(architecture: Architecture, emission: Emission, views: Mapping[str, FeatureView] | None = None) -> dict[str, str]:
    """Return the repository of a system whose requests read histories, and nothing for another. `views` are those of the file if absent."""
    views = views_of(architecture) if views is None else views
    if not views:
        return {}
    store = store_of(architecture)
    state = f"{(emission.root / '..').as_posix()}/{STATE}"
    return {
        f"{FOLDER}/feature_store.yaml": _configuration(architecture, store, state, emission),
        f"{FOLDER}/features.py": text_of(architecture, state, emission, views),
    }


def _configuration(architecture: Architecture, store: FeatureStore, state: str, emission: Emission) -> str:
    """The repository's settings. Feast reads `${NAME}` from the environment, so that no password stands in a build."""
    head = f"# Feast's settings for `{architecture.system.name}`, compiled from {emission.source}. Not to be edited: compile again.\n"
    return head + "\n".join(_lines(architecture, store, state)) + "\n"


def _lines(architecture: Architecture, store: FeatureStore, state: str) -> Iterator[str]:
    yield f"project: {project_of(architecture)}"
    yield "provider: local"
    # Beside the folder of the store and not in it: Feast makes one folder that is missing, and not two.
    yield f"registry: {json.dumps(f'{state}_registry.db')}"
    yield "online_store:"
    if isinstance(store.online, Redis):
        yield "  type: redis"
        # A block of text: what Feast puts in the place of a variable may have quotes of its own.
        yield "  connection_string: |-"
        yield f"    {connection(store.online)}"
        # A history that is corrected is as old as the one before: its time says nothing of which is right.
        yield "  skip_dedup: true"
    else:
        yield "  type: sqlite"
        yield f"  path: {json.dumps(f'{state}/online.db')}"
    yield "offline_store:"
    if isinstance(store.offline, BigQueryStore):
        project, _, dataset = store.offline.dataset.rpartition(".")
        yield "  type: bigquery"
        yield f"  project_id: {json.dumps(project)}"
        yield f"  dataset: {json.dumps(dataset)}"
    else:
        yield "  type: file"
    yield "entity_key_serialization_version: 3"


def connection(redis: Redis) -> str:
    """Return how Feast is told of a Redis server: by its address, or by the variable of the environment that has it."""
    return f"${{{redis.address.name}}}" if isinstance(redis.address, Secret) else address_of(redis.address).for_feast


def project_of(architecture: Architecture) -> str:
    """Return Feast's name of the system."""
    return architecture.system.name
