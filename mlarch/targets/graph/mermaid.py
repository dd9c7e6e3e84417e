"""The graph as a Mermaid flowchart, which many Markdown viewers draw in place."""

from __future__ import annotations

from collections.abc import Iterator

from .model import SHARED_TITLE, Edge, Graph, Node, Way
from .palette import COLOURS, family_of

#: How a block kind is drawn: stores as cylinders, work as boxes, decisions as diamonds, what runs as rounded boxes.
_SHAPES = {
    "source": '[("{}")]',
    "feature_store": '[("{}")]',
    "registry": '[("{}")]',
    "model": '{{{{"{}"}}}}',
    "evaluation": '{{"{}"}}',
    "deployment": '(["{}"])',
    "monitor": '(["{}"])',
    "any": '(("{}"))',
    "alert": '>"{}"]',
}
_BOX = '["{}"]'


def mermaid(graph: Graph) -> str:
    """Return the flowchart's text."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    keys = {node.path: f"n{number}" for number, node in enumerate(graph.nodes)}
    yield "flowchart LR"
    yield f"  accTitle: {_escaped(f'{graph.root.path}, {graph.title}')}"
    for node in graph.staged:
        yield f"  {keys[node.path]}{_shape(node)}"
    for edge in graph.edges:
        yield f"  {keys[edge.start]} {_arrow(edge)} {keys[edge.end]}"
    if graph.shared:
        yield f'  subgraph all["{_escaped(SHARED_TITLE)}"]'
        yield "    direction LR"
        for node in graph.shared:
            yield f"    {keys[node.path]}{_shape(node)}"
        yield "  end"
        yield f"  style all fill:none,stroke:{COLOURS['shared'][0][0]},stroke-dasharray:2 3"
    for family, (light, _) in COLOURS.items():
        named = [keys[node.path] for node in graph.nodes if family_of(node.kind) == family]
        if named:
            line, background, text = light
            yield f"  classDef {family} fill:{background},stroke:{line},color:{text}"
            yield f"  class {','.join(named)} {family}"
    implied = [keys[node.path] for node in graph.nodes if node.implied]
    if implied:
        yield "  classDef implied stroke-dasharray:4 3"
        yield f"  class {','.join(implied)} implied"


def _shape(node: Node) -> str:
    lines = ["any"] if node.kind == "any" else [node.path, *filter(None, node.notes)]
    return _SHAPES.get(node.kind, _BOX).format("<br/>".join(map(_escaped, lines)))


def _arrow(edge: Edge) -> str:
    line = "-->" if edge.way is Way.MAIN else "-.->"
    return f'{line}|"{_escaped(edge.said)}"|' if edge.said else line


def _escaped(text: str) -> str:
    """Mermaid's own escapes, so that no name ends the label early."""
    return "".join(mark if mark.isalnum() or mark in " ._-/," else f"#{ord(mark)};" for mark in text)
