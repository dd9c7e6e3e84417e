"""What alerts and retrainings set off: an action has something to act on, and no loop runs away."""

from __future__ import annotations

from dataclasses import dataclass

from ...architecture.blocks.deployment import Autoscale, Mode
from ...architecture.blocks.operations import Action
from ...architecture.vocabulary import Reference
from ..base import Context


@dataclass(frozen=True)
class ActionsAreBound:
    """An alert that retrains starts a retraining, and one that scales up has a deployment that can grow."""

    name: str = "actions"
    of_the_whole: bool = True

    def run(self, context: Context) -> None:
        starting = {str(trigger) for each in context.architecture.retraining.values() for trigger in each.triggers if _is_alert(trigger)}
        answering = [each for each in context.architecture.deployment.values() if each.mode is not Mode.BATCH]
        can_grow = any(isinstance(each.replicas, Autoscale) and each.replicas.max != each.replicas.min for each in answering)
        for alert in context.architecture.alert.values():
            at = f"alert.{alert.name}.then"
            if alert.then is Action.RETRAIN and f"alert.{alert.name}" not in starting:
                context.warn(
                    "MLA435",
                    f"`alert.{alert.name}` retrains, and no `retraining` names it",
                    at,
                    "starts nothing",
                    help=f"name it: `retraining refresh {{ training = training.<name>, on = [alert.{alert.name}], cooldown = 12h }}`",
                )
            if alert.then is Action.SCALE_UP and answering and not can_grow:
                context.warn(
                    "MLA435",
                    f"`alert.{alert.name}` scales up, and the number of replicas of every deployment is fixed",
                    at,
                    "nothing can grow",
                    help="let one grow: `replicas = autoscale(min=1, max=4)`",
                )


@dataclass(frozen=True)
class RetrainingsEnd:
    """Something starts a retraining, and one that alerts start waits between two runs: else a model that stays bad is trained forever."""

    name: str = "retrainings"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for retraining in context.architecture.retraining.values():
            at = f"retraining.{retraining.name}"
            alerts = [trigger for trigger in retraining.triggers if _is_alert(trigger)]
            if not retraining.triggers:
                context.warn("MLA438", f"nothing starts `{at}`", at, "has no `on`", help='write when: `on = [cron("0 3 1 * *")]`')
            if alerts and retraining.cooldown is None:
                context.error(
                    "MLA437",
                    f"`{alerts[0]}` may start `{at}` again as soon as it ends",
                    f"{at}.on",
                    "a loop without a pause",
                    help="set the shortest time between two trainings: `cooldown = 12h`",
                )
            if retraining.cooldown is not None and retraining.cooldown.value <= 0:
                context.error("MLA437", f"a cooldown of {retraining.cooldown.text} is no pause", f"{at}.cooldown", "a loop without a pause")


def _is_alert(trigger: object) -> bool:
    return isinstance(trigger, Reference) and trigger.kind == "alert"
