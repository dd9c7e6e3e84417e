"""Code that is kept with a program, as modules: of their own names, so that two versions of one file can stand side by side.

The modules find one another among the files that are kept and nowhere else; everything else is imported as ever. They have no
`__file__`: the copy that answers requests has no files beside it either.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Mapping
from importlib.util import resolve_name
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

from ....architecture.errors import ArchitectureError
from ....architecture.program import Code, FeatureProgram
from .collecting import CODE, digest_of, targets_of

#: What was read so far, by its digest: the same code is the same modules.
_KNOWN: dict[str, Modules] = {}


def learn(program: FeatureProgram) -> None:
    """Know the code of a program, so that its expressions can be lowered; nothing of it runs yet.

    Raises ArchitectureError (MLA608) where the code is not what its digest says.
    """
    code = program.code
    if code is None or code.digest in _KNOWN:
        return
    if digest_of({file.path: file.text for file in code.files}, code.libraries) != code.digest:
        raise ArchitectureError(
            "MLA608", "the code of the feature program was changed since it was written", help="run again: it is made anew"
        )
    _KNOWN[code.digest] = Modules(code)


def ready(program: FeatureProgram) -> None:
    """Run the modules of a program and find its functions. Raises ArchitectureError (MLA516) where that fails, MLA608 as `learn` does."""
    learn(program)
    for target in targets_of(program) if program.code is not None else ():
        function_of(program.code.digest if program.code else "", target)


def function_of(digest: str, target: str) -> Callable[..., Any]:
    """Return a function of code that is known. Raises ArchitectureError (MLA516) where its module fails, or has no such function."""
    try:
        return _KNOWN[digest].function(target)
    except ArchitectureError:
        raise
    except (Exception, SystemExit) as problem:
        told = f"`{target}` cannot be imported: {said(problem)}"
        raise ArchitectureError(CODE, told, help=f"a function stands in {target.partition(':')[0].replace('.', '/')}.py") from problem


def said(problem: BaseException) -> str:
    """Return an exception in one line."""
    lines = str(problem).strip().splitlines() or [""]
    return f"{type(problem).__name__}: {lines[0][:200]}" if lines[0] else type(problem).__name__


class Modules:
    """The modules of one code, each made when it is first imported."""

    def __init__(self, code: Code) -> None:
        self._prefix = f"mlarch_code_{code.digest[:16]}"
        self._files = {_module(file.path): file for file in code.files}
        self._packages = {".".join(name.split(".")[:length]) for name in self._files for length in range(1, name.count(".") + 1)}
        self._packages |= {name for name, file in self._files.items() if PurePosixPath(file.path).name == "__init__.py"}
        self._tops = {name.partition(".")[0] for name in self._files}
        self._made: dict[str, ModuleType] = {}

    def function(self, target: str) -> Callable[..., Any]:
        """Return what a target names. Raises whatever its module raises, AttributeError or TypeError where it is no function."""
        module, _, name = target.partition(":")
        found: Any = self._load(module)
        for part in name.split("."):
            found = getattr(found, part)
        if not callable(found):
            raise TypeError(f"it is of type {type(found).__name__}, and no function")
        return found  # type: ignore[no-any-return]  # what is callable

    def _holds(self, name: str) -> bool:
        return name in self._files or name in self._packages

    def _load(self, name: str) -> ModuleType:
        if name in self._made:
            return self._made[name]
        if not self._holds(name):
            raise ModuleNotFoundError(f"no module `{name}` stands beside the architecture file")
        parent, _, child = name.rpartition(".")
        if parent:
            self._load(parent)
        module = ModuleType(f"{self._prefix}.{name}")
        around = name if name in self._packages else parent
        module.__package__ = f"{self._prefix}.{around}" if around else self._prefix
        if name in self._packages:
            module.__path__ = []
        # A private `import`: the functions keep it, so that one inside a function is found among the same files.
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": self._import}
        self._made[name] = sys.modules[module.__name__] = module
        try:
            if name in self._files:
                file = self._files[name]
                exec(compile(file.text, file.path, "exec", dont_inherit=True), vars(module))
        except BaseException:
            del self._made[name], sys.modules[module.__name__]
            raise
        if parent:
            setattr(self._made[parent], child, module)
        return module

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: tuple[str, ...] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """`import`, as Python's own: `a.b` without names gives `a`, with names `a.b`."""
        absolute = name
        if level:
            around = (globals or {}).get("__package__") or self._prefix
            absolute = resolve_name("." * level + name, around).removeprefix(self._prefix).removeprefix(".")
            if absolute.partition(".")[0] not in self._tops:
                raise ImportError("a relative import in a module that is in no package")
        if absolute.partition(".")[0] not in self._tops:
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        module = self._load(absolute)
        if not fromlist:
            return module if level else self._load(absolute.partition(".")[0])
        for each in fromlist:
            if not hasattr(module, each) and self._holds(f"{absolute}.{each}"):
                self._load(f"{absolute}.{each}")
        return module


def _module(path: str) -> str:
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
