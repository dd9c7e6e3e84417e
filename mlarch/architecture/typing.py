"""Types of expressions over columns: what an expression gives, or where it goes wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..language.suggest import names, nearest
from .expressions import (
    COMPARISONS,
    Among,
    Amount,
    Apply,
    Between,
    Call,
    Expression,
    Literal,
    Lookup,
    Moment,
    Name,
    Term,
    Window,
    children,
    walk,
)
from .function_words import OF_ROWS, WRITTEN
from .functions import FUNCTIONS, OPERATORS, WINDOWED, Function, Role
from .quantities import Dimension
from .types import Column, ValueKind
from .zones import zone_named, zones

#: Functions that are written as signs or words between their arguments.
SYMBOLS = {function.name for function in OPERATORS}
#: `package.module:name`, as `python(…)` takes it.
PYTHON_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_OF_DIMENSION = {Dimension.NUMBER: ValueKind.NUMBER, Dimension.RATIO: ValueKind.NUMBER, Dimension.DURATION: ValueKind.DURATION}


@dataclass(eq=False)  # not frozen: an exception that is raised is given its traceback
class TypeProblem(Exception):
    """An expression that makes no sense, the node that shows it, and what to write instead.

    `misspelt` is the word that is none of those `known`, where that is what is wrong; `meant` is the text for the node's place, where
    that is plain.
    """

    node: Expression
    code: str
    message: str
    caption: str = ""
    help: str | None = None
    misspelt: str = ""
    known: tuple[str, ...] = ()
    meant: str = ""


def kind_of(expression: Expression, columns: Mapping[str, Column]) -> ValueKind:
    """Return the kind of value that an expression over columns gives; a bare null counts as a number.

    Raises TypeProblem at the innermost node that is wrong.
    """
    for part in walk(expression):
        for inner in children(part):
            _alone(part, inner)
    return _infer(expression, columns) or ValueKind.NUMBER


def _alone(around: Expression, node: Expression) -> None:
    """A function that gives several columns stands outermost: nothing is computed of them together, nor through the name of a feature."""
    if isinstance(node, Apply) and node.function in FUNCTIONS and FUNCTIONS[node.function].spread:
        told = f"`{node.function}` gives several columns, and nothing is computed of them together"
        raise TypeProblem(around, "MLA324", told, "of several columns", f"let it be the whole feature: `feature … = {node.function}(…)`")


def _infer(node: Expression, columns: Mapping[str, Column]) -> ValueKind | None:
    """None is the kind of `null`, which fits everywhere."""
    match node:
        case Literal(value):
            return _literal(value)
        case Amount(quantity):
            if quantity.dimension not in _OF_DIMENSION:
                raise TypeProblem(
                    node, "MLA302", f"`{quantity.text}` has no place in an expression over columns", "a constant with this unit"
                )
            return _OF_DIMENSION[quantity.dimension]
        case Moment():
            return ValueKind.TIMESTAMP
        case Name(parts):
            return _column(node, parts, columns)
        case Between(value, low, high):
            _same(node, [value, low, high], columns)
            return ValueKind.BOOLEAN
        case Among(value, choices):
            _same(node, [value, *choices], columns)
            return ValueKind.BOOLEAN
        case Window(aggregate, _):
            return _infer(aggregate, columns) if counted(aggregate, columns) is aggregate else ValueKind.NUMBER
        case Lookup() | Term() | Call():
            return ValueKind.NUMBER
        case Apply(function, arguments, keywords):
            if keywords:
                name = next(iter(keywords))
                raise TypeProblem(node, "MLA304", f"`{function}` takes no argument named `{name}`", "named argument")
            return _apply(node, function, arguments, columns)


def counted(aggregate: Expression, columns: Mapping[str, Column]) -> Expression:
    """Return an aggregate of numbers with true counted as 1 and false as 0, where it is of what is true or false; any other as it is.

    Raises TypeProblem where what is aggregated is wrong in itself.
    """
    if not isinstance(aggregate, Apply) or aggregate.function not in FUNCTIONS or len(aggregate.arguments) != 1 or aggregate.keywords:
        return aggregate
    function, (inner,) = FUNCTIONS[aggregate.function], aggregate.arguments
    if function.role is not Role.AGGREGATE or function.parameters != (ValueKind.NUMBER,) or _infer(inner, columns) is not ValueKind.BOOLEAN:
        return aggregate
    known = Apply("if", (inner, Literal(1), Literal(0)))
    return Apply(aggregate.function, (Apply("if", (Apply("is_missing", (inner,)), Literal(None), known)),))


def _literal(value: object) -> ValueKind | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return ValueKind.BOOLEAN
    return ValueKind.TEXT if isinstance(value, str) else ValueKind.NUMBER


def _column(node: Expression, parts: tuple[str, ...], columns: Mapping[str, Column]) -> ValueKind:
    column = columns.get(".".join(parts))  # a feature over another source is one by its full name
    if column is not None:
        return column.kind
    raise unknown_column(node, parts, columns)


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?Z?)?")
#: What other languages call the constants, in small letters.
CONSTANT_WORDS = {
    **dict.fromkeys(("true", "yes", "on"), "true"),
    **dict.fromkeys(("false", "no", "off"), "false"),
    **dict.fromkeys(("null", "none", "nil", "undefined", "nan", "na"), "null"),
}


def unknown_column(node: Expression, parts: tuple[str, ...], columns: Mapping[str, Column]) -> TypeProblem:
    """Say that a name is no column."""
    name = ".".join(parts)
    meant = CONSTANT_WORDS.get(name.lower())
    if meant is not None:
        return TypeProblem(node, "MLA301", f"`{name}` is written `{meant}` here", f"write `{meant}`", meant=meant)
    guess = nearest(parts[-1], columns)
    return TypeProblem(
        node,
        "MLA301",
        f"there is no column `{name}` here",
        f"did you mean `{guess}`?" if guess else "unknown column",
        f"the columns are {names(columns)}",
        parts[-1],
        tuple(columns),
    )


def _apply(node: Expression, name: str, arguments: tuple[Expression, ...], columns: Mapping[str, Column]) -> ValueKind | None:
    function = FUNCTIONS.get(name)
    if function is None:
        raise _unknown_function(node, name)
    _count(node, function, arguments)
    if function.role is Role.OWN:
        return _own(node, function, arguments, columns)
    if name in COMPARISONS or (name in ("+", "-") and len(arguments) == 2):
        return _operator(node, name, arguments, columns)
    shared: ValueKind | None = None
    for position, argument in enumerate(arguments):
        wanted = function.parameter(position, len(arguments))
        kind = _infer(argument, columns)
        if wanted is None:
            if kind is not None and shared is not None and kind is not shared and function.role is not Role.AGGREGATE:
                raise TypeProblem(argument, "MLA302", f"`{name}` mixes {shared} and {kind}", f"this is a {kind}")
            shared = shared or kind
        elif kind is not None and kind is not wanted:
            raise TypeProblem(
                argument,
                "MLA302",
                f"`{'-' if name == 'neg' else name}` wants a {wanted} here, and gets a {kind}",
                f"this is a {kind}",
                _other_kind(function, wanted, kind),
            )
    _constants(function, arguments)
    return function.returns or shared


def _unknown_function(node: Expression, name: str) -> TypeProblem:
    """Say that there is no such function: what is probably meant, by its spelling or by what it is called elsewhere."""
    known = [each for each in FUNCTIONS if each not in SYMBOLS]
    word = name.lower().replace("_", "")
    told, guess = f"there is no function `{name}`", nearest(name, known)
    if word in WRITTEN:
        return TypeProblem(node, "MLA303", told, f"written `{WRITTEN[word]}` here")
    if word in OF_ROWS:
        help = f"over earlier rows there are {names([*WINDOWED, 'lag'], limit=20)}"
        return TypeProblem(node, "MLA303", told, "not over earlier rows", help)
    others = f'the functions are {names(known, limit=100)}; any other is yours to write: `python("module:{name}", …)`'
    caption = f"did you mean `{guess}`?" if guess else "unknown function"
    return TypeProblem(node, "MLA303", told, caption, None if guess else others, name, tuple(known))


def _count(node: Expression, function: Function, arguments: tuple[Expression, ...]) -> None:
    given = len(arguments)
    if function.takes(given):
        return
    most = len(function.parameters)
    open_ended = function.variadic or function.paired
    wanted = f"at least {function.least}" if open_ended else f"{function.least} to {most}" if function.optional else str(most)
    told = f"`{function.name}` takes {wanted} argument{'s' * ((function.least if open_ended else most) != 1)}, and gets {given}"
    help = f"the signature is `{function.signature}`"
    if function.name == "count":
        told = "`count` is of rows, and takes no argument"
        help = "how many rows are so is `sum(condition) over …`; how many values there are, `distinct(x) over …`"
    elif function.role is Role.AGGREGATE and (window := next((each for each in arguments if isinstance(each, Amount)), None)):
        help = f"the window stands behind: `{function.name}(…) over {window.quantity.text}`"
    elif function.role is Role.AGGREGATE and given > most:
        help = "it is over rows; of several values of one row there are `min_of(…)` and `max_of(…)`, and sums by `+`"
    if function.paired and given >= most:
        told = f"`{function.name}` takes pairs of a condition and a value, and then one value more: {given} arguments are pairs alone"
    raise TypeProblem(
        node,
        "MLA304",
        told,
        f"{given} given",
        help,
    )


def _constants(function: Function, arguments: tuple[Expression, ...]) -> None:
    for argument in (arguments[position] for position in function.constant_ones(len(arguments))):
        inner = argument.arguments[0] if isinstance(argument, Apply) and argument.function == "neg" else argument
        if not isinstance(inner, (Literal, Amount)):
            raise TypeProblem(argument, "MLA302", f"`{function.name}` wants a constant here", "not a constant")
        if function.parameters[0] is ValueKind.TIMESTAMP:
            _zone(argument)


def _other_kind(function: Function, wanted: ValueKind, kind: ValueKind) -> str | None:
    """Return what to do where a function gets another kind of value than it wants."""
    if function.name in SYMBOLS:
        return None
    if wanted is ValueKind.TEXT and kind is ValueKind.NUMBER and function.parameters[0] is ValueKind.TEXT:
        return "a code that is written in digits is a `string` in the schema; a number is put into classes by `bucket(x, 10, 20)`"
    return f"the signature is `{function.signature}`"


def _own(node: Expression, function: Function, arguments: tuple[Expression, ...], columns: Mapping[str, Column]) -> ValueKind | None:
    """A function of the user's is named by a constant, and takes values of a row of whatever kinds; it is not looked for here."""
    target, *values = arguments
    text = target.value if isinstance(target, Literal) and isinstance(target.value, str) else None
    if text is None or not PYTHON_NAME.fullmatch(text):
        told = "`python` names the function first" if text is None else f"`{text}` does not name a function in a module"
        raise TypeProblem(target, "MLA326", told, "no `module:function`", 'for example `python("words:tone", comment)`: `tone` in words.py')
    for value in values:
        if _infer(value, columns) is ValueKind.DURATION:
            raise TypeProblem(value, "MLA302", "a duration is the same in every row", "no value of a row")
    return function.returns


def _zone(argument: Expression) -> None:
    """A constant of a function of timestamps is the name of a time zone."""
    name = argument.value if isinstance(argument, Literal) else None
    if not isinstance(name, str) or zone_named(name) is not None:
        return
    known = zones()
    guess = nearest(name, known) or next(
        (each for each in known if each.rpartition("/")[2].lower() == name.replace(" ", "_").lower()), None
    )
    raise TypeProblem(
        argument,
        "MLA323",
        f'there is no time zone "{name}"',
        f'did you mean "{guess}"?' if guess else "unknown time zone",
        'the names are those of the IANA database, such as "America/New_York"',
        meant=f'"{guess}"' if guess else "",
    )


def _operator(node: Expression, name: str, arguments: tuple[Expression, ...], columns: Mapping[str, Column]) -> ValueKind:
    """Comparisons take two of one kind; `+` and `-` take numbers, and durations with timestamps."""
    if name in COMPARISONS:
        kind = _same(node, list(arguments), columns)
        if kind is ValueKind.BOOLEAN and name not in ("==", "!="):
            raise TypeProblem(node, "MLA302", f"`{name}` does not order booleans", "use `==` or `!=`")
        return ValueKind.BOOLEAN
    left, right = (_infer(argument, columns) for argument in arguments)
    if left in (None, ValueKind.NUMBER) and right in (None, ValueKind.NUMBER):
        return ValueKind.NUMBER
    if left is ValueKind.TIMESTAMP and right is ValueKind.DURATION:
        return ValueKind.TIMESTAMP
    if left is ValueKind.TIMESTAMP and right is ValueKind.TIMESTAMP and name == "-":
        told, help = (
            "the difference of two timestamps is no number",
            "say in which unit: `hours_between(from, to)`, `days_between(from, to)`",
        )
        raise TypeProblem(node, "MLA302", told, "timestamp - timestamp", help)
    wrong = arguments[0] if left is not ValueKind.NUMBER else arguments[1]
    raise TypeProblem(
        wrong,
        "MLA302",
        f"`{name}` wants numbers, and gets {left or 'null'} and {right or 'null'}",
        f"this is a {left if wrong is arguments[0] else right}",
    )


def _same(node: Expression, parts: list[Expression], columns: Mapping[str, Column]) -> ValueKind | None:
    shared: ValueKind | None = None
    for part in parts:
        kind = _infer(part, columns)
        if kind is None:
            continue
        if shared is not None and kind is not shared:
            raise _different(part, shared, kind)
        shared = kind
    _categories(parts, columns)
    return shared


def _different(part: Expression, shared: ValueKind, kind: ValueKind) -> TypeProblem:
    """Say that two kinds are compared; a date that is written as a text is one without its quotes."""
    told, caption = f"a {shared} is compared with a {kind}", f"this is a {kind}"
    if shared is not ValueKind.TIMESTAMP:
        return TypeProblem(part, "MLA302", told, caption)
    text = part.value if isinstance(part, Literal) and isinstance(part.value, str) else ""
    meant = text.replace(" ", "T") if _DATE.fullmatch(text) else ""
    return TypeProblem(part, "MLA302", told, caption, "a date is written `2013-10-11`, or `2013-10-11T05:00:00Z`", meant=meant)


def _categories(parts: list[Expression], columns: Mapping[str, Column]) -> None:
    """A category is only compared with one of its values: anything else is a typing mistake that would never be true."""
    column = next((columns[part.parts[0]] for part in parts if isinstance(part, Name) and part.parts[0] in columns), None)
    if column is None or not column.categories:
        return
    for part in parts:
        if isinstance(part, Literal) and isinstance(part.value, str) and part.value not in column.categories:
            guess = nearest(part.value, column.categories)
            raise TypeProblem(
                part,
                "MLA305",
                f'`{column.name}` is never "{part.value}"',
                f'did you mean "{guess}"?' if guess else "not one of its categories",
                f"the schema names {names(column.categories)}",
                part.value,
                column.categories,
            )
