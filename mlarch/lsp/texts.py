"""The texts that the server knows: those that are open, and the files beside them, each read as it is now."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pygls.uris import to_fs_path

from ..language.files import LIMIT
from ..language.load import YAML_SUFFIXES
from .places import uri_of

#: A folder with more architectures than this is somebody's disk, not a project.
MOST_FILES = 500
#: Files are offered from so many folders down.
DEEPEST = 3
_IMPORT = re.compile(r'^[ \t]*import[ \t]+"((?:[^"\\\n]|\\.)*)"', re.MULTILINE)
_YAML_IMPORT = re.compile(r"^import:(.*(?:\n[ \t-].*)*)", re.MULTILINE)
_NAMED = re.compile(r"[^\s\[\],\"']+\.(?:mlarch|ya?ml)(?![\w.])")
_SKIPPED = ("node_modules", "build", "dist")


@dataclass(frozen=True)
class Opened:
    """A text in an editor, which may not be saved yet."""

    uri: str
    version: int | None
    text: str


class Texts:
    """Open texts by their files, and the files of the folders that the editor works in."""

    def __init__(self) -> None:
        self.open: dict[Path, Opened] = {}
        self.folders: list[Path] = []
        self._imports: dict[Path, tuple[object, tuple[Path, ...]]] = {}
        self._listed: dict[Path, set[Path]] = {}

    def path_of(self, uri: str) -> Path:
        """Return the file of an address, links resolved; a text without a file gets a name that no file has."""
        path = to_fs_path(uri) if uri.startswith("file:") else None
        return Path(path).resolve() if path else Path(os.sep, "unsaved", quote(uri, safe=""))

    def uri_of(self, path: Path) -> str:
        """Return the address of a file, as the editor writes it where the file is open."""
        return self.open[path].uri if path in self.open else uri_of(path)

    def look_again(self) -> None:
        """Forget which files there are: one may have come or gone."""
        self._listed.clear()

    def text(self, path: Path) -> str | None:
        """Return the text of a file as the editor shows it, or as it is saved; None when it cannot be read."""
        if path in self.open:
            return self.open[path].text
        try:
            if path.stat().st_size > LIMIT:
                return None
            return path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None

    def held(self) -> dict[Path, str]:
        """Return what is to be read in the place of files."""
        return {path: each.text for path, each in self.open.items() if len(each.text) <= LIMIT}

    # --- which file is part of which architecture ------------------------------------------------------------------

    def roots_of(self, path: Path) -> list[Path]:
        """Return the files whose architecture a file is part of: those that import it and are not imported themselves, or itself."""
        importers: dict[Path, list[Path]] = {}
        for each in self.files(path):
            for imported in self._imported(each):
                importers.setdefault(imported, []).append(each)
        seen, waiting, roots = {path}, [path], []
        while waiting:
            here = waiting.pop()
            above = [each for each in importers.get(here, ()) if each not in seen]
            if here not in importers:
                roots.append(here)
            seen.update(above)
            waiting += above
        return sorted(roots) or [path]

    def files_of(self, root: Path) -> list[Path]:
        """Return the files of an architecture, the one that imports the others first."""
        found = [root]
        for path in found:
            found += [each for each in self._imported(path) if each not in found and self.text(each) is not None]
        return found

    def files(self, path: Path) -> set[Path]:
        """Return the architectures that may have to do with a file: those that are open, beside it, or in the editor's folders."""
        if path.parent not in self._listed:
            self._listed[path.parent] = {*self._beside(path), *self._below()}
        return {path, *self.open} | self._listed[path.parent]

    def everywhere(self) -> list[Path]:
        """Return the architectures that are open or lie in the editor's folders."""
        return sorted({*self.open, *self._below()})

    def named_from(self, path: Path, suffixes: tuple[str, ...]) -> list[str]:
        """Return the files below the folder of a file that end so, by their paths from there; their names are read and nothing else."""
        found: list[str] = []
        for folder, inside, names in os.walk(path.parent):
            depth = len(Path(folder).relative_to(path.parent).parts)
            inside[:] = [] if depth >= DEEPEST else sorted(each for each in inside if not each.startswith(".") and each not in _SKIPPED)
            here = (Path(folder, name) for name in sorted(names) if name.endswith(suffixes))
            found += [each.relative_to(path.parent).as_posix() for each in here if each != path]
            if len(found) >= MOST_FILES:
                break
        return found[:MOST_FILES]

    def _beside(self, path: Path) -> Iterator[Path]:
        try:
            yield from (each.resolve() for each in path.parent.glob("*.mlarch"))
        except OSError:
            return

    def _below(self) -> Iterator[Path]:
        found = 0
        for root in self.folders:
            for folder, inside, names in os.walk(root):
                inside[:] = sorted(each for each in inside if not each.startswith(".") and each not in _SKIPPED)
                for name in sorted(names):
                    if name.endswith(".mlarch") and found < MOST_FILES:
                        found += 1
                        yield Path(folder, name).resolve()

    def _imported(self, path: Path) -> tuple[Path, ...]:
        """Return the files that a file imports; what it says is looked at anew only when it has changed."""
        stamp = self._stamp(path)
        known = self._imports.get(path)
        if known is None or known[0] != stamp:
            named = _imports(path, self.text(path) or "")
            known = self._imports[path] = (stamp, tuple(found for each in named if (found := _target(path.parent, each))))
        return known[1]

    def _stamp(self, path: Path) -> object:
        if path in self.open:
            return self.open[path].text
        try:
            status = path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size


def _imports(path: Path, text: str) -> list[str]:
    if path.suffix not in YAML_SUFFIXES:
        return _IMPORT.findall(text)
    listed = _YAML_IMPORT.search(text)
    return _NAMED.findall(listed[1]) if listed else []


def _target(folder: Path, named: str) -> Path | None:
    try:
        return (folder / named).resolve()
    except (OSError, RuntimeError, ValueError):
        return None
