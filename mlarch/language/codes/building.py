"""MLA2xx: names and vocabulary. MLA3xx: types of expressions."""

from .base import Code

CODES = {
    "MLA201": Code(
        "unknown block kind",
        "The kinds of blocks are fixed; the help lists them.",
        'sources pages { connector = csv("pages.csv"), schema { page : string } }',
        'source pages { connector = csv("pages.csv"), schema { page : string } }',
    ),
    "MLA202": Code(
        "a block's name",
        "A top-level block has a name, by which others refer to it; an inner block has one only where several of its kind can stand.",
        "hardware { cpu = 2 }",
        "hardware small { cpu = 2 }",
    ),
    "MLA203": Code(
        "dangling reference",
        "A reference is a path to a block that the architecture declares.",
        "model = model.buyr",
        "model = model.buyer",
        "training",
    ),
    "MLA204": Code(
        "unknown key",
        "The block does not have this key. Nothing unknown is ever ignored: the caption says where it belongs, if another block has it.",
        "prot = 8000",
        "port = 8000",
        "deployment",
    ),
    "MLA205": Code(
        "missing key",
        "The block cannot do without this key.",
        "deployment api { port = 8000 }",
        "deployment api { model = model.buyer, port = 8000 }",
    ),
    "MLA206": Code("defined twice", "A name is given once. The label shows the first time.", "cpu = 2, cpu = 4", "cpu = 4", "hardware"),
    "MLA207": Code(
        "wrong form of value",
        "The key takes another form of value: texts stand in quotes, names do not.",
        'cpu = "2"',
        "cpu = 2",
        "hardware",
    ),
    "MLA208": Code(
        "wrong unit",
        "The unit is unknown, ambiguous, or measures something else. `5m` is refused, since it could be minutes or months.",
        "p99 < 100",
        "p99 < 100ms",
        "deployment.slo",
    ),
    "MLA209": Code("unknown member", "The value is one of a fixed list.", "problem = classify", "problem = classification", "system"),
    "MLA210": Code(
        "wrong kind of reference",
        "The key refers to a block of another kind. A reference always names the kind: `source.nuclei`.",
        "from = visits",
        "from = source.visits",
        "features",
    ),
    "MLA211": Code(
        "wrong arguments",
        "The call has an argument that it does not take, or lacks one that it needs.",
        "replicas = autoscale(1, most=2)",
        "replicas = autoscale(1, max=2)",
        "deployment",
    ),
    "MLA212": Code(
        "wrong form of statement",
        "The key is written in another form: as a block, as a value, or as a condition.",
        "slo = 100ms",
        "slo { p99 < 100ms }",
        "deployment",
    ),
    "MLA213": Code(
        "one system",
        "A file describes exactly one `system`.",
        "system another { problem = regression }",
        "system visits { problem = classification }",
    ),
    "MLA214": Code(
        "language version",
        "The first line says which version of the language the file is written in.",
        'language = "9.9"',
        'language = "1.0"',
    ),
    "MLA215": Code(
        "bound the wrong way round",
        "A latency is bounded from above, a throughput from below.",
        "p99 > 100ms",
        "p99 < 100ms",
        "deployment.slo",
    ),
    "MLA216": Code(
        "unknown type", "The types of columns and parameters are fixed; the help lists them.", "age : integer", "age : int", "source.schema"
    ),
    "MLA217": Code(
        "empty range",
        "No value lies in the range: its lower end is above its upper end.",
        "age : int in 120..0",
        "age : int in 0..120",
        "source.schema",
    ),
    "MLA218": Code(
        "not a name of a block",
        "Names of blocks become names of assets, feature views, folders and files: letters from a to z, digits and `_`, no digit first.",
        "hardware `two cores` { cpu = 2 }",
        "hardware two_cores { cpu = 2 }",
    ),
    "MLA301": Code(
        "unknown name in an expression",
        "A bare name is a column of the block's source; another feature is `group.feature`.",
        "feature pace = log1p(second)",
        "feature pace = log1p(seconds)",
        "features",
    ),
    "MLA302": Code(
        "types do not fit",
        "An operator or a function gets a kind of value that it does not take.",
        "feature pace = log1p(page)",
        "feature pace = log1p(seconds)",
        "features",
    ),
    "MLA303": Code(
        "unknown function",
        "The functions of the feature language are fixed; the reference lists them. Any other is written in Python, and called by "
        "`python(…)`.",
        "feature pace = ln(seconds)",
        "feature pace = log(seconds)",
        "features",
    ),
    "MLA304": Code(
        "wrong number of arguments",
        "The function takes another number of arguments; the help shows its signature.",
        "feature pace = clip(seconds, 0)",
        "feature pace = clip(seconds, 0, 900)",
        "features",
    ),
    "MLA305": Code(
        "not one of the categories",
        "The schema lists the column's values. A comparison with another value would never be true: it is a typing mistake.",
        'feature in_cart = page == "card"',
        'feature in_cart = page == "cart"',
        "features",
    ),
    "MLA306": Code(
        "feature of a wrong kind",
        "A model takes numbers and booleans. Encode a text (`ordinal`, `one_hot`, `hash_bucket`), take a part of a timestamp (`hour`).",
        "feature page = page",
        "feature page = one_hot(page)",
        "features",
    ),
    "MLA307": Code(
        "aggregate without a window",
        "A feature is of one row. An aggregate says over which rows: `mean(x) over 7d`.",
        "feature usual = mean(seconds)",
        "feature usual = mean(seconds) over 7d",
        "features",
    ),
    "MLA308": Code(
        "not an expectation",
        "An expectation is a condition on the whole table, built from aggregates: `mean(x) in 0..1`, `rows >= 100`.",
        "seconds >= 0",
        "min(seconds) >= 0",
        "source.expect",
    ),
    "MLA309": Code(
        "two units",
        "The schema gives two columns different units, and they are added, subtracted or compared as they are. Multiply one by the factor "
        "between the units first: a product has no unit that is checked.",
        'source visits { connector = csv("visits.csv"), schema { seconds : float("s"), scrolled : float("cm"), bought : bool } }\n'
        "features visit { from = source.visits, feature pace = scrolled + seconds }",
        'source visits { connector = csv("visits.csv"), schema { seconds : float("s"), scrolled : float("cm"), bought : bool } }\n'
        "features visit { from = source.visits, feature pace = scrolled / seconds }",
    ),
}
