"""An ARIMA model of the sunspots foresees a cycle."""

from __future__ import annotations

from statsmodels.datasets import sunspots
from statsmodels.tsa.arima.model import ARIMA

series = sunspots.load_pandas().data["SUNACTIVITY"]
foreseen = ARIMA(series[:250], order=(2, 0, 0)).fit().forecast(11)
assert len(foreseen) == 11 and 0 < foreseen.mean() < 150
