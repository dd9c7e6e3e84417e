"""The conformance corpus in `dsl/corpus/`: architectures, and what `check` says of each.

`broken/NAME.mlarch` stands beside `broken/NAME.expected`; what `good/` holds has no errors, and only warns that something is not lowered
yet. Where a good file is not in the canonical style, what the formatter makes of it stands beside it, `good/NAME.formatted`. To add a case,
write the `.mlarch` file, run `python -m tests.language.corpus --write`, and read the new `.expected` or `.formatted` file for truth:
is the message right, is the text that it underlines the wrong one, is there nothing that only follows from something else? A finding reads

    5:14 error MLA209: `classify` is not one of `classification`, …
        at classify: did you mean `classification`?
        help: …

A folder instead of a file is an architecture of several files, and its `main.mlarch` is the one that is named. A first line
`#! --overlay NAME` is what the command line adds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from mlarch.api import Project, load
from mlarch.language.diagnostics import Diagnostic, Findings
from mlarch.language.files import display
from mlarch.language.formatting import format_source
from mlarch.language.resources import dsl_path
from mlarch.language.source import Source, Span

CORPUS = dsl_path("corpus")


def cases(kind: str) -> list[Path]:
    """Return the files of one kind of case, `broken` or `good`, that are named to the compiler."""
    folder = CORPUS / kind
    return sorted([*folder.glob("*.mlarch"), *folder.glob("*/main.mlarch")])


def name_of(case: Path) -> str:
    """Return the name of a case: its file's, or its folder's where it has several files."""
    return case.parent.name if case.name == "main.mlarch" else case.stem


def expected_file(case: Path) -> Path:
    """Return where the findings of a broken case stand."""
    return case.with_name("main.expected") if case.name == "main.mlarch" else case.with_suffix(".expected")


def right_files() -> list[Path]:
    """Return every file of every right architecture, those that are imported included."""
    return sorted(path for path in (CORPUS / "good").rglob("*.mlarch") if path.is_file())


def formatted_file(path: Path) -> Path:
    """Return where the formatted form of a right file stands: beside it, or in itself where it is in the canonical style."""
    beside = path.with_suffix(".formatted")
    return beside if beside.exists() else path


def checked(case: Path) -> Project:
    """Load and check a case with what its first line adds."""
    first = case.read_text(encoding="utf-8").split("\n", 1)[0]
    _, option, names = first.partition("#! --overlay ")
    return load(case, overlays=names.split() if option else ())


def transcript(case: Path) -> str:
    """Return what a check says of a case, as an `.expected` file holds it."""
    return "".join(_told(item, case) for item in checked(case).diagnostics)


def _told(item: Diagnostic, case: Path) -> str:
    message = item.message.replace(f"{display(case.parent)}/", "")
    lines = [f"{_place(item.span, case)} {item.severity} {item.code}: {message}"]
    if item.span is not None:
        lines.append(f"    at {_shown(item.span)}" + (f": {item.caption}" if item.caption else ""))
    lines += [f"    see {_place(label.span, case)} {_shown(label.span)}: {label.text}" for label in item.labels]
    lines += [f"    note: {note}" for note in item.notes]
    lines += [f"    help: {help}" for help in item.helps]
    lines += [f"    fix {_place(fix.span, case)} {_shown(fix.span)}: {fix.title}" for fix in item.fixes]
    return "\n".join(lines) + "\n"


def _place(span: Span | None, case: Path) -> str:
    """The position, with the file's name where it is not the case's own."""
    if span is None:
        return "-"
    line, column = span.source.position(span.start)
    own = span.source.path is not None and span.source.path.resolve() == case.resolve()
    return f"{line}:{column}" if own else f"{Path(span.source.name).name}:{line}:{column}"


def _shown(span: Span) -> str:
    """The text that is underlined: all of it on one line, or its first line with an ellipsis."""
    first, *rest = span.text.split("\n")
    return (f"{first} …" if rest and first else "the end of the line" if rest else first) or "the end of the file"


def write(found: Iterable[Path]) -> None:
    """Write the expected findings of the broken cases anew, and name those that changed."""
    for case in found:
        target, text = expected_file(case), transcript(case)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
            print(f"written: {target.relative_to(CORPUS)}")


def write_formatted(found: Iterable[Path]) -> None:
    """Write the formatted forms of the right files anew, and name those that changed."""
    for path in found:
        beside, text = path.with_suffix(".formatted"), path.read_bytes()
        made = format_source(Source(path.name, text.decode("utf-8-sig")), Findings())
        assert made is not None, f"{path} has a syntax error"
        if made.encode() == text:
            beside.unlink(missing_ok=True)
        elif not beside.exists() or beside.read_bytes() != made.encode():
            beside.write_bytes(made.encode())
            print(f"written: {beside.relative_to(CORPUS)}")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.language.corpus --write")
    write(cases("broken"))
    write_formatted(right_files())
