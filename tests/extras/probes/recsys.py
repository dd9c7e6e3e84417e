"""Alternating least squares gives back what a user of a group likes."""

from __future__ import annotations

import numpy as np
from implicit.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

likes = np.zeros((40, 20), dtype=np.float32)
likes[:20, :10] = likes[20:, 10:] = 1
likes[0, 9] = 0
model = AlternatingLeastSquares(factors=4, iterations=5, num_threads=1, random_state=0)
model.fit(csr_matrix(likes), show_progress=False)
items, _ = model.recommend(0, csr_matrix(likes)[0], N=1)
assert items[0] == 9
