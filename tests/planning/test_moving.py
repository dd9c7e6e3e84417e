"""A renaming that the file writes down is one change, and not a block gone and another come."""

from __future__ import annotations

from mlarch.planning.blast import plan

from .test_comparing import Edited, edited, said

__all__ = ["edited"]

SOURCE = (
    ("from = source.nuclei", "from = source.cells"),
    ("source nuclei", "source cells"),
    ("nuclei.diagnosis", "cells.diagnosis"),
    ("deployment api", "moved { from = source.nuclei, to = source.cells }\n\ndeployment api"),
)


def test_a_renamed_source_is_moved(edited: Edited) -> None:
    """References and expressions that name it anew are no changes; its assets are made anew by the new name, as a run would."""
    made = plan(edited(), edited(*SOURCE))
    assert said(made) == [("source.cells", "source.nuclei", "source.cells", "rematerialise")]
    assert made.changes[0].change.moved and made.changes[0].change.was == "source.nuclei"
    assert [asset.key for asset in made.assets if asset.new] == ["cells/ingested", "cells/validated"]
    assert len(made.assets) == 6 and made.gone == ("nuclei/ingested", "nuclei/validated") and not made.breaks


def test_without_the_line_it_is_gone_and_come(edited: Edited) -> None:
    """The same renaming, not written down, is a block taken away, which breaks, and another one added."""
    made = plan(edited(), edited(*SOURCE[:3]))
    assert {("source.cells", True), ("source.nuclei", False)} <= {(path, before is None) for path, before, _, _ in said(made)}
    assert any("`source.nuclei` is taken away" in each.message for each in made.breaks)


def test_what_else_changed_in_it_is_shown_too(edited: Edited) -> None:
    """A column of a renamed source that changed is a change at its new path, which knows its former one."""
    made = plan(edited(), edited(*SOURCE, ("mean_radius    : float in 0..60", "mean_radius : float in 0..50")))
    assert [(each.change.path, each.change.was) for each in made.changes] == [
        ("source.cells", "source.nuclei"),
        ("source.cells.schema.mean_radius", "source.nuclei.schema.mean_radius"),
    ]
    assert made.changes[1].cost.value == "breaks the request API"


def test_a_renamed_deployment_breaks_nobody(edited: Edited) -> None:
    """It is served again under its new name, at the same address, and nothing is made anew."""
    front = ("deployment api", "moved { from = deployment.api, to = deployment.front }\n\ndeployment front")
    made = plan(edited(), edited(front))
    assert said(made) == [("deployment.front", "deployment.api", "deployment.front", "redeploy")]
    assert [(each.name, each.what) for each in made.deployments] == [("front", "redeploy")]
    assert not made.assets and not made.breaks


def test_features_and_model_are_renamed_wherever_they_are_named(edited: Edited) -> None:
    """Several renamings at once leave nothing but themselves."""
    made = plan(
        edited(),
        edited(
            ("features shape", "features form"),
            ("[features.shape]", "[features.form]"),
            ("model classifier", "model judge"),
            ("model = model.classifier", "model = model.judge"),
            (
                "deployment api",
                "moved { from = features.shape, to = features.form }\n"
                "moved { from = model.classifier, to = model.judge }\n\ndeployment api",
            ),
        ),
    )
    assert [(path, cost) for path, _, _, cost in said(made)] == [("features.form", "rematerialise"), ("model.judge", "rematerialise")]


def test_a_renaming_of_long_ago_says_nothing(edited: Edited) -> None:
    """Kept in the file, a line whose renaming is built already is no change, and neither is taking it away."""
    assert plan(edited(*SOURCE), edited(*SOURCE)).empty and plan(edited(*SOURCE), edited(*SOURCE[:3])).empty
