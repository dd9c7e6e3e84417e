"""The graph that every picture is drawn from: the blocks of an architecture, and what goes from one to another.

An arrow goes the way of the data: from a source to its features, from a model to its training. What every step shares (hardware, tracking,
governance) would tie everything to everything, so that it has boxes without arrows, and the blocks that use it say so in words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ...architecture.architecture import Architecture
from ...architecture.blocks import KINDS
from ...architecture.expressions import Name, walk
from ...architecture.observations import observations_of
from ...architecture.pipeline import evaluation_of, training_of
from ...architecture.references import blocks, references
from ...architecture.vocabulary import Definition, NamedBlock, Reference
from .notes import notes_of

#: The kinds of boxes in the order in which data passes them; `any` is the point where the signals of all monitors meet.
STAGES = (
    "source",
    "features",
    "feature_store",
    "model",
    "training",
    "evaluation",
    "registry",
    "deployment",
    "monitor",
    "any",
    "alert",
    "retraining",
)
#: The kinds whose blocks serve all the others.
SHARED = ("hardware", "tracking", "governance")

TITLES = {
    "source": "Sources",
    "features": "Features",
    "feature_store": "Feature store",
    "model": "Models",
    "training": "Training",
    "evaluation": "Evaluation",
    "registry": "Registry",
    "deployment": "Deployments",
    "monitor": "Monitors",
    "any": "",
    "alert": "Alerts",
    "retraining": "Retraining",
}
#: The title of the boxes that all the others use.
SHARED_TITLE = "Shared by all"


class Way(StrEnum):
    """What an arrow stands for."""

    MAIN = "main"  # data and models on their way to an answer
    SIDE = "side"  # what is only read on the way: a label, a reference
    BACK = "back"  # production starts a new training


@dataclass(frozen=True)
class Node:
    """One box: a block, or what holds by default where none is declared (`implied`). `about` is for a tooltip."""

    path: str
    notes: tuple[str, ...] = ()
    about: str = ""
    implied: bool = False

    @property
    def kind(self) -> str:
        return self.path.partition(".")[0]

    @property
    def name(self) -> str:
        return self.path.partition(".")[2]


@dataclass(frozen=True)
class Edge:
    """One arrow between the paths of two nodes, with what is said beside it."""

    start: str
    end: str
    said: str = ""
    way: Way = Way.MAIN


@dataclass(frozen=True)
class Graph:
    """An architecture as boxes and arrows, both in a stable order; `root` is the system, which holds them all."""

    root: Node
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def staged(self) -> list[Node]:
        """The boxes that data pass."""
        return [node for node in self.nodes if node.kind in STAGES]

    @property
    def shared(self) -> list[Node]:
        """The boxes that serve all the others."""
        return [node for node in self.nodes if node.kind in SHARED]


def graph_of(architecture: Architecture) -> Graph:
    """Return the graph of an architecture whose references all lead somewhere."""
    made = _Making(architecture)
    order = {kind: place for place, kind in enumerate((*STAGES, *SHARED))}
    nodes = sorted(made.nodes.values(), key=lambda node: order[node.kind])
    system = architecture.system
    return Graph(_declared(architecture, system), system.title or system.name, tuple(nodes), tuple(made.edges.values()))


def _declared(architecture: Architecture, block: NamedBlock) -> Node:
    about = getattr(block, "overview", None) or block.doc or ""
    return Node(f"{block.kind}.{block.name}", tuple(notes_of(architecture, block)), about)


@dataclass
class _Making:
    """The graph as it grows: nodes by path, edges by their ends."""

    architecture: Architecture
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in KINDS:
            if kind != "system":
                for block in getattr(self.architecture, kind).values():
                    self.nodes[f"{kind}.{block.name}"] = _declared(self.architecture, block)
        for group in self.architecture.features.values():
            self.join(f"source.{group.source.name}", f"features.{group.name}")
            for other in sorted(_groups_read(group.feature.values()) - {group.name}):
                self.join(f"features.{other}", f"features.{group.name}")
        for name in self.architecture.model:
            self.model(name)
        self.serving()
        self.operating()
        self.rest()

    def join(self, start: str, end: str, said: str = "", way: Way = Way.MAIN) -> None:
        """Draw an arrow between two boxes, if both are there and nothing joins them yet."""
        if start in self.nodes and end in self.nodes and (start, end) not in self.edges:
            self.edges[start, end] = Edge(start, end, said, way)

    def implied(self, path: str, note: str) -> str:
        """Add a box for what holds where nothing is declared, and return its path."""
        self.nodes.setdefault(path, Node(path, (note,), "Not declared: this is the default.", implied=True))
        return path

    def model(self, name: str) -> None:
        """From what a model reads to the registry."""
        model, path = self.architecture.model[name], f"model.{name}"
        for reference in model.features:
            self.join(str(reference), path)
        for store in self.architecture.feature_store:
            for reference in model.features:
                self.join(str(reference), f"feature_store.{store}")
        observations = observations_of(self.architecture, model)
        if observations is not None:
            self.join(f"source.{observations.name}", path, "label", Way.SIDE)
        if model.origin is not None:  # trained elsewhere: nothing here makes it
            return
        declared, gate = training_of(self.architecture, name), evaluation_of(self.architecture, name)
        training = f"training.{declared.name}" if declared else self.implied(f"training.of {name}", "when asked for")
        evaluation = f"evaluation.{gate.name}" if gate else self.implied(f"evaluation.of {name}", "beats its baseline")
        self.join(path, training)
        self.join(training, evaluation)
        self.join(evaluation, self.registry(), "if passed" if gate is None or gate.gate else "in any case")

    def registry(self) -> str:
        """The path of the registry, which is there whether declared or not."""
        declared = next(iter(self.architecture.registry), None)
        return f"registry.{declared}" if declared else self.implied("registry.mlflow", "in .mlarch/")

    def serving(self) -> None:
        """From the registry, or a model that was trained elsewhere, to what answers."""
        for name, deployment in self.architecture.deployment.items():
            path, model = f"deployment.{name}", self.architecture.model[deployment.model.name]
            self.join(str(deployment.model) if model.origin is not None else self.registry(), path)
            if model.features:
                for store in self.architecture.feature_store:
                    self.join(f"feature_store.{store}", path, "features", Way.SIDE)
            if deployment.input is not None:
                self.join(str(deployment.input), path, "input", Way.SIDE)

    def operating(self) -> None:
        """From what answers through monitors and alerts back to training."""
        monitors = [f"monitor.{name}" for name in self.architecture.monitor]
        alerts = [f"alert.{name}" for name in self.architecture.alert]
        for name, monitor in self.architecture.monitor.items():
            self.join(str(monitor.deployment), f"monitor.{name}")
            if monitor.reference is not None:
                self.join(str(monitor.reference), f"monitor.{name}", "reference", Way.SIDE)
        starts = monitors
        if len(monitors) > 1 and len(alerts) > 1:  # every alert looks at every monitor: one point instead of a web
            self.nodes["any.monitor"] = Node("any.monitor", about="An alert looks at what every monitor measures.")
            for monitor_path in monitors:
                self.join(monitor_path, "any.monitor")
            starts = ["any.monitor"]
        for start in starts:
            for alert in alerts:
                self.join(start, alert)
        for name, retraining in self.architecture.retraining.items():
            for trigger in retraining.triggers:
                if isinstance(trigger, Reference):
                    self.join(str(trigger), f"retraining.{name}", "starts")
            self.join(f"retraining.{name}", str(retraining.training), "trains again", Way.BACK)

    def rest(self) -> None:
        """Whatever else one block says of another; a deployment's model and what is shared are said in its notes."""
        for path, block in blocks(self.architecture):
            for _, reference in references(block, path):
                noted = reference.kind in SHARED or (block.kind == "deployment" and reference.kind == "model")
                if not noted and (path, str(reference)) not in self.edges:
                    self.join(str(reference), path, way=Way.SIDE)


def _groups_read(definitions: Iterable[Definition]) -> set[str]:
    """The feature blocks that the expressions of another name: `flight.distance`."""
    found: set[str] = set()
    for definition in definitions:
        found |= {node.parts[0] for node in walk(definition.expression) if isinstance(node, Name) and len(node.parts) == 2}
    return found
