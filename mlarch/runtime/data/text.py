"""Looking at a text file before and after a reader fails on it, so that the message names the line and not the reader's internals."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

BLOCK = 1 << 20
#: What a file that is no text begins with; compressed text is read as text by the reader itself.
_BINARY = {b"PAR1": "a Parquet file", b"PK\x03\x04": "a zip file or a workbook", b"\x89PNG": "a picture", b"%PDF": "a PDF file"}
_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x78\x01", b"\x78\x9c", b"\x78\xda")


def not_text(file: Path, first: int | None = None) -> str | None:
    """Return why a file, or so many bytes of it, is not UTF-8 text, or None where it is; a large file takes no memory.

    Raises OSError when it cannot be opened.
    """
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with file.open("rb") as data:
        block = data.read(BLOCK)
        if block.startswith(_COMPRESSED):
            return None
        for magic, what in _BINARY.items():
            if block.startswith(magic):
                return f"it is {what}"
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "it is UTF-16, not UTF-8"
        while block:
            if b"\0" in block:
                return "it is not text"
            try:
                decoder.decode(block)
            except UnicodeDecodeError as problem:
                # The decoder's own buffer, the start of a character from the block before, is part of what it failed on.
                line += problem.object[: problem.start].count(b"\n")
                return f"line {line} is not UTF-8"
            line += block.count(b"\n")
            if first is not None and data.tell() >= first:
                return None
            block = data.read(BLOCK)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return f"line {line} is not UTF-8"
    return None


def cut_off(file: Path, separator: str) -> str | None:
    """Return why a CSV file seems to end within a line, or None: its last line does not end, and has fewer values than the header names."""
    with file.open("rb") as data:
        head = data.readline(BLOCK)
        if head.startswith(_COMPRESSED) or not head.endswith(b"\n"):
            return None
        data.seek(max(len(head), data.seek(0, 2) - BLOCK))
        tail = data.read()
    last = tail.rpartition(b"\n")[2]
    if not last or b'"' in last or b'"' in head:  # a value in quotes may have lines of its own
        return None
    named, found = (len(line.strip(b"\r\n").split(separator.encode())) for line in (head, last))
    return f"it ends within a line: the last one has {found} of {named} values" if found < named else None


def misfit(file: Path, separator: str) -> str | None:
    """Return which line has another number of values than the header names, or None where that is not what is wrong."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.reader(text, delimiter=separator)
            named = len(next(rows, []))
            for row in rows:
                if len(row) > named:
                    return f"line {rows.line_num} has {len(row)} values, and the header names {named} columns"
    except (OSError, UnicodeDecodeError, csv.Error):
        pass
    return None
