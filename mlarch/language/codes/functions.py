"""MLA32x: what single functions of the feature language ask for."""

from .base import Code

_CODES = (
    'source visits { connector = csv("visits.csv"), schema { page : category("home", "cart", "help"), place : string, bought : bool } }\n'
    "features codes { from = source.visits, feature code = target_encode(place) }"
)

CODES = {
    "MLA323": Code(
        "unknown time zone",
        "Parts of a timestamp are in UTC, or in a time zone that is named as in the IANA database: `Europe/Berlin`, not an abbreviation "
        "that several countries share.",
        'feature hour = hour(started, "New York")',
        'feature hour = hour(started, "America/New_York")',
        "features",
    ),
    "MLA324": Code(
        "several columns inside",
        "`one_hot` and `tfidf` give one column for each value or word. Each is a feature of its own: there is no single value that another "
        "function could take.",
        "feature page = standardize(one_hot(page))",
        "feature page = one_hot(page)",
        "features",
    ),
    "MLA325": Code(
        "label without one mean",
        "`target_encode` is the mean label of a category: of a number, of true and false, or of one of two texts. A label of several "
        "classes has no such mean, and the schema must say that a text has two values.",
        f"{_CODES}\nmodel which {{ family = lightgbm, features = [features.codes], label = visits.page }}",
        f"{_CODES}\nmodel which {{ family = lightgbm, features = [features.codes], label = visits.bought }}",
    ),
    "MLA326": Code(
        "function of your own misplaced",
        '`python("module:function", …)` calls a function that stands in a file beside the architecture file, with values of one row. '
        "Its name is a constant, so that the code can be kept with the model. Features alone call it: a label, a repair or an expectation "
        "does not.",
        'feature tone = python("tone", page)',
        'feature tone = python("words:tone", page)',
        "features",
    ),
}
