"""MLA47x: sources, their repairs and where they come from, as parts of the architecture as a whole."""

from .base import Code

CODES = {
    "MLA471": Code(
        "no repair",
        "A repair is of one column: `null_if` is true or false of its values, and `clip` bounds a number by constants.",
        "clean { null_if = seconds > 800 and clicks > 40 }",
        "clean { null_if = [seconds > 800, clicks > 40] }",
        "source",
    ),
    "MLA472": Code(
        "filling does not fit",
        "What a missing value becomes is a constant that the column could hold: of its type, within its range, one of its categories. "
        "A mean or a median is fitted on the training rows alone, by `impute_mean(x)` or `impute_median(x)` in a feature.",
        'clean { fill { seconds = "long" } }',
        "clean { fill { seconds = 30 } }",
        "source",
    ),
    "MLA473": Code(
        "repaired into a fault",
        "The repair sets values to missing, and the column may not be missing: each row that is repaired fails the validation. Let the "
        "column be missing with `?`, or fill it.",
        "clean { null_if = clicks > 1000 }",
        "clean { null_if = clicks > 1000, fill { clicks = 0 } }",
        "source",
    ),
}
