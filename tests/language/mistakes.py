"""Mistakes that people make, put into right files: each says what is changed and where, and what a check has to say of it.

A mistake is found when the report has one of its codes on its line. Patterns are tried on the text of a file; `at` in a pattern is what is
replaced, by a text or by what a function makes of it. The words of the kinds are those of the figures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

import msgspec

from mlarch.architecture.blocks import KINDS
from mlarch.architecture.functions import FUNCTIONS
from mlarch.architecture.metrics import METRICS
from mlarch.architecture.misplaced import places
from mlarch.architecture.nodes import abouts
from mlarch.language import tree
from mlarch.language.diagnostics import Findings
from mlarch.language.parsing.parser import parse
from mlarch.language.source import Source

from .slips import slipped

Made = str | Callable[[re.Match[str], Random], str]


@dataclass(frozen=True)
class Pattern:
    """One way to go wrong: where it can happen, what is written there, and the codes of which one is said on that line."""

    kind: str
    codes: str
    where: str
    made: Made


@dataclass(frozen=True)
class Mistake:
    """One mistake in one text: what is replaced, and the line and codes that the report must have.

    Lines are given by an offset in the right text, so that other mistakes may move them; `shift` is how many lines below it is said.
    """

    kind: str
    codes: tuple[str, ...]
    start: int
    end: int
    new: str
    told_at: int
    shift: int = 0


def slip(match: re.Match[str], random: Random) -> str:
    """Return a name with one slip of the fingers."""
    return random.choice([each for each in slipped(match["at"]) if each not in KNOWN])


#: Names of the language: a slip that makes one of them of another is another mistake.
KNOWN = frozenset((*KINDS, *FUNCTIONS, *METRICS, *(key for _, cls in places() for key in abouts(cls))))


def _number(match: re.Match[str], random: Random) -> str:
    return re.match(r"[\d.]+", match["at"])[0]  # type: ignore[index]


def _apart(match: re.Match[str], random: Random) -> str:
    number = _number(match, random)
    return f"{number} {match['at'][len(number) :]}"


_ALL = "|".join(KINDS)
_MEMBERS = "problem|mode|promote|output|backend|by|scheduler|refresh|method"
_NAMES = "model|source|training|features|deployment|hardware"
_ONE_LINE = r"[^\n{}\[\](),#]"

PATTERNS = (
    # --- syntax
    Pattern("syntax", "101", rf"^ +[a-z_]+ *= *(?P<at>{_ONE_LINE}+?)$", ""),
    Pattern("syntax", "105", r'^ +[a-z_]+ *= "[^"\n]*(?P<at>")$', ""),
    Pattern("syntax", "105", r"^ +[a-z_]+ *= (?P<at>\"[^\"'\n$\\]*\")$", lambda match, _: match["at"].replace('"', "'")),
    Pattern("syntax", "106", rf"^ +[a-z_]+ *= *{_ONE_LINE}+(?P<at>)$", ";"),
    Pattern("syntax", "100 212", r"^ +(?:family|problem|from|model|training|window|backend|label)(?P<at> *=) ", ":"),
    Pattern("syntax", "102", r"^ +[a-z_]+ *= *\w+\([^()\n]*(?P<at>\))$", ""),
    Pattern("syntax", "102", r"^ +[a-z_]+ *= \[[^\[\]\n]*(?P<at>\])$", ""),
    Pattern("syntax", "102", r"^ +[^\n{}]*\([^()\n]*\)(?P<at>)$", ")"),
    Pattern("syntax", "100 101", r"^ +feature \w+ *= [^\n]*\w(?P<at> [*/+] )[^\n]*$", " * / "),
    Pattern("syntax", "106", r"^ +feature \w+ *= \w+\(\w+\)(?P<at>)$", " % 2"),
    Pattern("syntax", "100 104", rf"^ +(?:{_MEMBERS}|family) *= (?P<at>)\w+$", "the "),
    Pattern("syntax", "103", r"^ +label *= [^\n=]+ (?P<at>==) ", "="),
    Pattern("syntax", "106", r"^(?P<at># )\w", "// "),
    Pattern("syntax", "102", r"^(?:[a-z_]+ )\w+(?P<at> \{)$", ""),
    # --- names of kinds and keys
    Pattern("unknown kinds and keys", "201", rf"^(?P<at>{_ALL})(?= \w+ \{{)", slip),
    Pattern("unknown kinds and keys", "204 211 407 440", r"^ +(?P<at>[a-z_]{4,}) *= ", slip),
    Pattern("unknown kinds and keys", "204", r"^ +(?P<at>schema|slo|split|search|release|expect|fairness|clean)(?= +\{)", slip),
    Pattern("unknown kinds and keys", "211", r"(?P<at>separator|steps|hold)=", slip),
    Pattern("misplaced keys", "204", rf"^(?:{_ALL}) \w+ \{{\n(?P<at>)(?= )", "  max_ongoing_requests = 10\n"),
    Pattern("misplaced keys", "204", r"^(?:model|deployment|training) \w+ \{\n(?P<at>)(?= )", "  trials = 10\n"),
    Pattern("misplaced keys", "204", r"^(?:model|deployment|training) \w+ \{\n(?P<at>)(?= )", "  baseline = 0.5\n"),
    # --- references
    Pattern("dangling references", "203", rf"^ +\w+ *= \[?(?:{_NAMES})\.(?P<at>\w{{4,}})", slip),
    Pattern("dangling references", "203", r"[ \[]alert\.(?P<at>\w{4,})", slip),
    Pattern("dangling references", "203 207 210", rf"^ +(?:{_NAMES}|from) *= (?P<at>{_NAMES})(?=\.)", slip),
    Pattern("wrong kinds of references", "210", r"^ +(?:model|training|deployment|from) *= (?P<at>[a-z_]+\.\w+)$", "system.s"),
    # --- members
    Pattern("wrong enum values", "209", rf"^ +(?:{_MEMBERS}) *= (?P<at>[a-z_]{{5,}})$", slip),
    Pattern("wrong enum values", "209", r"then = (?P<at>investigate|scale_up|retrain|rollback)", slip),
    Pattern("wrong enum values", "209", r"^ +connector *= (?P<at>parquet|jsonl|csv)(?=\()", slip),
    Pattern("wrong enum values", "207 209", rf"^ +(?:{_MEMBERS}) *= (?P<at>[a-z_]{{4,}})$", "7"),
    Pattern("wrong enum values", "405", r"^ +family *= (?P<at>\w+)$", slip),
    Pattern("wrong enum values", "216", r"^    \w+ *: (?P<at>float|string|timestamp|category|bool)\b", slip),
    # --- names in expressions
    Pattern("unknown names in expressions", "301", r"^ +label *= \w+\.(?P<at>\w{4,})", slip),
    Pattern("unknown names in expressions", "301", r"^ +(?:timestamp|known_at|entity|attribute) *= (?P<at>\w{4,})$", slip),
    Pattern("unknown names in expressions", "301", r"^ +feature \w+ *= \w+\((?P<at>[a-z]\w{3,})\)", slip),
    Pattern("unknown names in expressions", "303", r"^ +feature \w+ *= (?P<at>[a-z_]\w{3,})(?=\()", slip),
    Pattern("unknown names in expressions", "301", r"by=(?P<at>\w{4,})\)", slip),
    Pattern("unknown names in expressions", "305", r"== \"(?P<at>\w{4,})\"", slip),
    Pattern("unknown metrics", "419", r"^ +metric (?P<at>\w{4,}) ", slip),
    Pattern("unknown metrics", "419", r"^ +require (?P<at>\w{4,}) [<>]", slip),
    Pattern("unknown metrics", "419", r"champion\.(?P<at>\w{4,})", slip),
    Pattern("unknown metrics", "419 434", r"when = (?P<at>error_rate|accuracy_drop|recall_drop)\b", slip),
    Pattern("hyperparameters", "407", r"^ {4}(?P<at>learning_rate|num_leaves|n_estimators|max_depth|max_iter) *= ", slip),
    Pattern("hyperparameters", "407 440", r"^ {4}(?P<at>learning_rate|num_leaves|n_estimators|max_depth|max_iter) +in ", slip),
    Pattern("hyperparameters", "407", r"^ {4}(?:learning_rate|num_leaves|n_estimators|max_depth|max_iter) *= (?P<at>[\d.]+)$", "-3"),
    # --- types
    Pattern("wrong types", "207", r'^ +(?:title|overview|version|experiment) *= (?P<at>"[^"\n]*")$', "5"),
    Pattern("wrong types", "207", r"^ +(?:threshold|port|cpu|nodes|replicas|trials|keep) *= (?P<at>[\d.]+)$", '"5"'),
    Pattern("wrong types", "207 210", r"^ +(?:model|training|deployment|from) *= (?P<at>[a-z]+\.\w+)$", '"it"'),
    Pattern("wrong types", "207", r"^ +(?:model|training|deployment) *= (?P<at>[a-z]+\.\w+)$", lambda match, _: f"[{match['at']}]"),
    Pattern("wrong types", "207", r"^ +(?:gate|audit|model_card) *= (?P<at>true|false)$", "maybe"),
    Pattern("wrong types", "302", r'^ +label *= \w+\.\w+ == (?P<at>"\w+")', "3"),
    Pattern("wrong types", "302", r"^ +feature \w+ *= (?:log1p|sqrt)\((?P<at>\w+)\)$", '"far"'),
    Pattern("wrong types", "304", r"^ +feature \w+ *= (?:log1p|standardize)\(\w+(?P<at>)\)$", ", 1"),
    Pattern("wrong types", "302", r"^ +feature \w+ *= hour\(\w+(?P<at>)\)$", ", 1"),
    Pattern("wrong types", "211", r"^ +connector *= csv\((?P<at>\"[^\"]*\")\)$", ""),
    # --- units
    Pattern("units", "208 302 207", r"^ +p(?:50|95|99) +< (?P<at>\d+ms)$", _number),
    Pattern("units", "208", r"^ +(?:window|cooldown|retry_after|max_duration) *= (?P<at>\d+(?:min|h|d|s))$", _number),
    Pattern("units", "208", r"(?<![\d.])(?P<at>\d+min)\b", lambda match, _: match["at"][:-2]),
    Pattern("units", "208", r"^ +(?:window|cooldown|retry_after) *= (?P<at>\d+(?:min|h|d|s))$", "5GB"),
    Pattern("units", "208", r"^ +(?:volume|memory) *= (?P<at>\d+(?:GiB|GB|MB))$", "5min"),
    Pattern("units", "100", r"^ +(?:window|cooldown|volume|memory) *= (?P<at>\d+[A-Za-z]+)$", _apart),
    Pattern("units", "208", r"^ +throughput *>= (?P<at>\d+req/s)$", "100ms"),
    Pattern("units", "302 208", r"^ +feature \w+ *= \w+(?P<at>)$", " > 5ms"),
    Pattern("units", "208", r"over (?P<at>\d+[dhs])$", _number),
    # --- what cannot be
    Pattern("impossible values", "217 311", r" in (?P<at>0\.\.\d+)$", "9..1"),
    Pattern("impossible values", "427", r'cron\((?P<at>"[^"\n]*")\)', '"61 * * * *"'),
    Pattern("impossible values", "412", r"validation = (?P<at>\d+%)", "99%"),
    Pattern("impossible values", "420", r"^ +require (?:roc_auc|recall|f1|accuracy) >= (?P<at>0\.\d+)", "1.7"),
    Pattern("impossible values", "215", r"p99 (?P<at><) \d+ms(?! or)", ">"),
    Pattern("impossible values", "426", r"^ +availability *>= (?P<at>[\d.]+%)$", "100%"),
    Pattern("impossible values", "440", r"loguniform\((?P<at>[\d.e-]+, [\d.]+)\)", "0.3, 0.01"),
    Pattern("impossible values", "439", r"^ +cpu *= (?P<at>\d+)$", "0"),
    Pattern("gates and metrics", "417 418 419", r"champion\.(?P<at>\w+)", "precision_at_5"),
    Pattern("gates and metrics", "441", r"^ +require (?:roc_auc|recall|f1|accuracy) (?P<at>>=) 0\.", "<="),
)


@dataclass(frozen=True)
class Right:
    """A right file, and every mistake that can be made in it."""

    path: Path
    text: str

    @cached_property
    def body(self) -> tuple[tree.Statement, ...]:
        return parse(Source(self.path.name, self.text), Findings()).body

    def mistakes(self, random: Random) -> list[Mistake]:
        """Return one mistake for each place and each way to go wrong there."""
        renamings = [each.span for each in self.body if isinstance(each, tree.Block) and each.kind.text == "moved"]
        found = (*self._by_pattern(random), *self._missing(), *self._twice(), *self._leaks())
        # What a block was called before is for nobody to check.
        return [each for each in found if not any(span.start < each.start < span.end for span in renamings)]

    def _by_pattern(self, random: Random) -> Iterator[Mistake]:
        for pattern in PATTERNS:
            for match in re.finditer(pattern.where, self.text, re.M):
                new = pattern.made if isinstance(pattern.made, str) else pattern.made(match, random)
                codes = tuple(f"MLA{code}" for code in pattern.codes.split())
                yield Mistake(pattern.kind, codes, match.start("at"), match.end("at"), new, match.start("at"))

    def _blocks(self) -> Iterator[tree.Block]:
        """Top-level blocks on several lines, whose last statements do not end the file."""
        for block in self.body:
            if isinstance(block, tree.Block) and block.kind.text in KINDS and "\n" in block.span.text:
                yield block

    def _missing(self) -> Iterator[Mistake]:
        """Lines that a block cannot be without, and the brace that ends it."""
        for block in self._blocks():
            needed = {field.encode_name for field in msgspec.structs.fields(KINDS[block.kind.text]) if field.required}
            for each in block.body:
                name = each.name if isinstance(each, tree.Attribute) and each.label is None else getattr(each, "kind", None)
                if name is not None and name.text in needed:
                    start, end = self._lines(each.span.start, each.span.end)
                    if self.text[start : each.span.start].strip() == "" and "," not in self.text[each.span.end : end]:
                        yield Mistake("missing keys", ("MLA205",), start, end, "", block.head.start)
            if self.text[block.span.end - 2 : block.span.end] == "\n}":
                yield Mistake("syntax", ("MLA102",), block.span.end - 1, block.span.end, "", block.head.start)

    def _twice(self) -> Iterator[Mistake]:
        """A line that stands twice, and a block that does."""
        for block in self._blocks():
            for each in block.body:
                if isinstance(each, (tree.Attribute, tree.Block)) and "\n" not in each.span.text:
                    start, end = self._lines(each.span.start, each.span.end)
                    if self.text[start : each.span.start].strip() == "" and "," not in self.text[each.span.end : end]:
                        new = f"  {each.span.text}\n"
                        yield Mistake("defined twice", ("MLA206",), end, end, new, end)
            if block.kind.text != "system":
                end = self._lines(block.span.start, block.span.end)[1]
                yield Mistake("defined twice", ("MLA206",), end, end, f"{block.head.text} {{ }}\n", end)

    def _leaks(self) -> Iterator[Mistake]:
        """Features made of what the label is made of, or of when it became known."""
        labels = re.findall(r"^ +label *= (\w+)\.(\w+)", self.text, re.M)
        known = [
            (block.name.text, each.value.text)
            for block in self._blocks()
            for each in block.body
            if block.name and isinstance(each, tree.Attribute) and each.name.text == "known_at" and isinstance(each.value, tree.Path)
        ]
        lists = re.findall(r"^ +features *= \[([^\]]*)", self.text, re.M)
        listed = "|".join(name for each in lists for name in re.findall(r"features\.(\w+)", each))
        for source, column in (*labels, *known):
            heads = rf"^features (?:{listed}) \{{\n(?:  (?:from|entity) *= [^\n]*\n)*  from *= source\.{source}\n"
            for match in re.finditer(heads, self.text, re.M):
                new = f"  feature leaking = {self._numeric(column)}\n"
                yield Mistake("leakage", ("MLA404",), match.end(), match.end(), new, match.end())

    def _numeric(self, column: str) -> str:
        """A feature that is nothing but a column, as a number."""
        kind = re.search(rf"\b{column} *: (\w+)", self.text)
        forms = {"bool": "if({}, 1, 0)", "timestamp": "hour({})", "category": "ordinal({})"}
        return forms.get(kind[1] if kind else "", "{} * 2").format(column)

    def _lines(self, start: int, end: int) -> tuple[int, int]:
        """Return the whole lines that hold a part."""
        last = self.text.find("\n", end)
        return self.text.rfind("\n", 0, start) + 1, len(self.text) if last < 0 else last + 1
