"""MLA31x and from MLA446: what fits its type and its place, and still makes no sense, is not safe, or says nothing."""

from .base import Code

_LIVE = "deployment api { model = model.buyer }\n"
_TIMED = (
    'source visits { connector = csv("visits.csv"), timestamp = started, schema { seconds : float, started : timestamp, bought : bool } }\n'
)
_WINDOW = "features visit { from = source.visits, feature usual = mean(seconds) over 7d }\n"

CODES = {
    "MLA310": Code(
        "impossible constant",
        "A number of buckets is a whole number above 0, the lower bound of `clip` comes first, and nothing is divided by 0.",
        "feature pace = clip(seconds, 900, 0)",
        "feature pace = clip(seconds, 0, 900)",
        "features",
    ),
    "MLA311": Code(
        "always the same",
        "The expression, or a part of it, comes to the same for every row that the schema allows, so that no model learns from "
        "it: a comparison "
        "out of the column's range or with `null`, or a function for missing values where none is missing.",
        "feature clicked = clicks == null",
        "feature clicked = clicks > 0",
        "features",
    ),
    "MLA312": Code(
        "not of one row",
        "A label, `as_of` and a repair are worked out for each row from its own columns: nothing over many rows, and nothing "
        "learnt from them.",
        "label = mean(visits.seconds) > 10",
        "label = visits.seconds > 10",
        "model",
    ),
    "MLA446": Code(
        "impossible amount",
        "A time lasts longer than nothing, a count is 1 or more, and a seed is a whole number from 0 on.",
        "max_duration = 0h",
        "max_duration = 2h",
        "training",
    ),
    "MLA447": Code(
        "impossible release",
        "The steps of a canary rise, from above 0% to at most 100%; a share of an A/B test lies between the two.",
        "release { strategy = canary(steps=[50%, 25%, 5%], hold=10min) }",
        "release { strategy = canary(steps=[5%, 25%, 50%], hold=10min) }",
        "deployment",
    ),
    "MLA448": Code(
        "secret in plain text",
        "An architecture is read by many, and a build copies it. A password, a token or a key stays in the environment; "
        '`secret("NAME")` says '
        "in which variable.",
        'tracking runs { uri = "https://ada:lovelace@mlflow.example.org" }',
        'tracking runs { uri = "https://mlflow.example.org", username = secret("MLFLOW_USER"), password = secret("MLFLOW_PASSWORD") }',
    ),
    "MLA449": Code(
        "place on one machine",
        "An absolute path is there on one machine only. A path is relative to the architecture file.",
        'connector = csv("/data/visits.csv")',
        'connector = csv("data/visits.csv")',
        "source",
    ),
    "MLA451": Code(
        "named twice",
        "The list names the same thing twice. The second time does nothing: probably something else was meant.",
        "features = [features.visit, features.visit]",
        "features = [features.visit]",
        "model",
    ),
    "MLA452": Code(
        "address of another form",
        "Each connector and server has its form of address: a path without wildcards, `s3://bucket/key`, `https://…`, `host:port`, "
        "`module:function`.",
        'connector = csv("https://example.org/visits.csv")',
        'connector = csv("visits.csv")',
        "source",
    ),
    "MLA453": Code(
        "would be ignored",
        "There is one registry, one feature store, one tracker of a kind, one evaluation of a model and one retraining of a training. "
        "Of two, the second would do nothing.",
        "evaluation first { model = model.buyer, require roc_auc >= 0.7 }\nevaluation second { model = model.buyer, require "
        "recall >= 0.5 }",
        "evaluation first { model = model.buyer, require roc_auc >= 0.7, require recall >= 0.5 }",
    ),
    "MLA454": Code(
        "identifier as a feature",
        "An `id` tells rows apart. A model that reads it learns its rows by heart, and nothing about the next one.",
        'source visits { connector = csv("visits.csv"), schema { visit : id, seconds : float, bought : bool } }\n'
        "features visit { from = source.visits, feature which = hash_bucket(visit, 64) }",
        'source visits { connector = csv("visits.csv"), schema { visit : id, seconds : float, bought : bool } }\n'
        "features visit { from = source.visits, feature pace = log1p(seconds) }",
    ),
    "MLA455": Code(
        "past and future mixed",
        "Features look back in time, and the rows are divided at random: the model is tested on rows that lie before those "
        "that it has learnt "
        "from, and looks better than it will be.",
        _TIMED + _WINDOW + "training weekly { model = model.buyer, split { by = random } }",
        _TIMED + _WINDOW + "training weekly { model = model.buyer, split { by = time } }",
    ),
    "MLA456": Code(
        "missing values not imputed",
        "The column may be missing, and the family takes no missing values: a run would stop at the first one. At a request every value of "
        "a history is missing where the feature store gives no answer, counts too, unless its `fallback` is `refuse`.",
        'source visits { connector = csv("visits.csv"), schema { seconds : float?, bought : bool } }\n'
        "features visit { from = source.visits, feature pace = log1p(seconds) }",
        'source visits { connector = csv("visits.csv"), schema { seconds : float?, bought : bool } }\n'
        "features visit { from = source.visits, feature pace = impute_median(log1p(seconds)) }",
    ),
    "MLA457": Code(
        "times that do not agree",
        "A training starts again before it has ended, a pause is shorter than what it follows, a window is shorter than it takes "
        "until rows arrive, a time table fires in vain, or a request waits longer for the feature store than its answer may take.",
        'training weekly { model = model.buyer, schedule = cron("* 2 * * *") }',
        'training weekly { model = model.buyer, schedule = cron("0 2 * * *") }',
    ),
    "MLA458": Code(
        "protected and not watched",
        "A feature reads a column of a protected group. Leave it out, or bound how far the groups may be apart by a fairness condition.",
        "features visit { from = source.visits, feature page = ordinal(page) }\ngovernance rules { protected = [page] }",
        "features visit { from = source.visits, feature pace = log1p(seconds) }\ngovernance rules { protected = [page] }",
    ),
    "MLA459": Code(
        "cluster without shared servers",
        "The workers of a cluster see no file of this machine: they need `storage` in the system, and a training a tracking server.",
        'hardware small { cpu = 8, cluster = ray("auto") }',
        "hardware small { cpu = 8 }",
    ),
    "MLA463": Code(
        "conditions that contradict",
        "Two conditions that must hold together never do, or one of two always holds: the alert, the gate or the expectation "
        "decides nothing.",
        f"{_LIVE}alert slow {{ when = p99 > 200ms and p99 < 100ms }}",
        f"{_LIVE}alert slow {{ when = p99 > 200ms and error_rate > 1% }}",
    ),
    "MLA464": Code(
        "overwritten",
        "Predictions are written to a place of their own: not over the data that are read, and not where another deployment writes.",
        'deployment nightly { model = model.buyer, mode = batch, input = source.visits, output = parquet("visits.csv") }',
        'deployment nightly { model = model.buyer, mode = batch, input = source.visits, output = parquet("predictions") }',
    ),
    "MLA465": Code(
        "says nothing beside another",
        "A stricter condition stands beside it, what it aims at is reached already, the baseline or the gate asks for more, or "
        "an overlay says what the file says anyway.",
        "require roc_auc >= 0.7\nrequire roc_auc >= 0.8",
        "require roc_auc >= 0.8",
        "evaluation",
    ),
    "MLA466": Code(
        "half a login",
        "A server is told a user with a password, or a token; and it is named by `uri`.",
        'tracking runs { uri = "https://mlflow.example.org", username = secret("MLFLOW_USER") }',
        'tracking runs { uri = "https://mlflow.example.org", token = secret("MLFLOW_TOKEN") }',
    ),
    "MLA467": Code(
        "owner or version not readable",
        "An owner is an e-mail address or `team:name`. A version is made of numbers, since a retraining raises the last one.",
        'owners = ["Ada"]',
        'owners = ["ada@example.org"]',
        "system",
    ),
    "MLA468": Code(
        "alike",
        "Two columns differ by their case alone, or a model reads the same expression under two names: probably one of the two is meant.",
        "feature pace = log1p(seconds)\nfeature speed = log1p(seconds)",
        "feature pace = log1p(seconds)\nfeature speed = seconds / 60",
        "features",
    ),
}
