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
}
