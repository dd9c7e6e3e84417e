"""The extension for Visual Studio Code: it starts the server, says what is missing, and its snippets are right."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import mlarch
from mlarch.language.diagnostics import Findings
from mlarch.language.formatting import format_source
from mlarch.language.parsing.parser import parse
from mlarch.language.source import Source

from .spans import ROOT

EXTENSION = ROOT / "dsl" / "editors" / "vscode"
PACKAGE = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
SNIPPETS: dict[str, dict[str, Any]] = json.loads((EXTENSION / "snippets.json").read_text(encoding="utf-8"))
#: What is put before `mlarch`, and what the extension says when it does not start.
START = "from mlarch.cli import main; main()"
WITHOUT_LIBRARY = f"import sys; sys.modules['pygls'] = None; {START}"


def command(path: Path, code: str) -> Path:
    """Write an `mlarch` that begins with some code of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def ran(folder: Path, setting: object = "", *, trusted: bool = True, restarted: bool = False) -> dict[str, Any]:
    """What the extension does when the editor opens a folder."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    yes = {True: "yes", False: "no"}
    script = str(Path(__file__).with_name("editor.js"))
    done = subprocess.run(
        [node, script, str(EXTENSION), str(setting), str(folder), yes[trusted], yes[restarted]],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_server_is_started_and_stopped(tmp_path: Path) -> None:
    """The command of the setting is started with `lsp`, again when it is asked for, and stopped with the editor."""
    path = command(tmp_path / "mlarch", START)
    done = ran(tmp_path, path, restarted=True)
    server = ["server", str(path), ["lsp"], ["mlarch", "yaml"]]
    assert done["did"] == [server, ["start"], ["stop"], server, ["start"], ["stop"]]


def test_what_is_contributed_is_registered(tmp_path: Path) -> None:
    """Each command of the palette is one that the extension registers."""
    done = ran(tmp_path, command(tmp_path / "mlarch", START))
    assert done["commands"] == [each["command"] for each in PACKAGE["contributes"]["commands"]]


def test_the_environment_of_the_folder_is_taken(tmp_path: Path) -> None:
    """Without a setting, the command of `.venv` in the folder starts the server."""
    path = command(tmp_path / ".venv" / "bin" / "mlarch", START)
    assert ran(tmp_path)["did"][0][:2] == ["server", str(path)]


def test_nothing_of_an_untrusted_folder_is_run(tmp_path: Path) -> None:
    """A command that lies in a folder which is not trusted stays where it is."""
    path = command(tmp_path / ".venv" / "bin" / "mlarch", "import pathlib; pathlib.Path(r'" + str(tmp_path / "run") + "').touch()")
    assert str(path) not in json.dumps(ran(tmp_path, trusted=False))
    assert not (tmp_path / "run").exists()


def test_a_missing_command_is_said(tmp_path: Path) -> None:
    """Where there is no mlarch, the editor says so, how to install it, and which setting names it."""
    ((kind, message, choices),) = ran(tmp_path, tmp_path / "nowhere" / "mlarch")["did"]
    assert kind == "message" and "there is no command" in message and "pip install 'mlarch[lsp]'" in message
    assert "mlarch.server.path" in message and choices == ["Copy the command", "Open settings"]


def test_a_missing_extra_is_said(tmp_path: Path) -> None:
    """Where mlarch is installed without its server, the editor says which extra is missing, in which environment."""
    path = command(tmp_path / "mlarch", WITHOUT_LIBRARY)
    ((kind, message, choices),) = ran(tmp_path, path)["did"]
    assert kind == "message" and "pygls" in message and f"pip install 'mlarch[lsp]', in the environment of `{path}`" in message
    assert choices[0] == "Copy the command"


def filled(snippet: dict[str, Any]) -> str:
    """The text of a snippet whose placeholders are left as they are."""
    text, known = "\n".join(snippet["body"]), dict[str, str]()
    for number, choices, default in re.findall(r"\$\{(\d+)(?:\|([^|]*)\||:([^}]*))\}", text):
        known.setdefault(number, choices.split(",")[0] or default)
    text = re.sub(r"\$\{(\d+)(?:\|[^|]*\||:[^}]*)\}", lambda found: known[found[1]], text)
    return text.replace("$0", "").rstrip() + "\n"


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_is_right_as_it_is_put(name: str) -> None:
    """With its placeholders as they are, a snippet has no syntax error, and `mlarch fmt` has nothing to change."""
    findings, text = Findings(), filled(SNIPPETS[name])
    assert parse(Source(name, text), findings).body
    assert findings.items == []
    assert format_source(Source(name, text), findings) == text


def test_the_smallest_architecture_checks_clean(tmp_path: Path) -> None:
    """The snippet of a whole file is an architecture with nothing wrong in it."""
    file = tmp_path / "new.mlarch"
    file.write_text(filled(SNIPPETS["Smallest architecture"]), encoding="utf-8")
    assert [item.message for item in mlarch.load(file).diagnostics] == []


#: Blocks that the snippets of parts speak of.
AROUND = {
    "source": filled(SNIPPETS["Source"]),
    "features": filled(SNIPPETS["Features"]).replace("= x", "= standardize(x)"),
    "model": filled(SNIPPETS["Model"]),
    "training": filled(SNIPPETS["Training"]),
    "deployment": filled(SNIPPETS["Deployment"]),
}


@pytest.mark.parametrize("name", ["Source", "Features", "Model", "Training", "Evaluation", "Deployment", "Alert"])
def test_snippets_fit_each_other(name: str, tmp_path: Path) -> None:
    """One snippet after the other gives a file whose words are all known: the names that they put are each other's."""
    system = 'language = "1.0"\nsystem s { problem = classification, metric roc_auc { baseline = 0.5 } }\n'
    prefix = SNIPPETS[name]["prefix"]
    blocks = {**AROUND, prefix: AROUND.get(prefix, filled(SNIPPETS[name]))}
    file = tmp_path / "new.mlarch"
    file.write_text(system + "\n".join(blocks.values()), encoding="utf-8")
    assert [item.message for item in mlarch.load(file).diagnostics if item.severity.value == "error"] == []


def test_snippets_are_of_kinds_and_forms() -> None:
    """Each snippet has a prefix of its own and a sentence."""
    prefixes = [each["prefix"] for each in SNIPPETS.values()]
    assert len(set(prefixes)) == len(prefixes)
    assert all(each["description"].endswith(".") for each in SNIPPETS.values())


def test_folds_and_indents_are_regular_expressions() -> None:
    """The patterns of the language's configuration compile, and know a line that opens a block from one that closes it."""
    said = json.loads((EXTENSION / "language-configuration.json").read_text(encoding="utf-8"))
    opens, closes = (re.compile(said["indentationRules"][key]) for key in ("increaseIndentPattern", "decreaseIndentPattern"))
    assert all(opens.search(line) for line in ("source rows {", "  features = [ # three", "  x = f("))
    assert not any(opens.search(line) for line in ("slo { p99 < 1s }", "# a {", 'a = "{"', "  }"))
    assert closes.search("  }") and not closes.search("  slo { p99 < 1s }")
    start, end = (re.compile(said["folding"]["markers"][key]) for key in ("start", "end"))
    assert start.search("# region data") and end.search("  #endregion") and not start.search("source region {")
