"""The graph in DOT, for Graphviz and what else reads its language."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from .measuring import printable
from .model import SHARED_TITLE, TITLES, Edge, Graph, Node, Way
from .palette import COLOURS, family_of


def dot(graph: Graph) -> str:
    """Return the text of a directed graph, each kind a cluster."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    yield "digraph architecture {"
    yield f"  graph [label={_quoted(graph.title)}, labelloc=t, rankdir=LR, fontname=Helvetica, tooltip={_quoted(graph.root.about)}]"
    yield "  node [shape=box, style=rounded, fontname=Helvetica]"
    yield "  edge [fontname=Helvetica, fontsize=10]"
    for kind, nodes in groupby(graph.staged, key=lambda node: node.kind):
        yield from _cluster(kind, TITLES[kind], list(nodes))
    if graph.shared:
        yield from _cluster("shared", SHARED_TITLE, graph.shared)
    for edge in graph.edges:
        yield f"  {_quoted(edge.start)} -> {_quoted(edge.end)}{_arrow(edge)}"
    yield "}"


def _cluster(name: str, title: str, nodes: list[Node]) -> Iterator[str]:
    line, background, text = COLOURS[family_of(nodes[0].kind)][0]
    yield f"  subgraph cluster_{name} {{"
    yield f'    graph [label={_quoted(title)}, style="rounded,filled", color="{line}", fillcolor="{background}", fontcolor="{text}"]'
    yield f'    node [color="{line}"]'
    for node in nodes:
        yield f"    {_quoted(node.path)} [{_box(node)}]"
    yield "  }"


def _box(node: Node) -> str:
    tooltip = f"tooltip={_quoted(node.about or node.path)}"
    if node.kind == "any":
        return f"shape=point, {tooltip}"
    label = _quoted("\n".join((node.path, *filter(None, node.notes))))
    return f"label={label}, {tooltip}" + (', style="rounded,dashed"' if node.implied else "")


def _arrow(edge: Edge) -> str:
    said = [f"label={_quoted(edge.said)}"] if edge.said else []
    if edge.way is not Way.MAIN:
        said.append("style=dashed")
    if edge.way is Way.BACK:
        said.append("constraint=false")
    return f" [{', '.join(said)}]" if said else ""


def _quoted(text: str) -> str:
    """A quoted string: DOT knows one escape in it, and its labels a line break."""
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
