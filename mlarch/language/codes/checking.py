"""MLA4xx: the architecture as a whole. MLA8xx: valid, but not lowered yet."""

from .base import Code

CODES = {
    "MLA401": Code("unused block", "Nothing names the block, so it has no effect. Remove it, or name it where it belongs."),
    "MLA402": Code("no features", "A `features` block without a feature gives a model nothing to see."),
    "MLA403": Code("features in a circle", "A feature is defined by itself, directly or through others. The message shows the way round."),
    "MLA404": Code(
        "label leakage",
        "A feature reads a column that the label is made of. That column is not known when a prediction is asked for: "
        "the model would look perfect in training and fail in production.",
    ),
    "MLA405": Code("unknown family", "The families are fixed; the help lists them."),
    "MLA406": Code("family and problem do not fit", "The family answers other problem types."),
    "MLA407": Code("hyperparameter", "The family does not have the hyperparameter, or the value has the wrong type or is out of range."),
    "MLA408": Code("observations unclear", "The label does not say of which source it is. Write `source.column`, or set `observations`."),
    "MLA409": Code("label and problem do not fit", "A classification predicts a condition or a category, a regression a number."),
    "MLA410": Code("output and problem do not fit", "A classification outputs a probability or a class, a regression a value."),
    "MLA411": Code("impossible threshold", "A threshold is a probability between 0 and 1."),
    "MLA412": Code("impossible split", "The shares of test and validation rows leave nothing to train on, or nothing to test with."),
    "MLA413": Code("two trainings", "A model is trained in one way: it has one `training`."),
    "MLA414": Code("split by time without a time", "A split by time orders the rows by the source's `timestamp`."),
    "MLA415": Code(
        "gate switched off", "`gate = false` registers every model, whatever its metrics. The conditions are still measured and shown."
    ),
    "MLA416": Code(
        "no gate",
        "Nothing decides whether a model is good enough to be registered: give a metric a baseline, add an "
        "`evaluation` with `require`, or switch the gate off by name (`gate = false`).",
    ),
    "MLA417": Code(
        "not a gate", "A gate compares a metric with a number or with the champion's: `require roc_auc >= champion.roc_auc - 0.5%`."
    ),
    "MLA418": Code("compared with itself", "Both sides of the comparison are the same, so that it says nothing."),
    "MLA419": Code("unknown metric", "No step emits the metric for this problem type, so that the gate could never be decided."),
    "MLA420": Code(
        "threshold out of reach", "The metric can never take this value: a ratio lies between 0 and 1. Perhaps a percent sign is missing."
    ),
    "MLA421": Code("no port", "Ports are 1 to 65535."),
    "MLA422": Code("port taken", "Two deployments on one address need two ports."),
    "MLA423": Code("impossible number of replicas", "At least one replica serves, and the maximum is not below the minimum."),
    "MLA424": Code("replicas do not fit", "A replica takes a CPU; the hardware that is named has fewer."),
    "MLA425": Code("latencies in disorder", "A higher percentile is never below a lower one, so that the looser bound says nothing."),
    "MLA426": Code("impossible promise", "The bound can never hold."),
    "MLA427": Code("schedule never fires", "The cron expression is malformed, or names a day that no month has."),
    "MLA428": Code("two owners", "A training is started by its own schedule or by a retraining, not by both."),
    "MLA801": Code(
        "not lowered yet",
        "What is written is valid, and this version of mlarch does not carry it out. "
        "`check` warns; `compile` and `run` refuse it, since nothing that is accepted is ignored.",
    ),
}
