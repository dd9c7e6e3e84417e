"""The picture of an architecture: complete, well formed and readable, small or large."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from itertools import combinations
from pathlib import Path

import pydot
import pytest

from mlarch.architecture.architecture import Architecture
from mlarch.architecture.references import blocks, references
from mlarch.targets.graph.dot import dot
from mlarch.targets.graph.measuring import width_of
from mlarch.targets.graph.mermaid import mermaid
from mlarch.targets.graph.model import Graph, graph_of
from mlarch.targets.graph.svg import svg

from .systems import EVERYTHING, NASTY, SMALL, large, read

SVG = "{http://www.w3.org/2000/svg}"
#: pydot speaks to its own parser in old words.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
NAMES = ("small", "everything", "large", "nasty")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Architecture]:
    """Four architectures; two of them say what is not lowered yet."""
    folder = tmp_path_factory.mktemp("drawn")
    texts = {"small": SMALL.read_text(), "everything": EVERYTHING.read_text(), "large": large(), "nasty": NASTY}
    return {name: read(text, folder) for name, text in texts.items()}


Shape = tuple[float, float, float, float]


def boxes(picture: str) -> dict[str, Shape]:
    """The rectangles of the boxes of an SVG picture: x, y, width, height."""
    found = {}
    for group in xml.fromstring(picture).iter(f"{SVG}g"):
        box = next((each for each in group.iter(f"{SVG}rect") if each.get("class") == "box"), None)
        if box is not None:
            x, y, width, height = (float(box.get(key, "")) for key in ("x", "y", "width", "height"))
            found[group.get("data-path", "")] = (x, y, width, height)
    return found


def apart(one: Shape, other: Shape) -> bool:
    """Tell whether two rectangles have no point in common."""
    return one[0] + one[2] < other[0] or other[0] + other[2] < one[0] or one[1] + one[3] < other[1] or other[1] + other[3] < one[1]


@pytest.mark.parametrize("name", NAMES)
def test_every_block_is_in_every_picture(name: str, drawn: dict[str, Architecture]) -> None:
    """Each block has a box in SVG, DOT and the graph itself; the system is the frame of them all."""
    graph = graph_of(drawn[name])
    declared = {path for path, _ in blocks(drawn[name])}
    assert declared <= {graph.root.path, *(node.path for node in graph.nodes)}
    marked = {group.get("data-path") for group in xml.fromstring(svg(graph)).iter(f"{SVG}g")}
    assert declared <= marked
    (parsed,) = pydot.graph_from_dot_data(dot(graph)) or [None]
    inside = {node.get_name() for cluster in parsed.get_subgraphs() for node in cluster.get_nodes()}
    assert {pydot.quote_id_if_necessary(path) for path in declared} - inside <= {pydot.quote_id_if_necessary(graph.root.path)}


def shows(graph: Graph, holder: str, target: str) -> bool:
    """Tell whether a reference is an arrow, or said in words in the box that makes it."""
    name = target.partition(".")[2]
    said = {node.path: " ".join(node.notes) for node in graph.nodes}
    return any({edge.start, edge.end} == {holder, target} for edge in graph.edges) or name in said[holder].split()


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_is_in_the_picture(name: str, drawn: dict[str, Architecture]) -> None:
    """What one block says of another is an arrow between them, or stands in its box."""
    graph = graph_of(drawn[name])
    missing = [
        f"{holder} -> {reference}"
        for holder, block in blocks(drawn[name])
        for _, reference in references(block, holder)
        if not shows(graph, holder, str(reference))
    ]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_no_box_overlaps_another_or_leaves_the_page(name: str, drawn: dict[str, Architecture]) -> None:
    """Any two boxes are apart, and all lie within the page."""
    picture = svg(graph_of(drawn[name]))
    root, found = xml.fromstring(picture), boxes(picture)
    assert len(found) >= len(list(blocks(drawn[name]))) - 1
    assert [(one, other) for one, other in combinations(found, 2) if not apart(found[one], found[other])] == []
    page = (float(root.get("width", "")), float(root.get("height", "")))
    assert all(x >= 0 and y >= 0 and x + width <= page[0] and y + height <= page[1] for x, y, width, height in found.values())


def along(path: str) -> list[tuple[float, float]]:
    """Points on an arrow's curves and lines, close together."""
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", path)]
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    points = []
    for start in range(0, len(pairs), 4):
        a, b, c, d = pairs[start : start + 4]
        if start:
            before = pairs[start - 1]
            points += [(before[0] + (a[0] - before[0]) * t / 40, before[1] + (a[1] - before[1]) * t / 40) for t in range(41)]
        for step in range(41):
            t = step / 40
            w = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            points.append(tuple(w[0] * a[i] + w[1] * b[i] + w[2] * c[i] + w[3] * d[i] for i in (0, 1)))  # type: ignore[arg-type]
    return points


@pytest.mark.parametrize("name", NAMES)
def test_no_arrow_crosses_a_box(name: str, drawn: dict[str, Architecture]) -> None:
    """An arrow touches the boxes at its ends and runs around all the others."""
    picture = svg(graph_of(drawn[name]))
    found, crossed = boxes(picture), []
    for arrow in xml.fromstring(picture).iter(f"{SVG}path"):
        if arrow.get("data-start"):
            points = along(arrow.get("d", ""))
            for path, (x, y, width, height) in found.items():
                if any(x + 1 < px < x + width - 1 and y + 1 < py < y + height - 1 for px, py in points):
                    crossed.append((arrow.get("data-start"), arrow.get("data-end"), path))
    assert crossed == []


@pytest.mark.parametrize("name", NAMES)
def test_no_label_is_cut_off(name: str, drawn: dict[str, Architecture]) -> None:
    """Every line of a box fits between its edges; a name that is too long to read is shortened, and the tooltip has all of it."""
    for group in xml.fromstring(svg(graph_of(drawn[name]))).iter(f"{SVG}g"):
        box = next((each for each in group.iter(f"{SVG}rect") if each.get("class") == "box"), None)
        if box is None:
            continue
        left, width = float(box.get("x", "")), float(box.get("width", ""))
        for line in group.iter(f"{SVG}text"):
            size = 13 * 1.1 if line.get("class") == "name" else 11
            assert float(line.get("x", "")) + width_of(line.text or "", size) <= left + width
        title = group.find(f"{SVG}title")
        assert title is not None and (title.text or "").startswith(group.get("data-path", ""))


def test_a_picture_of_200_blocks_is_a_page_that_can_be_scrolled(drawn: dict[str, Architecture]) -> None:
    """Two hundred blocks stay narrower than two screens, and no hub costs more than an arrow for each block."""
    graph = graph_of(drawn["large"])
    assert len(list(blocks(drawn["large"]))) >= 200
    assert float(xml.fromstring(svg(graph)).get("width", "")) < 2600
    assert len(graph.edges) < 2 * len(graph.nodes)


@pytest.mark.parametrize("name", NAMES)
def test_dot_is_read_by_its_own_parser(name: str, drawn: dict[str, Architecture]) -> None:
    """A parser of DOT reads one graph with every arrow, whatever the names are."""
    graph = graph_of(drawn[name])
    parsed = pydot.graph_from_dot_data(dot(graph))
    assert parsed is not None and len(parsed) == 1
    assert len(parsed[0].get_edges()) == len(graph.edges)


def test_mermaid_has_a_line_for_each_box_and_arrow(drawn: dict[str, Architecture]) -> None:
    """The flowchart says each block and each arrow once, and no mark of a name ends a label."""
    for architecture in drawn.values():
        graph = graph_of(architecture)
        lines = [line.strip() for line in mermaid(graph).splitlines()]
        assert lines[0] == "flowchart LR"
        assert sum("-->" in line or "-.->" in line for line in lines) == len(graph.edges)
        assert sum(re.match(r'n\d+\W+"[^"]*"\W+$', line) is not None for line in lines) == len(graph.nodes)


def test_what_is_not_declared_is_drawn_as_a_default(drawn: dict[str, Architecture]) -> None:
    """A model without a training, an evaluation and a registry goes through the default ones, and they are marked."""
    implied = [node.path for node in graph_of(drawn["small"]).nodes if node.implied]
    assert implied == ["training.of classifier", "evaluation.of classifier", "registry.mlflow"]


def test_a_model_that_was_trained_elsewhere_goes_straight_to_its_deployment(tmp_path: Path) -> None:
    """Nothing here trains, judges or registers a model that comes from another registry."""
    text = SMALL.read_text().replace("  family   = logistic_regression\n", '  from = mlflow("models:/other/3")\n')
    graph = graph_of(read(text, tmp_path))
    assert {edge.end for edge in graph.edges if edge.start == "model.classifier"} == {"deployment.api"}


def test_the_same_architecture_gives_the_same_bytes(drawn: dict[str, Architecture]) -> None:
    """The picture does not depend on the seed of hashes."""
    code = (
        "import sys, mlarch; from mlarch.targets.graph import dot, mermaid, model, svg; "
        "g = model.graph_of(mlarch.load(sys.argv[1]).architecture); sys.stdout.write(svg.svg(g) + dot.dot(g) + mermaid.mermaid(g))"
    )
    done = [
        subprocess.run([sys.executable, "-c", code, str(EVERYTHING)], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    ]
    assert done[0] == done[1]
