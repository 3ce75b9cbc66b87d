"""How long customer value takes for a large shop: fit and predict a million customers.

    python -m benchmarks.customer_value [--customers 1000000]

draws customers from the demo shop's BG/NBD parameters over two years (and Gamma-Gamma values), then
fits both models and predicts each customer in a process of its own, with wall time and peak memory.
What is measured is what dbt's Python models call, from Arrow tables on, without the warehouse.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Console

from shoptrack.demo import rates
from shoptrack.statistics.customer_predictions import fitted_models, predictions

DAYS = 730
SEED = 7


def drawn_histories(customers: int, seed: int) -> pa.Table:
    """Purchase histories in whole days, as int_customer_purchases_summarized has them."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(rates.REPEAT_R, 1 / rates.REPEAT_ALPHA, customers)
    dropout = rng.beta(rates.DROPOUT_A, rates.DROPOUT_B, customers)
    age = rng.integers(0, DAYS, customers).astype(np.float64)
    x, last, alive = np.zeros(customers), np.zeros(customers), np.ones(customers, dtype=bool)
    while alive.any():
        moment = last + np.maximum(rng.exponential(1 / np.maximum(rate, 1e-12)), 1)
        alive &= moment <= age
        x[alive] += 1
        last = np.where(alive, moment, last)
        alive &= rng.random(customers) >= dropout
    mean = (
        rng.gamma(6.25 * np.maximum(x, 1))
        / np.maximum(x, 1)
        * 15.44
        / rng.gamma(3.74, 1, customers)
    )
    return pa.table(
        {
            "cutoff": pa.repeat(pa.scalar("now"), customers),
            "customer_id": pa.array(np.arange(customers)).cast(pa.string()),
            "frequency": x.astype(np.int64),
            "recency_days": np.floor(last).astype(np.int64),
            "age_days": age.astype(np.int64),
            "monetary_value": pa.array(np.where(x > 0, mean, np.nan), from_pandas=True),
            "horizon_days": pa.repeat(365, customers),
        }
    )


def measure(file: Path) -> None:
    """Fit and predict the histories of a Parquet file; prints seconds and peak memory."""
    histories = pq.read_table(file)
    start = time.perf_counter()
    fits = fitted_models(histories)
    fitted = time.perf_counter()
    predicted = predictions(histories, fits, 0.1)
    end = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    Console().print(
        f"{len(predicted):,} customers: fit {fitted - start:.1f} s, predict {end - fitted:.1f} s,"
        f" together {end - start:.1f} s, peak {peak:.2f} GiB"
    )


def main(
    customers: Annotated[int, typer.Option(help="How many customers.")] = 1_000_000,
    file: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """Measure fit and prediction in a process of its own."""
    if file:
        measure(file)
        return
    with tempfile.TemporaryDirectory() as folder:
        histories = Path(folder) / "histories.parquet"
        pq.write_table(drawn_histories(customers, SEED), histories)
        command = [sys.executable, "-m", "benchmarks.customer_value", "--file", str(histories)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    typer.run(main)
