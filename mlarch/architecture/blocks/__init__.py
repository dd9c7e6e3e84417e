"""The block kinds of the language, one module per part of an ML Architecture Document."""

from .deployment import Deployment
from .evaluation import Evaluation, Governance
from .features import Features, FeatureStore
from .model import Model
from .moved import Moved
from .operations import Alert, Monitor, Retraining
from .source import Source
from .system import System
from .training import Hardware, Registry, Tracking, Training

#: Every top-level kind, in the order of an ML Architecture Document; documents and the formatter follow it.
KINDS: dict[str, type] = {
    cls.kind: cls
    for cls in (
        System,
        Source,
        Features,
        FeatureStore,
        Model,
        Hardware,
        Training,
        Tracking,
        Registry,
        Evaluation,
        Deployment,
        Monitor,
        Alert,
        Retraining,
        Governance,
    )
}

#: Top-level kinds without a name, of which there may be several blocks.
NAMELESS: dict[str, type] = {Moved.kind: Moved}

__all__ = [
    "KINDS",
    "NAMELESS",
    "Alert",
    "Deployment",
    "Evaluation",
    "FeatureStore",
    "Features",
    "Governance",
    "Hardware",
    "Model",
    "Monitor",
    "Moved",
    "Registry",
    "Retraining",
    "Source",
    "System",
    "Tracking",
    "Training",
]
