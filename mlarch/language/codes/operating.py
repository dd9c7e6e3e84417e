"""MLA43x and MLA44x: columns, searches, hardware and operation, as parts of the architecture as a whole."""

from .base import Code

_LIVE = "deployment api { model = model.buyer }\n"

CODES = {
    "MLA430": Code(
        "no groups",
        "A slice and a fairness attribute divide the rows into groups. Nearly every row has another amount, moment or identifier, so that "
        "such a column has no groups: name a category, a text, a whole number or a boolean.",
        "fairness { attribute = seconds, equal_opportunity_difference <= 25% }",
        "fairness { attribute = page, equal_opportunity_difference <= 25% }",
        "evaluation",
    ),
    "MLA431": Code(
        "input without the model's columns",
        "A batch deployment reads its rows from `input`. Each column that the features of the model read must be there, of the same type.",
        'source pages { connector = csv("pages.csv"), schema { page : string } }\n'
        'deployment nightly { model = model.buyer, mode = batch, input = source.pages, output = parquet("out") }',
        'deployment nightly { model = model.buyer, mode = batch, input = source.visits, output = parquet("out") }',
    ),
    "MLA432": Code(
        "reference of another model",
        "A monitor measures drift against the training rows of the model that its deployment serves.",
        f"{_LIVE}model other {{ family = lightgbm, features = [features.visit], label = visits.bought == true }}\n"
        "training daily { model = model.other }\nmonitor live { deployment = deployment.api, reference = training.daily }",
        f"{_LIVE}monitor live {{ deployment = deployment.api, reference = training.weekly }}",
    ),
    "MLA433": Code(
        "not a condition on metrics",
        "An alert, a rollback or a circuit breaker compares metrics of the running system with values; `and`, `or` and `not` join them.",
        f"{_LIVE}alert slow {{ when = p99 }}",
        f"{_LIVE}alert slow {{ when = p99 > 200ms }}",
    ),
    "MLA434": Code(
        "metric not emitted",
        "The metric exists, and no block of this architecture emits it: latencies and error rates need a deployment that answers requests, "
        "drift and live quality need a `monitor`. The condition would never become true.",
        f"{_LIVE}alert drift {{ when = drift.ks > 0.1 }}",
        f"{_LIVE}monitor live {{ deployment = deployment.api }}\nalert drift {{ when = drift.ks > 0.1 }}",
    ),
    "MLA435": Code(
        "action without effect",
        "What the alert does has nothing to act on: `retrain` needs a `retraining` that names the alert, `scale_up` a deployment with "
        "`autoscale`.",
        f"{_LIVE}alert slow {{ when = p99 > 200ms, then = scale_up }}",
        "deployment api { model = model.buyer, replicas = autoscale(1, 4) }\nalert slow { when = p99 > 200ms, then = scale_up }",
    ),
    "MLA436": Code(
        "can never hold",
        "`windows(k, of=n)` asks for k of the last n windows: k is at least 1 and at most n.",
        f"{_LIVE}alert slow {{ when = p99 > 200ms, for = windows(5, of=3) }}",
        f"{_LIVE}alert slow {{ when = p99 > 200ms, for = windows(3, of=5) }}",
    ),
    "MLA437": Code(
        "retraining without a pause",
        "An alert that stays on would start one training after the other. A `cooldown` is the shortest time between two of them.",
        f"{_LIVE}alert slow {{ when = error_rate > 5% }}\nretraining again {{ training = training.weekly, on = [alert.slow] }}",
        f"{_LIVE}alert slow {{ when = error_rate > 5% }}\nretraining again "
        "{ training = training.weekly, on = [alert.slow], cooldown = 12h }",
    ),
    "MLA438": Code(
        "retraining that nothing starts",
        "`on` names what starts a retraining: time tables and alerts. Without it, the block does nothing.",
        "retraining again { training = training.weekly }",
        'retraining again { training = training.weekly, on = [cron("0 3 1 * *")] }',
    ),
    "MLA439": Code(
        "impossible hardware",
        "A machine has at least one CPU and some memory; `accelerator` is the type of GPUs, of which `gpu` says how many.",
        'hardware fast { accelerator = "L4" }',
        'hardware fast { accelerator = "L4", gpu = 1 }',
    ),
    "MLA440": Code(
        "impossible search",
        "A search tries at least one value of at least one hyperparameter. A range has its lower end first; `loguniform` starts above 0.",
        "search { C in loguniform(0, 1), maximize = roc_auc }",
        "search { C in loguniform(1e-3, 1), maximize = roc_auc }",
        "model",
    ),
    "MLA441": Code(
        "the wrong way round",
        "Of some metrics more is better, of others less. A search, a target or a gate that goes the other way asks for the worst model. "
        "For a gate and a target it is a warning: a bound against what is too good to be true may be meant.",
        "search { C in loguniform(1e-3, 1), maximize = log_loss }",
        "search { C in loguniform(1e-3, 1), minimize = log_loss }",
        "model",
    ),
    "MLA442": Code(
        "two metrics compared",
        "A gate compares a metric with the champion's. Another metric of the champion is on another scale.",
        "require roc_auc >= champion.recall",
        "require roc_auc >= champion.roc_auc",
        "evaluation",
    ),
    "MLA443": Code(
        "rows do not fit the memory",
        "A training reads all rows of its source into the memory of one node.",
        'source visits { connector = csv("visits.csv"), volume = 20GB, schema { seconds : float, bought : bool } }\n'
        "hardware small { memory = 8GiB }",
        'source visits { connector = csv("visits.csv"), volume = 2GB, schema { seconds : float, bought : bool } }\n'
        "hardware small { memory = 8GiB }",
    ),
    "MLA444": Code(
        "stage that nothing reaches",
        "The registry lists the stages that a version goes through. A deployment that serves another serves nothing.",
        "registry models { stages = [development, staging] }\ndeployment api { model = model.buyer, stage = production }",
        "registry models { stages = [development, staging] }\ndeployment api { model = model.buyer, stage = staging }",
    ),
    "MLA445": Code(
        "key of another mode",
        "A deployment that answers requests has no `input`, `output` and `schedule`; one that writes a table has no `slo`, `release` and "
        "`circuit_breaker`. A stream is no file. A model that was trained elsewhere has no settings and no "
        "training. Nothing that is written is ignored.",
        'schedule = cron("0 4 * * *")',
        "mode = online",
        "deployment",
    ),
}
