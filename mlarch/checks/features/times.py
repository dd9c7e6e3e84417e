"""Leakage by time: nothing that is known only when the outcome is known goes into a prediction."""

from __future__ import annotations

from dataclasses import dataclass

from ...architecture.blocks.model import Model
from ...architecture.blocks.source import Source
from ...architecture.expressions import Name
from ...architecture.histories import of_this_row
from ...architecture.observations import columns_in, observations_of, over_columns
from ..base import Context
from .chains import chains_of
from .elsewhere import read_of_the_row

CODE = "MLA404"


@dataclass(frozen=True)
class NothingIsKnownTooEarly:
    """No feature of a row, nor the moment at which it is predicted, depends on when the row's outcome became known (`known_at`)."""

    name: str = "times"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for model in context.architecture.model.values():
            observations = observations_of(context.architecture, model)
            if observations is None or model.label is None:
                continue
            label = set(columns_in(over_columns(model.label, observations.name)))
            # Where all is known at once, the time of a row tells nothing of its outcome.
            known_at = observations.known_at if observations.known_at != observations.timestamp else None
            self._moment(context, model, observations, label | ({known_at} if known_at is not None else set()))
            if known_at is not None and known_at not in label:
                self._features(context, model, observations, known_at)

    def _moment(self, context: Context, model: Model, observations: Source, late: set[str]) -> None:
        """A prediction that is asked for once the outcome is known predicts nothing."""
        at = f"model.{model.name}.as_of"
        for node in of_this_row(over_columns(model.as_of, observations.name, context.positions.carry)) if model.as_of is not None else ():
            if isinstance(node, Name) and node.text in late:
                told = "tells when the outcome is known" if node.text == observations.known_at else "is of the label"
                context.findings.error(
                    CODE,
                    f"`{node.text}` {told}: by then there is nothing left to predict",
                    context.where(node, at),
                    "known too late",
                    help="ask earlier, as of a column that is there beforehand",
                )

    def _features(self, context: Context, model: Model, observations: Source, known_at: str) -> None:
        chains = chains_of(context.architecture)
        for reference in model.features:
            group = context.architecture.features.get(reference.name)
            if group is None or group.source.name not in context.architecture.source:
                continue
            for name in group.feature:
                if not chains.hold(f"{group.name}.{name}"):
                    continue
                at = f"features.{group.name}.feature.{name}"
                for node in read_of_the_row(context, group, name, observations.name):
                    span = context.where(node, at)
                    if node.text != known_at or any(item.span == span for item in context.findings):
                        continue
                    context.findings.error(
                        CODE,
                        f"the feature reads `{known_at}`, which says when the outcome of `source.{observations.name}` became known",
                        span,
                        "not known when a prediction is asked for",
                        help="build the feature from other columns, or over earlier rows: `… over 7d`",
                    )
