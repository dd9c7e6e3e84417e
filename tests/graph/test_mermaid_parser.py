"""Mermaid's own parser reads the flowcharts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from mlarch.targets.graph.mermaid import mermaid
from mlarch.targets.graph.model import graph_of

from .systems import EVERYTHING, NASTY, SMALL, large, read

#: Mermaid cleans labels with a browser's tools, so that its parser wants a document.
PARSE = """
import { JSDOM } from "jsdom";
import { readFileSync } from "node:fs";
const { window } = new JSDOM("");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import("mermaid");
for (const name of process.argv.slice(2)) console.log((await mermaid.parse(readFileSync(name, "utf8"))).diagramType);
"""


@pytest.mark.servers
def test_mermaid_reads_the_flowcharts(tmp_path: Path) -> None:
    """The package from npm parses the smallest picture, a full one, one of 200 blocks, and one of names full of marks."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("node is not installed")
    subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", "mermaid@11", "jsdom@22"], cwd=tmp_path, check=True)
    (tmp_path / "parse.mjs").write_text(PARSE)
    names = []
    for number, text in enumerate((SMALL.read_text(), EVERYTHING.read_text(), large(), NASTY)):
        names.append(f"{number}.mmd")
        (tmp_path / names[-1]).write_text(mermaid(graph_of(read(text, tmp_path))), encoding="utf-8")
    done = subprocess.run([node, "parse.mjs", *names], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["flowchart-v2"] * len(names)
