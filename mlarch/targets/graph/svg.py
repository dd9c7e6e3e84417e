"""The graph as SVG: columns of boxes in the order in which data pass them, no renderer needed. Light or dark, as the reader's screen is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from .layout import Box, Layout, Link, lay_out
from .measuring import printable, shortened, width_of
from .model import SHARED_TITLE, STAGES, TITLES, Edge, Graph, Node, Way
from .palette import COLOURS, family_of

_NAME, _NOTE, _SAID = 13.0, 11.0, 10.0
_GAP = 44.0
_MARGIN, _HEAD, _BAND = 28.0, 96.0, 10.0
_LONGEST_NAME, _LONGEST_NOTE = 48, 44

#: Page, box, text, dim text and arrow, light and dark.
_PAGE = (("#ffffff", "#ffffff", "#1b2128", "#5f6b78", "#8a95a1"), ("#0f141a", "#171e26", "#e8edf2", "#98a4b1", "#76828f"))


def svg(graph: Graph) -> str:
    """Return the SVG document."""
    picture = _Picture(graph)
    width, height = picture.size
    about = _text(graph.root.about or graph.title)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
            'role="img" aria-labelledby="title about">',
            f'<title id="title">{_text(graph.title)}</title>',
            f'<desc id="about">{about}</desc>',
            f"<style>{_style()}</style>",
            _markers(),
            f'<rect class="page" width="{width:.0f}" height="{height:.0f}" rx="12"/>',
            *picture.heading(),
            *picture.bands(),
            *picture.arrows(),
            *picture.boxes(),
            "</svg>\n",
        ]
    )


def _style() -> str:
    def rules(dark: bool) -> str:
        page, box, text, dim, line = _PAGE[dark]
        said = [
            f".page{{fill:{page}}}.box{{fill:{box}}}.name,.head{{fill:{text}}}.note,.said{{fill:{dim}}}",
            f".said{{stroke:{page}}}.main,.side{{stroke:{line}}}.m{{fill:{line}}}.point{{fill:{line}}}",
        ]
        for family, colours in COLOURS.items():
            stroke, band, title = colours[dark]
            said.append(f".{family} .box,.{family}.band{{stroke:{stroke}}}.{family}.band{{fill:{band}}}.{family}.title{{fill:{title}}}")
            said.append(f".{family} .bar{{fill:{stroke}}}")
        back = COLOURS["operate"][dark][0]
        said.append(f".back{{stroke:{back}}}.b{{fill:{back}}}")
        return "".join(said)

    fixed = (
        "text{font-family:ui-sans-serif,system-ui,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}"
        f".name{{font-size:{_NAME:g}px;font-weight:600}}.note{{font-size:{_NOTE:g}px}}.head{{font-size:20px;font-weight:700}}"
        f".said{{font-size:{_SAID:g}px;font-style:italic;text-anchor:middle;paint-order:stroke;stroke-width:4px;stroke-linejoin:round}}"
        ".title{font-size:11px;font-weight:700;letter-spacing:.04em}.band{stroke-opacity:.25}"
        ".edge{fill:none;stroke-width:1.4}.side,.back{stroke-dasharray:5 4}"
        ".implied .box{stroke-dasharray:4 3}.implied .name{font-weight:400}"
    )
    return f"{fixed}{rules(False)}@media (prefers-color-scheme:dark){{{rules(True)}}}"


def _markers() -> str:
    return (
        "<defs>"
        + "".join(
            f'<marker id="{name}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
            f'<path class="{name}" d="M0,0.8 L8,4 L0,7.2 z"/></marker>'
            for name in ("m", "b")
        )
        + "</defs>"
    )


@dataclass(frozen=True)
class _Rect:
    x: float
    y: float
    width: float
    height: float


class _Picture:
    """One graph with its layout."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.columns = _columns(graph)
        place = {node.path: number for number, (_, nodes) in enumerate(self.columns) for node in nodes}
        boxes = [Box(node.path, place[node.path], *_size(node)) for _, nodes in self.columns for node in nodes]
        self.turned = [place[edge.start] > place[edge.end] for edge in graph.edges]
        links = [_link(edge, turned) for edge, turned in zip(graph.edges, self.turned, strict=True)]
        self.layout: Layout = lay_out(boxes, links, _GAP)
        self.rects = {box.key: self._rect(box) for box in boxes}
        end = max((rect.x + rect.width for rect in self.rects.values()), default=0.0)
        self.width = max(end + _MARGIN + _BAND, 2 * _MARGIN + width_of(graph.title, 20), 480.0)
        self._share()

    def _rect(self, box: Box) -> _Rect:
        x, y = self.layout.centres[box.key]
        width = box.width if box.key.startswith("any.") else self.layout.columns[box.column][1]
        return _Rect(x - width / 2 + _MARGIN + _BAND, y - box.height / 2 + _HEAD + _BAND, width, box.height)

    def _share(self) -> None:
        """Put what all share below, in rows."""
        top = _HEAD + self.layout.height + 2 * _BAND
        x, y, row = _MARGIN + _BAND, top + 34 + _BAND, 0.0
        for node in self.graph.shared:
            width, height = _size(node)
            if x > _MARGIN + _BAND and x + width > self.width - _MARGIN - _BAND:
                x, y, row = _MARGIN + _BAND, y + row + 12, 0.0
            self.rects[node.path] = _Rect(x, y, width, height)
            x, row = x + width + 12, max(row, height)
        self.shared_top, self.bottom = top, (y + row + _BAND if self.graph.shared else top)

    @property
    def size(self) -> tuple[float, float]:
        return self.width, self.bottom + _MARGIN

    def heading(self) -> Iterator[str]:
        root = self.graph.root
        room = self.width - 2 * _MARGIN
        said = f"{root.path}, {', '.join(root.notes)}" + (f": {root.about}" if root.about else "")
        while width_of(said, _NOTE) > room and len(said) > 1:
            said = said[:-2].rstrip(" ….,") + "…"
        yield f'<g class="node" data-path="{_text(root.path)}"><title>{_tooltip(root)}</title>'
        yield f'<text class="head" x="{_MARGIN:g}" y="42">{_text(self.graph.title)}</text>'
        yield f'<text class="note" x="{_MARGIN:g}" y="62">{_text(said)}</text></g>'

    def bands(self) -> Iterator[str]:
        before = ""
        for kind, nodes in self.columns:
            if TITLES[kind]:
                first = self.rects[nodes[0].path]
                band = _Rect(first.x - _BAND, _HEAD, first.width + 2 * _BAND, self.layout.height + 2 * _BAND)
                yield self._band(family_of(kind), band, "Derived features" if kind == before else TITLES[kind])
            before = kind
        if self.graph.shared:
            top = self.shared_top + 34
            band = _Rect(_MARGIN, top, self.width - 2 * _MARGIN, self.bottom - top)
            yield self._band("shared", band, SHARED_TITLE)

    @staticmethod
    def _band(family: str, rect: _Rect, title: str) -> str:
        return (
            f'<rect class="band {family}" {_place(rect)} rx="9"/>'
            f'<text class="title {family}" x="{rect.x + 2:.1f}" y="{rect.y - 6:.1f}">{_text(title)}</text>'
        )

    def arrows(self) -> Iterator[str]:
        labels: dict[tuple[str, ...], list[tuple[float, float, float]]] = {}
        for edge, turned, route in zip(self.graph.edges, self.turned, self.layout.routes, strict=True):
            points = [(x + _MARGIN + _BAND, y + _HEAD + _BAND) for x, y in route]
            marker = f'marker-{"start" if turned else "end"}="url(#{"b" if edge.way is Way.BACK else "m"})"'
            ends = f'data-start="{_text(edge.start)}" data-end="{_text(edge.end)}"'
            yield f'<path class="edge {edge.way}" {ends} d="{_curve(points)}" {marker}/>'
            if edge.said:
                # Arrows that share a lane, or meet at one box, say it once.
                shared = (edge.said, edge.end) if len(points) == 2 else (edge.said, edge.end if turned else edge.start, edge.way)
                labels.setdefault(shared, []).append(_label_at(points))
        for (said, *_), places in labels.items():
            _, x, y = min(places)
            yield f'<text class="said" x="{x:.1f}" y="{y + 3:.1f}">{_text(said)}</text>'

    def boxes(self) -> Iterator[str]:
        for node in self.graph.nodes:
            yield _box(node, self.rects[node.path])


def _columns(graph: Graph) -> list[tuple[str, list[Node]]]:
    """The kinds that have boxes, each a column; features that are made of others stand in a column of their own to the right."""
    inside = [(edge.start, edge.end) for edge in graph.edges if edge.start.startswith("features.") and edge.end.startswith("features.")]
    depth = {node.path: 0 for node in graph.staged}
    for _ in inside:  # as many rounds as there are arrows reach the end of the longest way
        for start, end in inside:
            depth[end] = max(depth[end], depth[start] + 1)
    columns: dict[tuple[int, int], list[Node]] = {}
    for node in graph.staged:
        columns.setdefault((STAGES.index(node.kind), depth[node.path]), []).append(node)
    return [(STAGES[stage], nodes) for (stage, _), nodes in sorted(columns.items(), key=lambda each: each[0])]


def _link(edge: Edge, turned: bool) -> Link:
    left, right = (edge.end, edge.start) if turned else (edge.start, edge.end)
    return Link(left, right, edge.way, width_of(edge.said, _SAID) if edge.said else 0.0)


def _lines(node: Node) -> tuple[str, list[str]]:
    name = node.name if node.kind in STAGES else node.path
    return shortened(name, _LONGEST_NAME), [shortened(note, _LONGEST_NOTE) for note in node.notes if note]


def _size(node: Node) -> tuple[float, float]:
    if node.kind == "any":
        return 10.0, 30.0
    name, notes = _lines(node)
    # A bold face is a tenth wider than the plain one that is measured.
    width = max(1.1 * width_of(name, _NAME), *(width_of(note, _NOTE) for note in notes), 64.0)
    return width + 26, 32.0 + 15 * len(notes)


def _box(node: Node, rect: _Rect) -> str:
    head = f'<g class="node {family_of(node.kind)}{" implied" if node.implied else ""}" data-path="{_text(node.path)}">'
    head += f"<title>{_tooltip(node)}</title>"
    if node.kind == "any":
        return f'{head}<circle class="point" cx="{rect.x + rect.width / 2:.1f}" cy="{rect.y + rect.height / 2:.1f}" r="5"/></g>'
    name, notes = _lines(node)
    parts = [
        f'<rect class="box" {_place(rect)} rx="6"/>',
        f'<rect class="bar" x="{rect.x:.1f}" y="{rect.y + 7:.1f}" width="3" height="{rect.height - 14:.1f}" rx="1.5"/>',
        f'<text class="name" x="{rect.x + 13:.1f}" y="{rect.y + 21:.1f}">{_text(name)}</text>',
        *(
            f'<text class="note" x="{rect.x + 13:.1f}" y="{rect.y + 37 + 15 * row:.1f}">{_text(note)}</text>'
            for row, note in enumerate(notes)
        ),
    ]
    return head + "".join(parts) + "</g>"


def _tooltip(node: Node) -> str:
    return _text("\n".join(filter(None, (node.path, *node.notes, node.about))))


def _place(rect: _Rect) -> str:
    return f'x="{rect.x:.1f}" y="{rect.y:.1f}" width="{rect.width:.1f}" height="{rect.height:.1f}"'


def _curve(points: list[tuple[float, float]]) -> str:
    """Curves across the gaps, straight lines along the lanes; every curve leaves and arrives level."""
    said: list[str] = []
    for (x1, y1), (x2, y2) in zip(points[::2], points[1::2], strict=True):
        middle = (x1 + x2) / 2
        said.append(f"{'L' if said else 'M'}{x1:.1f},{y1:.1f} C{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f} {x2:.1f},{y2:.1f}")
    return " ".join(said)


def _label_at(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """How steep the arrow is where its label goes, and that place: the middle of the last lane, or of the only curve."""
    (x1, y1), (x2, y2) = points[-3:-1] if len(points) > 2 else points
    return abs(y2 - y1), (x1 + x2) / 2, (y1 + y2) / 2


def _text(text: str) -> str:
    return escape(printable(text))
