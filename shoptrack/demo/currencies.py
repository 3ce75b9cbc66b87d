"""Exchange rates: a random walk per currency, in EUR per unit."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from shoptrack.demo import rates
from shoptrack.demo.draws import Array, day_date, stream
from shoptrack.demo.orders import rate_text


class ExchangeRates:
    """Today's rates, as whole numbers of 1/100,000 EUR per unit of each foreign currency."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._names = list(rates.FIRST_RATES)
        self._exact = np.array(list(rates.FIRST_RATES.values()))

    def move(self, day: int) -> pa.Table:
        """Move to a day; returns its rows of shop.fx_rates."""
        steps = stream(self._seed, "rates", day).normal(0, rates.RATE_NOISE, len(self._exact))
        self._exact = self._exact * np.exp(steps)
        size = len(self._names)
        return pa.table(
            {
                "rate_date": pa.array([day_date(day).isoformat()] * size),
                "currency": pa.array(self._names),
                "rate": rate_text(self._rounded()),
            }
        )

    def _rounded(self) -> Array:
        rounded: Array = np.round(self._exact * 100_000).astype(np.int64)
        return rounded

    def of_orders(self) -> Array:
        """Rate of each order currency, in the order of `rates.CURRENCIES`."""
        by_name = dict(zip(self._names, self._rounded().tolist(), strict=True))
        return np.array([by_name.get(name, 100_000) for name in rates.CURRENCIES])
