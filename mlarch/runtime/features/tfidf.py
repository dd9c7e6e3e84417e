"""Texts as weighted terms: counts times inverse document frequencies, of length 1 in all, computed once for each text.

The terms are words of two letters, digits or underscores at least, in lower case. The weight of a term that stands in d of n training
texts is ln((1 + n) / (1 + d)) + 1, which is what scikit-learn's `TfidfVectorizer` computes as it comes.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
import polars as pl

from ...architecture.expressions import Expression
from ...architecture.program import Vocabulary

_WORD = re.compile(r"\b\w\w+\b")
Weigh = Callable[[str | None], dict[int, float]]


def words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return _WORD.findall(text.lower())


def vocabulary(name: str, inner: Expression, texts: Iterable[str], most: int) -> Vocabulary:
    """Learn the most frequent terms, at most so many, of equal ones those that come first by code point; they are held in that order."""
    total, documents, count = Counter[str](), Counter[str](), 0
    for text in texts:
        found = words(text)
        total.update(found)
        documents.update(set(found))
        count += 1
    terms = sorted(sorted(total, key=lambda term: (-total[term], term))[:most])
    return Vocabulary(name, inner, tuple(terms), tuple(math.log((1 + count) / (1 + documents[term])) + 1 for term in terms))


def weigher(held: Vocabulary) -> Weigh:
    """Return a function from a text to the weights of the terms in it, by their numbers; a missing text has none."""
    numbers = {term: number for number, term in enumerate(held.terms)}
    weights = held.weights

    def weigh(text: str | None) -> dict[int, float]:
        if text is None:
            return {}
        counts = Counter([numbers[word] for word in words(text) if word in numbers])
        weighed = {number: count * weights[number] for number, count in counts.items()}
        length = math.sqrt(math.fsum([weight * weight for weight in weighed.values()]))
        return {number: weight / length for number, weight in weighed.items()}

    return weigh


def columns_of_terms(texts: pl.Expr, held: Vocabulary) -> pl.Expr:
    """Return one struct, with a field for each term: each different text is read once, by the code of a request."""
    fields = [str(number) for number in range(len(held.terms))]
    weigh = weigher(held)

    def over(series: pl.Series) -> pl.Series:
        known = series.drop_nulls().unique().sort()
        table = np.zeros((len(fields), len(known) + 1))
        for column, text in enumerate(known):
            for number, weight in weigh(text).items():
                table[number, column] = weight
        place = (series.rank("dense").cast(pl.Int64) - 1).fill_null(len(known)).to_numpy()
        return pl.DataFrame({field: table[number, place] for number, field in enumerate(fields)}).to_struct(held.column)

    return texts.map_batches(over, return_dtype=pl.Struct(dict.fromkeys(fields, pl.Float64()))).alias(held.column)
