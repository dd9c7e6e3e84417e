"""`csv`, `parquet`, `jsonl`: files beside the architecture file, one or all that a pattern matches, in the order of their paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from ....architecture.blocks.source import Csv, JsonLines, Parquet, Source
from ....architecture.errors import ArchitectureError
from ....architecture.types import ColumnType
from ....language.suggest import names as listed
from ..text import cut_off, not_text
from .failing import unreachable
from .rows import Asked, Rows, of_frame

#: What a cell of a text file holds where there is no value.
MISSING = ["", "NA", "NaN", "nan", "null"]
#: How many bytes of a text file are looked at for something that is no text, where only its first rows are read.
LOOKED_AT = 1 << 26
#: How Hive names the folder of the rows that lack the value.
NOTHING = "__HIVE_DEFAULT_PARTITION__"
#: From so many lines of a JSON Lines file its columns are told; from all where one seems to be missing.
LINES = 1000
_PATTERN = ("*", "?", "[")
_AGAIN = "nothing of it was kept: run again when it is whole"
_KINDS = {Csv: "CSV", JsonLines: "JSON Lines"}


def open_source(source: Source, root: Path, asked: Asked) -> Rows:
    """Return the rows of all files of a source; the folders of a partitioned one (`year=2013/`) are columns.

    Raises ArchitectureError when a file is missing (MLA501), is not what the connector reads (MLA506, MLA507), or differs in its columns
    from the others (MLA511).
    """
    parts = [_Part(source, file, root, asked.first) for file in data_files(source, root)]
    for part in parts[1:]:
        _alike(source, parts[0], part)

    def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        for part in parts:
            yield from part.batches(columns)
        for part in parts:
            part.as_it_was()

    return Rows(parts[0].names, batches)


def data_files(source: Source, root: Path) -> list[Path]:
    """Return the files that a source reads, sorted by path; empty where it reads none.

    Raises ArchitectureError (MLA501) when there is no such file.
    """
    path = getattr(source.connector, "path", None)
    if path is None:
        return []
    if (root / path).exists() or not any(sign in path for sign in _PATTERN):
        return [_existing(source, root, path)]
    folder = _fixed(path)
    pattern = Path(path).relative_to(folder).as_posix()
    found = sorted((each for each in (root / folder).glob(pattern) if each.is_file()), key=Path.as_posix)
    if not found:
        raise ArchitectureError("MLA501", f"no file matches {path}", at=f"source.{source.name}.connector", help=_beside(root, path))
    return found


def unchecked(connector: object, file: Path, first: int | None = None) -> pl.LazyFrame:
    """Return the rows of one file as its reader sees them."""
    match connector:
        case Csv(_, separator):
            # Text stays text here: types are the schema's to give, so that `007` is not 7 and a bad value can be shown.
            return pl.scan_csv(
                file, separator=separator, infer_schema=False, null_values=MISSING, try_parse_dates=False, n_rows=first, glob=False
            )
        case Parquet():
            return pl.scan_parquet(file, n_rows=first, glob=False, hive_partitioning=False)
    return pl.scan_ndjson(file, infer_schema_length=first, n_rows=first)


class _Part:
    """One file of a source, with the columns that the names of its folders give."""

    def __init__(self, source: Source, file: Path, root: Path, first: int | None) -> None:
        self.source, self.file, self.first = source, file, first
        self.path = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()
        self.begun = _state(file)
        if not isinstance(source.connector, Parquet):
            check_text(file, self.path, source, first)
        self.folders = dict(_partitions(file.parent, root))
        self.types = self._types()
        self.names = (*self.types, *(name for name in self.folders if name not in self.types))

    def _types(self) -> dict[str, pl.DataType]:
        if not isinstance(self.source.connector, JsonLines):
            return dict(unchecked(self.source.connector, self.file, self.first).collect_schema())
        found = dict(pl.scan_ndjson(self.file, infer_schema_length=LINES).collect_schema())
        wanted = {column.name for column in self.source.schema.columns}
        if self.first is None and not wanted <= {*found, *self.folders}:
            found = dict(pl.scan_ndjson(self.file, infer_schema_length=None).collect_schema())
        return dict.fromkeys(found, pl.String())

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield the rows of the file, with the columns that are asked for."""
        given = [pl.lit(self.folders[name], pl.String).alias(name) for name in columns if name not in self.types]
        own = [name for name in columns if name in self.types]
        if not own:  # the rows are counted by a column that is left out again
            own = [next(iter(self.types))]
        yield from of_frame(self._frame(own).with_columns(given)).batches(columns)

    def as_it_was(self) -> None:
        """Refuse what was read of a file that was written meanwhile: it may be of two tables."""
        if _state(self.file) != self.begun:
            raise unreachable(self.source, f"{self.path} changed while it was read", "it was written meanwhile", help=_AGAIN)

    def _frame(self, columns: Sequence[str]) -> pl.LazyFrame:
        if not isinstance(self.source.connector, JsonLines):
            return unchecked(self.source.connector, self.file, self.first).select(columns)
        # Every value as text, in the types of no line before it: what it becomes is the schema's to say.
        frame = pl.scan_ndjson(self.file, schema=dict.fromkeys(columns, pl.String), n_rows=self.first)
        whole = [each.name for each in self.source.schema.columns if each.type is ColumnType.INT and each.name in columns]
        return frame.with_columns(pl.col(whole).str.replace(r"^(-?\d+)\.0+$", "$1"))


def _state(file: Path) -> tuple[int, int, int]:
    """What tells a file from the same one written anew."""
    held = file.stat()
    return held.st_mtime_ns, held.st_size, held.st_ino


def _partitions(folder: Path, root: Path) -> Iterator[tuple[str, str | None]]:
    """Yield name and value of each folder of the form `name=value` on the way to a file."""
    parts = folder.relative_to(root).parts if folder.is_relative_to(root) else ()
    for part in parts:
        name, sign, value = part.partition("=")
        if sign and name:
            yield name, None if value == NOTHING else unquote(value)


def _alike(source: Source, one: _Part, other: _Part) -> None:
    """Two files of a source have the same columns, of those that the schema names, of the same types."""
    at = f"source.{source.name}.connector"
    for column in source.schema.columns:
        for here, there in ((one, other), (other, one)):
            if column.name in here.names and column.name not in there.names:
                told = f"{there.path} has no column `{column.name}`, and {here.path} has one"
                raise ArchitectureError("MLA511", told, at=at, help=f"it has {listed(there.names, 20)}")
        left, right = one.types.get(column.name), other.types.get(column.name)
        if left != right and left is not None and right is not None:
            told = f"`{column.name}` is {left} in {one.path}, and {right} in {other.path}"
            raise ArchitectureError("MLA511", told, at=at, help="write the files anew with one type, or read them as two sources")


def _existing(source: Source, root: Path, path: str) -> Path:
    file, at = root / path, f"source.{source.name}.connector"
    if file.is_file():
        return file
    if file.is_dir():
        what, help = f"{path} is a folder", f"name a file in it, or all of them: `{path.rstrip('/')}/**/*.parquet`"
        raise ArchitectureError("MLA501", what, at=at, help=help)
    raise ArchitectureError("MLA501", f"there is no data file {path}", at=at, help=_beside(root, path))


def _beside(root: Path, path: str) -> str:
    """What there is instead."""
    parent = _fixed(path)
    folder = f"the folder {parent.as_posix()}/"
    if not (root / parent).is_dir():
        return f"{folder} does not exist beside the architecture file"
    near = sorted(each.name for each in (root / parent).iterdir() if each.is_file())[:8]
    return f"{folder} has {', '.join(near)}" if near else f"{folder} has no files"


def _fixed(path: str) -> Path:
    """The folder that a path names without a pattern."""
    parent = Path(path).parent
    while any(sign in parent.as_posix() for sign in _PATTERN):
        parent = parent.parent
    return parent


def check_text(file: Path, path: str, source: Source, first: int | None = None) -> None:
    """Refuse a file that is no text, or has nothing in it; where only the first rows are read, no more than their share is looked at."""
    at, kind = f"source.{source.name}.connector", _KINDS[type(source.connector)]
    if file.stat().st_size == 0:
        raise ArchitectureError("MLA506", f"{path} is empty", at=at, help="the first line names the columns")
    try:
        wrong = not_text(file, None if first is None else LOOKED_AT)
        cut = cut_off(file, source.connector.separator) if first is None and isinstance(source.connector, Csv) else None
    except OSError as problem:
        raise ArchitectureError("MLA501", f"{path} cannot be opened: {problem.strerror}", at=at, help="who may read it?") from None
    if wrong:
        raise ArchitectureError("MLA507", f"{path} cannot be read: {wrong}", at=at, help=f"save it as a {kind} file in UTF-8")
    if cut:
        raise ArchitectureError("MLA507", f"{path} cannot be read: {cut}", at=at, help="is it a whole copy? A whole last line ends, too")
