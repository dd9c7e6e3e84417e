"""MLA2xx: names and vocabulary. MLA3xx: types of expressions."""

from .base import Code

CODES = {
    "MLA201": Code("unknown block kind", "The kinds of blocks are fixed; the help lists them.", "sources x { }", "source x { … }"),
    "MLA202": Code(
        "a block's name",
        "A top-level block has a name, by which others refer to it; an inner block has one only where several of its kind can stand.",
    ),
    "MLA203": Code(
        "dangling reference",
        "A reference is a path to a block that the architecture declares.",
        "model = model.clasifier",
        "model = model.classifier",
    ),
    "MLA204": Code(
        "unknown key",
        "The block does not have this key. Nothing unknown is ever ignored: the caption says where it belongs, if another block has it.",
    ),
    "MLA205": Code("missing key", "The block cannot do without this key."),
    "MLA206": Code("defined twice", "A name is given once. The label shows the first time."),
    "MLA207": Code("wrong form of value", "The key takes another form of value: texts stand in quotes, names do not."),
    "MLA208": Code(
        "wrong unit",
        "The unit is unknown, ambiguous, or measures something else. `5m` is refused, since it could be minutes or months.",
        "p99 < 100",
        "p99 < 100ms",
    ),
    "MLA209": Code("unknown member", "The value is one of a fixed list.", "problem = classify", "problem = classification"),
    "MLA210": Code(
        "wrong kind of reference",
        "The key refers to a block of another kind. A reference always names the kind: `source.nuclei`.",
        "from = nuclei",
        "from = source.nuclei",
    ),
    "MLA211": Code("wrong arguments", "The call has an argument that it does not take, or lacks one that it needs."),
    "MLA212": Code("wrong form of statement", "The key is written in another form: as a block, as a value, or as a condition."),
    "MLA213": Code("one system", "A file describes exactly one `system`."),
    "MLA214": Code(
        "language version", "The first line says which version of the language the file is written in.", None, 'language = "1.0"'
    ),
    "MLA215": Code("bound the wrong way round", "A latency is bounded from above, a throughput from below.", "p99 > 100ms", "p99 < 100ms"),
    "MLA216": Code("unknown type", "The types of columns and parameters are fixed; the help lists them.", "age : integer", "age : int"),
    "MLA217": Code(
        "empty range", "No value lies in the range: its lower end is above its upper end.", "age : int in 120..0", "age : int in 0..120"
    ),
    "MLA301": Code("unknown name in an expression", "A bare name is a column of the block's source; another feature is `group.feature`."),
    "MLA302": Code("types do not fit", "An operator or a function gets a kind of value that it does not take."),
    "MLA303": Code("unknown function", "The functions of the feature language are fixed; the reference lists them."),
    "MLA304": Code("wrong number of arguments", "The function takes another number of arguments; the help shows its signature."),
    "MLA305": Code(
        "not one of the categories",
        "The schema lists the column's values. A comparison with another value would never be true: it is a typing mistake.",
    ),
    "MLA306": Code(
        "feature of a wrong kind",
        "A model takes numbers and booleans. Encode a text (`ordinal`, `one_hot`, `hash_bucket`), take a part of a timestamp (`hour`).",
    ),
    "MLA307": Code("aggregate without a window", "A feature is of one row. An aggregate says over which rows: `mean(x) over 7d`."),
    "MLA308": Code(
        "not an expectation", "An expectation is a condition on the whole table, built from aggregates: `mean(x) in 0..1`, `rows >= 100`."
    ),
}
