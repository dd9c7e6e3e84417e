"""Files whose content is not what their suffix says: one finding for the whole file, where each line would else have its own."""

from __future__ import annotations

import re

from .diagnostics import Findings
from .source import Source, Span

CODE = "MLA015"

#: The first line that says something, and what tells the forms apart.
_FIRST = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t\ufeff]*(?P<line>[^\s#][^\r\n]*)")
_YAML_LINE = re.compile(r"---|[A-Za-z_]+:(?:[ \t]|$)")
_YAML_NEST = re.compile(r"^[ \t]*[\w.-]+:[ \t]*(?:#.*)?\r?\n[ \t]+[\w.-]+[ \t]*:|^[ \t]*- ", re.MULTILINE)
_TEXT_LINE = re.compile(r"language[ \t]*=|[A-Za-z_]+[ \t]+\w+[ \t]*\{|(?:import|param)[ \t]+[\w\"]")
_TEXT = re.compile(r"^[ \t]*[\w`]+(?:[ \t]+[\w`]+)?[ \t]*(?:=|\{)", re.MULTILINE)


def in_another_form(source: Source, is_yaml: bool, findings: Findings) -> bool:
    """Tell whether a file is written in another form than its suffix says, and report it."""
    first = _FIRST.match(source.text)
    if first is None:
        return False
    line, stem = first["line"], source.path.stem if source.path else "it"
    span = Span(source, first.start("line"), first.end("line"))
    if is_yaml:
        if not _TEXT_LINE.match(line):
            return False
        told, help = "this is an architecture as text, in a file of YAML", f"name the file `{stem}.mlarch`"
    elif line.startswith("{") and re.match(r"\{\s*(?:\"|$)", line):
        told, help = "this is JSON, which the language is not", f"JSON is YAML as well: name the file `{stem}.yaml`"
    elif _YAML_LINE.match(line) and _YAML_NEST.search(source.text) and not _TEXT.search(source.text):
        told = "this is YAML, in a file of text"
        help = f"name the file `{stem}.yaml`; `mlarch convert {stem}.yaml` writes it as text"
    else:
        return False
    findings.error(CODE, told, span, "the first line", help=help)
    return True
