"""What functions are called in other languages, and how the same is written here."""

from __future__ import annotations

#: What functions of other languages are called here, as it is written; by their names in small letters, without `_`.
WRITTEN = {
    **dict.fromkeys(("pow", "power2", "square"), "power(x, 2)"),
    **dict.fromkeys(("fill", "fillna", "fillnull", "ifnull", "nvl", "impute"), "coalesce(x, 0)"),
    **dict.fromkeys(("isnull", "isna", "isnan", "isnone", "missing"), "is_missing(x)"),
    **dict.fromkeys(("notnull", "notna", "isnotnull"), "not is_missing(x)"),
    **dict.fromkeys(("len", "strlen", "charlength", "lenchars"), "length(x)"),
    **dict.fromkeys(("words", "wordscount", "countwords"), "word_count(x)"),
    **dict.fromkeys(("substr", "slice"), "substring(x, 1, 3)"),
    **dict.fromkeys(("regex", "regexp", "rlike", "like", "match", "regexpmatches"), 'matches(x, "^a")'),
    **dict.fromkeys(("ln",), "log(x)"),
    **dict.fromkeys(("ceiling",), "ceil(x)"),
    **dict.fromkeys(("modulo", "remainder", "rem", "fmod"), "mod(x, 7)"),
    **dict.fromkeys(("least",), "min_of(x, y)"),
    **dict.fromkeys(("greatest",), "max_of(x, y)"),
    **dict.fromkeys(("cut", "bin", "digitize", "bins"), "bucket(x, 10, 20)"),
    **dict.fromkeys(("qcut", "ntile", "rank", "percentile", "percentrank"), "quantile_bin(x)"),
    **dict.fromkeys(("hash", "md5", "featurehash"), "hash_bucket(x, 64)"),
    **dict.fromkeys(("onehotencode", "getdummies", "dummies", "dummy"), "one_hot(x)"),
    **dict.fromkeys(("zscore", "scale", "standardscale", "standardscaler", "normalize"), "standardize(x)"),
    **dict.fromkeys(("minmaxscale", "minmaxscaler"), "min_max(x)"),
    **dict.fromkeys(("robustscaler",), "robust_scale(x)"),
    **dict.fromkeys(("labelencode", "factorize"), "ordinal(x)"),
    **dict.fromkeys(("countencode", "frequency"), "frequency_encode(x)"),
    **dict.fromkeys(("when", "switch", "iff", "ifelse", "where", "select"), "if(condition, 1, 0)"),
    **dict.fromkeys(("weekday", "dow"), "day_of_week(x)"),
    **{
        "weeksbetween": "days_between(x, y) / 7",
        "monthsbetween": "days_between(x, y) / 30.44",
        "yearsbetween": "days_between(x, y) / 365.25",
    },
    **dict.fromkeys(("datediff", "age", "timedelta"), "days_between(x, y)"),
    **dict.fromkeys(("now", "today", "currenttimestamp", "getdate", "sysdate"), "as_of()"),
    **dict.fromkeys(("shift", "previous", "prev", "diff"), "lag(x, 1)"),
    **dict.fromkeys(("avg", "average", "rollingmean"), "mean(x) over 7d"),
    **dict.fromkeys(("stddev", "stdev"), "std(x) over 7d"),
    **dict.fromkeys(("variance", "var"), "power(std(x) over 7d, 2)"),
    **dict.fromkeys(("countdistinct", "nunique", "approxcountdistinct"), "distinct(x) over 7d"),
    **dict.fromkeys(("countif", "sumif"), "sum(condition) over 7d"),
    **dict.fromkeys(("any", "some"), "max(condition) over 7d"),
    **dict.fromkeys(("all", "every"), "min(condition) over 7d"),
    **dict.fromkeys(("latest", "lastvalue", "newest"), "last(x) over 7d"),
}


#: What is looked for over a window, and is not there.
OF_ROWS = ("median", "quantile", "first", "firstvalue", "mode", "skew", "kurtosis", "ewm", "ewma", "ema", "cumsum", "rownumber", "delta")
