"""MLA4xx: the architecture as a whole. MLA8xx: valid, but not lowered yet."""

from .base import Code

CODES = {
    "MLA401": Code(
        "unused block",
        "Nothing names the block, so it has no effect. Remove it, or name it where it belongs.",
        "hardware spare { cpu = 2 }",
        "hardware spare { cpu = 2 }\ntraining weekly { model = model.buyer, hardware = hardware.spare }",
    ),
    "MLA402": Code(
        "no features",
        "A `features` block without a feature gives a model nothing to see.",
        "features visit { from = source.visits }",
        "features visit { from = source.visits, feature pace = log1p(seconds) }",
    ),
    "MLA403": Code(
        "features in a circle",
        "A feature is defined by itself, directly or through others. The message shows the way round.",
        "feature a = visit.b\nfeature b = visit.a",
        "feature a = clicks\nfeature b = visit.a",
        "features",
    ),
    "MLA404": Code(
        "label leakage",
        "A feature reads a column that the label is made of. That column is not known when a prediction is asked for: "
        "the model would look perfect in training and fail in production. Neither is the column of `known_at`. Which others of the row are "
        "outcomes as well nobody can tell from the file: do not name them, or only over earlier rows (`over 7d`, `lag`).",
        "feature sure = bought",
        "feature clicks = clicks",
        "features",
    ),
    "MLA405": Code(
        "unknown family",
        "The families are fixed, and so is the library (`framework`) that each comes from; the help lists them.",
        "family = logistic_regresion",
        "family = logistic_regression",
        "model",
    ),
    "MLA406": Code(
        "family and problem do not fit",
        "The family answers other problem types.",
        "system visits { problem = regression }\nmodel buyer { family = logistic_regression, features = [features.visit], "
        "label = visits.clicks }",
        "system visits { problem = regression }\nmodel buyer { family = random_forest, features = [features.visit], label "
        "= visits.clicks }",
    ),
    "MLA407": Code(
        "hyperparameter",
        "The family does not have the hyperparameter, or the value has the wrong type or is out of range.",
        "hyperparameters { C = -1 }",
        "hyperparameters { C = 0.1 }",
        "model",
    ),
    "MLA408": Code(
        "observations unclear",
        "The label does not say of which source it is. Write `source.column`, or set `observations`.",
        'source pages { connector = csv("pages.csv"), schema { page : string } }\n'
        "model buyer { family = logistic_regression, features = [features.visit], label = bought == true }",
        'source pages { connector = csv("pages.csv"), schema { page : string } }\n'
        "model buyer { family = logistic_regression, features = [features.visit], label = visits.bought == true }",
    ),
    "MLA409": Code(
        "label and problem do not fit",
        "A classification predicts a condition or a category, a regression a number.",
        "label = visits.clicks",
        "label = visits.clicks > 3",
        "model",
    ),
    "MLA410": Code(
        "output and problem do not fit",
        "A classification outputs a probability or a class, a regression a value.",
        "output = value",
        "output = probability",
        "model",
    ),
    "MLA411": Code("impossible threshold", "A threshold is a probability between 0 and 1.", "threshold = 25", "threshold = 25%", "model"),
    "MLA412": Code(
        "impossible split",
        "The shares of test and validation rows leave nothing to train on, or nothing to test with.",
        "split { test = 80%, validation = 20% }",
        "split { test = 20%, validation = 10% }",
        "training",
    ),
    "MLA413": Code(
        "two trainings",
        "A model is trained in one way: it has one `training`.",
        "training daily { model = model.buyer }",
        "training weekly { model = model.buyer }",
    ),
    "MLA414": Code(
        "split by time without a time",
        "A split by time orders the rows by the source's `timestamp`.",
        "split { by = time }",
        "split { by = stratified }",
        "training",
    ),
    "MLA415": Code(
        "gate switched off",
        "`gate = false` registers every model, whatever its metrics. The conditions are still measured and shown.",
        "gate = false",
        "gate = true",
        "evaluation",
    ),
    "MLA416": Code(
        "no gate",
        "Nothing decides whether a model is good enough to be registered: give a metric a baseline, add an `evaluation` "
        "with `require`, or switch the gate off by name (`gate = false`).",
        "evaluation gate { training = training.weekly }",
        "evaluation gate { training = training.weekly, require roc_auc >= 0.7 }",
    ),
    "MLA417": Code(
        "not a gate",
        "A gate compares a metric with a number or with the champion's: `require roc_auc >= champion.roc_auc - 0.5%`.",
        'require recall > "high"',
        "require recall > 0.5",
        "evaluation",
    ),
    "MLA418": Code(
        "compared with itself",
        "Both sides of the comparison are the same, so that it says nothing.",
        "require roc_auc >= roc_auc",
        "require roc_auc >= champion.roc_auc",
        "evaluation",
    ),
    "MLA419": Code(
        "unknown metric",
        "No step emits the metric for this problem type, so that the gate could never be decided, nor the alert fire, nor the search end.",
        "require auc >= 0.7",
        "require roc_auc >= 0.7",
        "evaluation",
    ),
    "MLA420": Code(
        "threshold out of reach",
        "The metric can never take this value, or always does: a ratio lies between 0 and 1. Perhaps a percent sign is missing.",
        "require roc_auc >= 70",
        "require roc_auc >= 70%",
        "evaluation",
    ),
    "MLA421": Code("no port", "Ports are 1 to 65535.", "port = 80000", "port = 8000", "deployment"),
    "MLA422": Code(
        "port taken",
        "Two deployments on one address need two ports.",
        "deployment second { model = model.buyer }",
        "deployment second { model = model.buyer, port = 8001 }",
    ),
    "MLA423": Code(
        "impossible number of replicas",
        "At least one replica serves, and the maximum is not below the minimum.",
        "replicas = autoscale(min=4, max=2)",
        "replicas = autoscale(min=2, max=4)",
        "deployment",
    ),
    "MLA424": Code(
        "replicas do not fit", "A replica takes a CPU; the hardware that is named has fewer.", "replicas = 8", "replicas = 2", "deployment"
    ),
    "MLA425": Code(
        "latencies in disorder",
        "A higher percentile is never below a lower one, so that the looser bound says nothing.",
        "p50 < 200ms\np99 < 100ms",
        "p50 < 20ms\np99 < 100ms",
        "deployment.slo",
    ),
    "MLA426": Code("impossible promise", "The bound can never hold.", "availability >= 100%", "availability >= 99.9%", "deployment.slo"),
    "MLA427": Code(
        "schedule never fires",
        "The cron expression is malformed, or names a day that no month has.",
        'schedule = cron("0 0 30 2 *")',
        'schedule = cron("0 0 28 2 *")',
        "training",
    ),
    "MLA428": Code(
        "two owners",
        "A training is started by its own schedule or by a retraining, not by both.",
        'training weekly { model = model.buyer, schedule = cron("0 2 * * 1") }\nretraining monthly { training = '
        'training.weekly, on = [cron("0 3 1 * *")] }',
        'training weekly { model = model.buyer }\nretraining monthly { training = training.weekly, on = [cron("0 3 1 * *")] }',
    ),
    "MLA429": Code(
        "not moved",
        "`moved` says that a block was renamed: `from` is a name that nothing has any more, `to` that of a block of the same kind. "
        "`mlarch plan` then shows a renaming in place of one block gone and another come.",
        "moved { from = source.visits, to = source.clicks }",
        "moved { from = source.clicks, to = source.visits }",
    ),
    "MLA801": Code(
        "not lowered yet",
        "What is written is valid, and this version of mlarch does not carry it out. `check` warns; `compile` and `run` "
        "refuse it, since nothing that is accepted is ignored.",
        "mode = streaming",
        "mode = online",
        "deployment",
    ),
}
