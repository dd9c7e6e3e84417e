"""MLA32x and MLA46x: what features read of histories, the earlier rows of an entity."""

from .base import Code

_PAST = (
    'source sales { connector = csv("sales.csv"), entity = shop, timestamp = at\n'
    "  schema { shop : string, at : timestamp, amount : float, late : bool } }\n"
)
_BUYS = "model loyal { family = lightgbm, features = [features.past], label = sales.late, observations = source.sales"
_SKY = (
    'source weather { connector = csv("weather.csv"), timestamp = at, schema { page : string, at : timestamp, wind : float } }\n'
    "features sky { from = source.weather, entity = page, feature wind = wind }\n"
)

CODES = {
    "MLA320": Code(
        "not of one earlier row",
        "What a window aggregates, and what `lag` looks back for, is computed from each earlier row by itself: no window, no `lag`, no "
        "aggregate and nothing that is learnt stands in it. Those stand around: `standardize(mean(x) over 7d)`.",
        "feature usual = mean(standardize(seconds)) over 7d",
        "feature usual = standardize(mean(seconds) over 7d)",
        "features",
    ),
    "MLA321": Code(
        "impossible lag",
        "`lag(x, n)` is x in the n-th latest row of the entity that was visible at the time: n is a constant from 1 to 100.",
        "feature before = lag(seconds, 0)",
        "feature before = lag(seconds, 1)",
        "features",
    ),
    "MLA322": Code(
        "window over another source",
        "A feature may name features over other sources: all are values at the observation's moment. What a window aggregates, and what "
        "`lag` looks back for, is of each earlier row of the block's own source, and at those rows' moments nothing is joined.",
        f"{_SKY}features both {{ from = source.visits, entity = page, feature blown = mean(sky.wind * seconds) over 7d }}",
        f"{_SKY}features both {{ from = source.visits, entity = page, feature blown = sky.wind * mean(seconds) over 7d }}",
    ),
    "MLA460": Code(
        "history that cannot be read",
        "A window, a `lag` and a column of another source are of the rows about the same thing that were visible before. So their source "
        "has a `timestamp`, the block (or else its source) names an `entity`, and the observations have columns of that name and type.",
        _PAST.replace("entity = shop, ", "") + f"features past {{ from = source.sales, feature usual = mean(amount) over 7d }}\n{_BUYS} }}",
        f"{_PAST}features past {{ from = source.sales, feature usual = mean(amount) over 7d }}\n{_BUYS} }}",
    ),
    "MLA461": Code(
        "no moment to look back from",
        "A history is seen as of a moment: `as_of` of the model, or the `timestamp` of the source that it observes.",
        _PAST + 'source shops { connector = csv("shops.csv"), schema { shop : string, good : bool } }\n'
        "features past { from = source.sales, feature usual = mean(amount) over 7d }\n"
        "model loyal { family = lightgbm, features = [features.past], label = shops.good, observations = source.shops }",
        _PAST + 'source shops { connector = csv("shops.csv"), timestamp = at, schema { shop : string, at : timestamp, good : bool } }\n'
        "features past { from = source.sales, feature usual = mean(amount) over 7d }\n"
        "model loyal { family = lightgbm, features = [features.past], label = shops.good, observations = source.shops }",
    ),
    "MLA462": Code(
        "a row in its own history",
        "The prediction is asked for after the time of the row, and nothing says that its outcome becomes known later: the row would find "
        "its own label in its history. Ask earlier, or name the column that says when the outcome is known (`known_at`).",
        f"{_PAST}features past {{ from = source.sales, feature before = if(lag(late, 1), 1, 0) }}\n{_BUYS}, as_of = at + 1h }}",
        f"{_PAST}features past {{ from = source.sales, feature before = if(lag(late, 1), 1, 0) }}\n{_BUYS}, as_of = at - 1h }}",
    ),
}
