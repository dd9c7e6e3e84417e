"""The ways in which data go wrong: each takes a good project's folder and breaks its data file."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

FILE = Path("data", "breast_cancer.csv")
Break = Callable[[Path], object]


def lines(folder: Path) -> list[str]:
    """The lines of the data file, the header first."""
    return (folder / FILE).read_text(encoding="utf-8").splitlines()


def write(folder: Path, rows: list[str], encoding: str = "utf-8") -> None:
    """Write the data file anew."""
    (folder / FILE).write_bytes(("\n".join(rows) + "\n").encode(encoding))


def content(data: bytes) -> Break:
    """The file holds these bytes."""
    return lambda folder: (folder / FILE).write_bytes(data)


def edited(change: Callable[[list[str]], list[str]], encoding: str = "utf-8") -> Break:
    """The lines are changed by a function."""
    return lambda folder: write(folder, change(lines(folder)), encoding)


def header(old: str, new: str) -> Break:
    """A name in the header is another one."""
    return edited(lambda rows: [rows[0].replace(old, new), *rows[1:]])


def cells(column: str, value: str, rows: Collection[int] | None = None) -> Break:
    """A column holds a value in some rows, counted from 0, or in all of them."""

    def change(text: list[str]) -> list[str]:
        place = text[0].split(",").index(column)
        made = [text[0]]
        for number, line in enumerate(text[1:]):
            parts = line.split(",")
            if rows is None or number in rows:
                parts[place] = value
            made.append(",".join(parts))
        return made

    return edited(change)


def without(column: str) -> Break:
    """A column is not there."""

    def change(text: list[str]) -> list[str]:
        place = text[0].split(",").index(column)
        return [",".join(part for number, part in enumerate(line.split(",")) if number != place) for line in text]

    return edited(change)


def no_folder(folder: Path) -> None:
    """The folder of the data is not there."""
    shutil.rmtree(folder / FILE.parent)


def renamed(folder: Path) -> None:
    """The file has another name."""
    (folder / FILE).rename(folder / FILE.parent / "cancer.csv")


def a_folder(folder: Path) -> None:
    """The file's name is a folder's."""
    (folder / FILE).unlink()
    (folder / FILE).mkdir()


def parquet(folder: Path) -> None:
    """The file is of another kind than its name says."""
    import polars as pl

    pl.read_csv(folder / FILE).write_parquet(folder / FILE)


NOISE = random.Random(1).randbytes(20_000)
