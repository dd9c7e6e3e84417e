"""A first architecture for a data file: its schema, a simple feature for each column, a model of the label, a gate and an endpoint."""

from __future__ import annotations

from dataclasses import dataclass

from ...architecture.blocks.source import Csv, Parquet
from ...architecture.blocks.system import Problem
from ...architecture.errors import ArchitectureError
from ...architecture.expressions import Apply, Expression, Literal, Name, render, word
from ...architecture.types import Column, ColumnType
from ...language.suggest import names, nearest
from .inference import Inferred

#: Names that a label often has; without one of them the last column is taken.
USUAL_LABELS = (
    *("label", "target", "class", "outcome", "y", "churn", "churned", "default", "defaulted"),
    *("survived", "fraud", "is_fraud", "diagnosis", "bought", "price"),
)
#: A whole-number label with at most so many different values names classes.
MOST_CLASSES = 10


@dataclass(frozen=True)
class Starter:
    """The text of an architecture file, and what was decided in it: the label, the problem, and the columns that no feature reads."""

    text: str
    label: str
    problem: Problem
    unused: tuple[str, ...]


def starter(inferred: Inferred, name: str, source: str, problem: Problem | None, label: str | None) -> Starter:
    """Return a first architecture named `name` over a source named `source`; problem and label are guessed where they are not given.

    Raises ArchitectureError when the label is no column of the data (MLA502), does not fit the problem, or no feature is left (MLA509).
    """
    column = _label(inferred, label, problem)
    problem = problem or (Problem.REGRESSION if _measures(inferred, column) else Problem.CLASSIFICATION)
    column = _as_class(inferred, column) if problem is Problem.CLASSIFICATION else column
    target = _target(inferred, column, problem, source)
    columns = tuple(column if each.name == column.name else each for each in inferred.columns)
    others = [each for each in columns if each.name != column.name]
    listed = [(each.name, *made) for each in others for made in _features(each, problem)]
    if not listed:
        raise ArchitectureError(
            "MLA509",
            f"no column beside `{column.name}` can be made a feature of",
            help="identifiers and free texts say nothing by themselves",
        )
    read = {name for name, _, _ in listed}
    text = _TEMPLATE.format(
        label=column.name,
        name=name,
        source=source,
        problem=problem.value,
        metric="r2" if problem is Problem.REGRESSION else "roc_auc",
        baseline="0" if problem is Problem.REGRESSION else "0.5",
        naive="the mean" if problem is Problem.REGRESSION else "a coin",
        connector=_connector(inferred),
        schema=_aligned([(word(each.name), f": {_type(each)}") for each in columns], "    "),
        rows=max(1, inferred.rows // 2),
        features=_aligned([(f"feature {word(feature)}", f"= {render(made)}") for _, feature, made in listed], "  "),
        family="random_forest" if problem is Problem.REGRESSION else "logistic_regression",
        target=target,
    )
    return Starter(text, column.name, problem, tuple(each.name for each in others if each.name not in read))


_TEMPLATE = """\
# A first model of `{label}`. Everything here is a start: change it, then `mlarch check`.
language = "1.0"

system {name} {{
  overview = "Predicts {label}."
  problem  = {problem}

  # A model is registered if it beats the baseline, here {naive}. Add `target >= …` for what you aim at.
  metric {metric} {{ baseline = {baseline} }}
}}

# The ranges are those of the data, a little widened: rows outside them stop a run.
source {source} {{
  connector = {connector}
  schema {{
{schema}
  }}
  expect {{ rows >= {rows} }}
}}

features inputs {{
  from = source.{source}
{features}
}}

model predictor {{
  family   = {family}
  features = [features.inputs]
  label    = {target}
}}

deployment api {{ model = model.predictor }}
"""


def _label(inferred: Inferred, asked: str | None, problem: Problem | None) -> Column:
    known = {column.name: column for column in inferred.columns}
    if asked is not None:
        if asked in known:
            return known[asked]
        if asked in inferred.left_out:
            raise ArchitectureError(
                "MLA509", f"`{asked}` cannot be the label: {inferred.left_out[asked]}", help=f"the columns are {names(known, 30)}"
            )
        guess = nearest(asked, known)
        raise ArchitectureError(
            "MLA502",
            f"the data have no column `{asked}`" + (f"; did you mean `{guess}`?" if guess else ""),
            help=f"the columns are {names(known, 30)}",
        )
    fitting = [column for column in inferred.columns if _can_be_label(inferred, column, problem)]
    if not fitting:
        raise ArchitectureError("MLA509", "no column can be the label", help="name one: `mlarch init --data FILE --label COLUMN`")
    usual = [column for name in USUAL_LABELS for column in fitting if column.name.lower() == name]
    return (usual or fitting[::-1])[0]


def _can_be_label(inferred: Inferred, column: Column, problem: Problem | None) -> bool:
    if inferred.distinct[column.name] < 2:
        return False
    if problem is Problem.REGRESSION:
        return column.type in (ColumnType.INT, ColumnType.FLOAT)
    if column.type in (ColumnType.BOOL, ColumnType.CATEGORY) or _few(inferred, column):
        return True
    return problem is None and column.type in (ColumnType.INT, ColumnType.FLOAT)


def _few(inferred: Inferred, column: Column) -> bool:
    return column.type is ColumnType.INT and inferred.distinct[column.name] <= MOST_CLASSES


def _measures(inferred: Inferred, column: Column) -> bool:
    """Whether a label is a quantity rather than the name of a class."""
    return column.type in (ColumnType.INT, ColumnType.FLOAT) and not _few(inferred, column)


def _as_class(inferred: Inferred, column: Column) -> Column:
    """Several whole numbers that name classes become a category; two of them are compared, and stay numbers."""
    if not _few(inferred, column) or inferred.distinct[column.name] == 2:
        return column
    return Column(
        name=column.name, type=ColumnType.CATEGORY, nullable=column.nullable, categories=tuple(sorted(inferred.values[column.name]))
    )


def _target(inferred: Inferred, column: Column, problem: Problem, source: str) -> str:
    """The label expression; of two classes the rarer one is the positive one."""
    path, different = f"{source}.{word(column.name)}", inferred.distinct[column.name]
    fits = column.type in (ColumnType.INT, ColumnType.FLOAT) if problem is Problem.REGRESSION else _names_classes(inferred, column)
    if not fits or different < 2:
        what = "always the same" if different < 2 else f"a {column.type.value} with {different} different values"
        wanted = "a number" if problem is Problem.REGRESSION else "yes or no, or one of a few classes"
        raise ArchitectureError(
            "MLA509", f"a {problem.value} predicts {wanted}; `{column.name}` is {what}", help="choose another `--label` or `--problem`"
        )
    if problem is Problem.REGRESSION or column.type is ColumnType.BOOL or different > 2:
        return path
    rarer = inferred.values[column.name][0]
    return f"{path} == {render(Literal(int(rarer) if column.type is ColumnType.INT else rarer))}"


def _names_classes(inferred: Inferred, column: Column) -> bool:
    if column.type is ColumnType.CATEGORY:
        return bool(column.categories)
    return column.type is ColumnType.BOOL or (column.type is ColumnType.INT and inferred.distinct[column.name] == 2)


def _features(column: Column, problem: Problem) -> list[tuple[str, Expression]]:
    """A simple feature or two of a column, complete where values are missing; none of identifiers and free texts."""
    value: Expression = Name((column.name,))
    match column.type:
        case ColumnType.INT | ColumnType.FLOAT:
            whole = _call("impute_median", value) if column.nullable else value
            return [(column.name, whole if problem is Problem.REGRESSION else _call("standardize", whole))]
        case ColumnType.BOOL:
            return [(column.name, Apply("coalesce", (value, Literal(False))) if column.nullable else value)]
        case ColumnType.CATEGORY if column.categories:
            return [(column.name, _call("one_hot", _call("impute_mode", value) if column.nullable else value))]
        case ColumnType.TIMESTAMP | ColumnType.DATE:
            parts = ("hour", "day_of_week") if column.type is ColumnType.TIMESTAMP else ("month", "day_of_week")
            return [(f"{column.name}_{part}", _of_time(part, value, column)) for part in parts]
    return []


def _of_time(part: str, value: Expression, column: Column) -> Expression:
    made = _call(part, value)
    return _call("impute_median", made) if column.nullable else made


def _call(function: str, value: Expression) -> Expression:
    return Apply(function, (value,))


def _connector(inferred: Inferred) -> str:
    connector = inferred.connector
    path = render(Literal(getattr(connector, "path", "")))
    if isinstance(connector, Csv):
        separator = "" if connector.separator == "," else f', separator="{connector.separator}"'
        return f"csv({path}{separator})"
    return f"parquet({path})" if isinstance(connector, Parquet) else f"jsonl({path})"


def _type(column: Column) -> str:
    text = column.type.value
    if column.categories:
        text += f"({', '.join(render(Literal(value)) for value in column.categories)})"
    if column.nullable:
        text += "?"
    return text if column.low is None or column.high is None else f"{text} in {_plain(column.low)}..{_plain(column.high)}"


def _plain(number: float) -> str:
    """A number without an exponent, as ranges are written."""
    text = f"{number:.12f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _aligned(lines: list[tuple[str, str]], indent: str) -> str:
    width = max(len(left) for left, _ in lines)
    return "\n".join(f"{indent}{left:{width}} {right}" for left, right in lines)
