"""Whole architecture files for the formatter: laid out in any way that the language allows, with comments wherever one may stand."""

from __future__ import annotations

from random import Random

_NAMES = (
    "a",
    "rows",
    "roc_auc",
    "mean_radius",
    "in",
    "over",
    "`mean radius`",
    "`#1`",
    "a_name_that_is_longer_than_most_of_the_others",
    "naïve",
)
_ATOMS = (
    *("1", "1e-3", "50ms", "5%", "1000req/s", "1/30d", "12.5usd/h", "0..1", "-1..2.5", "2013-10-11", "2013-10-11T05:00:00Z"),
    *('""', '"benign"', '"a \\"b\\" # {c}"', '"${param.data}/x.csv"', '"a text that takes quite some room on the line where it stands"'),
)
_COMMENTS = (
    "#",
    "# note",
    "## doc",
    "##",
    "#!x",
    '#  { [ ( " `',
    "# — ünï",
    "# a comment that is much longer than what it is about, " + "x" * 40,
)


class Writer:
    """Writes one file by the choices of a random generator; `comments` are those that it has put in, in their order."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.newline = random.choice(("\n", "\n", "\r\n"))
        self.comments: list[str] = []

    def file(self) -> str:
        """Return a file of a few statements."""
        return self.between() + self.body(0) + self.between()

    # --- layout ----------------------------------------------------------------------------------------------------

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def space(self, least: int = 1) -> str:
        """Return blanks on one line."""
        return self.random.choice((" ", " ", "  ", "\t")) if least or self.chance(0.5) else ""

    def comment(self) -> str:
        """Return a comment and the end of its line."""
        text = self.random.choice(_COMMENTS)
        if self.chance(0.5):
            text += f" {len(self.comments)}"
        self.comments.append(text)
        return text + self.random.choice(("", " ", "\t")) + self.newline

    def between(self) -> str:
        """Return blanks, line breaks and comments, beginning and ending at the start of a line."""
        text = ""
        while self.chance(0.4):
            text += self.space(0) + (self.comment() if self.chance(0.6) else self.newline)
        return text + self.space(0)

    def free(self) -> str:
        """Return what may stand between two words where line breaks are layout."""
        if self.chance(0.75):
            return self.space(0)
        return self.space(0) + (self.comment() if self.chance(0.4) else self.newline) + self.between()

    def end(self) -> str:
        """Return what may stand between two statements."""
        if self.chance(0.15):
            return self.space(0) + "," + self.space(0)
        comma = (self.between() if self.chance(0.3) else "") + "," if self.chance(0.2) else ""
        return self.space(0) + comma + self.space(0) + (self.comment() if self.chance(0.3) else self.newline) + self.between()

    def pick(self, *texts: str) -> str:
        return self.random.choice(texts)

    def name(self) -> str:
        return self.pick(*_NAMES)

    # --- statements ------------------------------------------------------------------------------------------------

    def body(self, depth: int) -> str:
        count = self.random.randint(0, 4 if depth else 9)
        text = ""
        for number in range(count):
            text += self.statement(depth) + (self.end() if number < count - 1 or self.chance(0.5) else "")
        return text

    def statement(self, depth: int) -> str:
        label = self.pick("", "", "feature", "metric") + self.space()
        name = self.name()
        form = self.random.randint(0, 9)
        if form < 3 and depth < 3:
            return self.block(depth)
        if form < 6:
            return f"{label.lstrip() and label}{name}{self.space(0)}={self.space(0)}{self.expression(2, False)}"
        if form == 6:
            return f'import{self.space(0)}"{name}"'
        if form == 7:
            return f"{label.lstrip() and label}{name}{self.space(0)}:{self.space(0)}{self.column()}"
        operator = self.pick("<", ">=", "==", "!=")
        left = self.pick("p99", "a.b", "throughput", "worst(recall, by=origin)")
        label = "require " if label.lstrip() else ""
        return f"{label}{left}{self.space(0)}{operator}{self.free()}{self.operand(1, False)}"

    def block(self, depth: int) -> str:
        head = self.pick("system", "slo", "search") + self.pick("", f" {self.pick('late', 'api', '`the one`')}")
        if self.chance(0.5):
            statements = [f"{self.pick('p50', 'rows', 'x')}{self.space(0)}{self.pick('=', '<')} {self.pick(*_ATOMS)}" for _ in range(3)]
            inside = f"{self.space(0)},{self.space(0)}".join(statements[: self.random.randint(0, 3)])
        else:
            inside = self.space(0) + (self.comment() if self.chance(0.3) else self.newline) + self.between() + self.body(depth + 1)
            inside += self.space(0) + (self.comment() + self.between() if self.chance(0.3) else "")
        return f"{head}{self.space(0)}{{{self.space(0)}{inside}{self.space(0)}}}"

    def column(self) -> str:
        text = f"category({self.free()}{self.items(0)})" if self.chance(0.4) else self.pick("float", "id")
        text += self.space(0) + self.pick("", "?")
        text += f" in [{self.items(0)}]" if self.chance(0.3) else self.pick("", f"{self.space()}in 0..1")
        return text + self.pick("", f"{self.space()}={self.space(0)}{self.pick(*_ATOMS)}")

    # --- expressions -----------------------------------------------------------------------------------------------

    def expression(self, depth: int, inside: bool) -> str:
        """Return an expression; inside brackets it may run over several lines."""
        free = self.free if inside else lambda: self.space(0)
        form = self.random.randint(0, 11) if depth else 0
        if form < 3:
            return self.pick(*_ATOMS, "x", "source.nuclei", f"a{self.space(0)}.{self.space(0)}b")
        if form < 6:
            operator = self.pick("+", "-", "*", "/", "and", "or")
            left = self.operand(depth, inside) + (self.space() if operator.isalpha() else free())
            return f"{left}{operator}{self.space()}{self.free()}{self.operand(depth, inside)}"
        if form == 6:
            return f"mean(x){self.space()}over {self.pick('1d', '30s')}{free()}{self.pick('<', '>')}{self.free()}1"
        if form == 7:
            return f"{self.pick('-', '- ', 'not ')}{self.pick('x', '1..2', '3', 'f(1)')}"
        return self.operand(depth, inside)

    def operand(self, depth: int, inside: bool) -> str:
        """Return an expression that binds tightly."""
        form = self.random.randint(0, 4) if depth else 0
        if form < 2:
            return self.expression(0, inside)
        if form == 2:
            return f"({self.free()}{self.expression(depth - 1, True)}{self.free()})"
        opener, closer = self.pick("f(", "standardize(", "["), ")"
        return f"{opener}{self.free()}{self.items(depth - 1, opener != '[')}{closer if opener != '[' else ']'}"

    def items(self, depth: int, named: bool = False) -> str:
        """Return some items between commas, perhaps with a comma after the last."""
        text = ""
        for last in (*[False] * self.random.randint(0, 3), True):
            name = self.pick("", "", f"by{self.space(0)}={self.space(0)}") if named else ""
            text += f"{name}{self.expression(depth, True)}{self.free()}"
            text += "" if last and self.chance(0.7) else f",{self.free()}"
        return text
