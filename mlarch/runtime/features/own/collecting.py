"""Which Python files a program depends on, found by reading them; nothing is imported."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from importlib.metadata import packages_distributions, version
from pathlib import Path

import msgspec

from ....architecture.architecture import Architecture
from ....architecture.errors import ArchitectureError
from ....architecture.expressions import Apply, Call, Expression, Literal, rewrite, walk
from ....architecture.functions import FUNCTIONS, Role
from ....architecture.program import Code, CodeFile, FeatureProgram

CODE = "MLA516"


def bound(program: FeatureProgram, root: Path) -> FeatureProgram:
    """Return a program with the code of the functions that it calls, as it is beside the architecture file now.

    Raises ArchitectureError (MLA516) where a module is not there, or is no Python.
    """
    named = targets_of(program)
    if not named:
        return program
    code = collected(named, root)

    def bind(node: Expression) -> Expression:
        target = target_of(node)
        return Call(target, code.digest, node.arguments[1:]) if target and isinstance(node, Apply) else node

    return msgspec.structs.replace(rewritten(program, bind), code=code)


def rewritten(program: FeatureProgram, change: Callable[[Expression], Expression]) -> FeatureProgram:
    """Return a program with `change` applied to every node of its features, and of what it takes of histories."""
    features = tuple(msgspec.structs.replace(each, expression=rewrite(each.expression, change)) for each in program.features)
    histories = tuple(
        msgspec.structs.replace(
            history,
            values=tuple(
                msgspec.structs.replace(value, expression=rewrite(value.expression, change)) if value.expression is not None else value
                for value in history.values
            ),
        )
        for history in program.histories
    )
    return msgspec.structs.replace(program, features=features, histories=histories)


def code_digest(program: FeatureProgram, root: Path) -> str | None:
    """Return the digest of the code that a program calls, as it is now; None where it calls none, empty where it cannot be read."""
    named = targets_of(program)
    if not named:
        return None
    try:
        return collected(named, root).digest
    except ArchitectureError:
        return ""


def targets_of(program: FeatureProgram) -> tuple[str, ...]:
    """Return the functions of the user's that a program calls, each once, in order."""
    return tuple(dict.fromkeys(target for each in expressions_of(program) for node in walk(each) if (target := target_of(node))))


def expressions_of(program: FeatureProgram) -> Iterator[Expression]:
    """Yield what the features are, and what is taken of each row of a history."""
    yield from (feature.expression for feature in program.features)
    yield from (value.expression for history in program.histories for value in history.values if value.expression is not None)


def declared_in(architecture: Architecture) -> tuple[str, ...]:
    """Return the functions of the user's that the features of an architecture name, each once, in order."""
    features = [feature.expression for group in architecture.features.values() for feature in group.feature.values()]
    return tuple(dict.fromkeys(target for each in features for node in walk(each) if (target := target_of(node))))


def target_of(node: Expression) -> str:
    """Return the function of the user's that a node calls, or an empty text."""
    match node:
        case Call(target, _, _):
            return target
        case Apply(function, (Literal(str() as target), *_)) if function in FUNCTIONS and FUNCTIONS[function].role is Role.OWN:
            return target
    return ""


def collected(targets: Iterable[str], root: Path) -> Code:
    """Return the modules of functions, and all that they import from beside the architecture file, wherever in them they do."""
    files: dict[str, str] = {}
    others = set[str]()
    waiting = [target.partition(":")[0] for target in targets]
    for module in waiting:
        if _file_of(module, root) is None:
            told = f"there is no module `{module}` beside the architecture file"
            help = f"write {module.replace('.', '/')}.py; what is installed is imported there, so that all that was trained with is kept"
            raise ArchitectureError(CODE, told, help=help)
    seen = set[str]()
    while waiting:
        module = waiting.pop()
        path = _file_of(module, root)
        if module in seen:
            continue
        seen.add(module)
        if path is None:
            others.add(module.partition(".")[0])
            continue
        parts = module.split(".")
        waiting += [".".join(parts[:length]) for length in range(1, len(parts))]
        name = path.relative_to(root).as_posix()
        files[name] = _text(path, name)
        waiting += _imported(files[name], name, module if path.name == "__init__.py" else module.rpartition(".")[0])
    libraries = _libraries(others - {name.partition("/")[0].removesuffix(".py") for name in files} - sys.stdlib_module_names)
    return Code(digest_of(files, libraries), tuple(CodeFile(name, files[name]) for name in sorted(files)), libraries)


def digest_of(files: Mapping[str, str], libraries: Mapping[str, str]) -> str:
    """Return the SHA-256 of paths, texts, and versions of libraries."""
    return hashlib.sha256(msgspec.json.encode([sorted(files.items()), sorted(libraries.items())])).hexdigest()


def _libraries(modules: Set[str]) -> dict[str, str]:
    """Return the distributions that modules are installed from, with their versions."""
    if not modules:
        return {}
    found = packages_distributions()  # looks at all that is installed
    return {name: version(name) for name in sorted({name for module in modules for name in found.get(module, ())})}


def _file_of(module: str, root: Path) -> Path | None:
    """Return the file of a module or of a package, where there is one."""
    place = root.joinpath(*module.split("."))
    return next((path for path in (place / "__init__.py", place.with_name(f"{place.name}.py")) if path.is_file()), None)


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise ArchitectureError(CODE, f"{name} cannot be read: {problem}") from None


def _imported(text: str, name: str, package: str) -> Iterator[str]:
    """Yield every module that a file may import, and what may be a module among the names that it takes from one."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as problem:
        line = f", line {problem.lineno}" if isinstance(problem, SyntaxError) and problem.lineno else ""
        raise ArchitectureError(CODE, f"{name}{line} is no Python: {getattr(problem, 'msg', problem)}") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield each.name
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{each.name}" for each in node.names)
