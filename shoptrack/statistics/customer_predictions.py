"""The tables of dbt's models of customer value: purchase histories in, fits and predictions out.

A table of histories has one row per cutoff and customer: cutoff (text), customer_id, frequency,
recency_days, age_days, monetary_value (null without a repeat purchase) and horizon_days, which is
the same for all rows of a cutoff. Every cutoff is fitted for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoptrack.statistics.customer_value import (
    Array,
    BgNbd,
    FitError,
    GammaGamma,
    Histories,
    discounted_purchases_if_alive,
    fit_bg_nbd,
    fit_gamma_gamma,
)

DAYS_OF_A_YEAR = 365.0
PERIODS = 12  # of a horizon: months of a year
_DECIMALS = 8

FITS = pa.schema(
    [
        ("cutoff", pa.string()),
        ("customers", pa.int64()),
        ("repeat_customers", pa.int64()),
        ("r", pa.float64()),
        ("alpha_days", pa.float64()),
        ("a", pa.float64()),
        ("b", pa.float64()),
        ("log_likelihood", pa.float64()),
        ("purchases_reason", pa.string()),
        ("p", pa.float64()),
        ("q", pa.float64()),
        ("gamma", pa.float64()),
        ("value_reason", pa.string()),
    ]
)
PREDICTIONS = pa.schema(
    [
        ("cutoff", pa.string()),
        ("customer_id", pa.string()),
        ("p_alive", pa.float64()),
        ("p_no_purchase", pa.float64()),
        ("expected_purchases", pa.float64()),
        ("discounted_purchases_if_alive", pa.float64()),
        ("expected_purchase_value", pa.float64()),
        ("missing_reason", pa.string()),
    ]
)


def fitted_models(histories: pa.Table) -> pa.Table:
    """Fit both models at each cutoff; returns one row per cutoff, of the schema FITS.

    Where a model could not be fitted its parameters are null and its reason says why.
    """
    rows = []
    for cutoff, customers in _by_cutoff(histories):
        x = _numbers(customers, "frequency")
        fit: dict[str, Any] = {
            "cutoff": cutoff,
            "customers": len(x),
            "repeat_customers": int((x > 0).sum()),
        }
        try:
            purchases = fit_bg_nbd(_grouped(customers)[0])
            fit |= {"r": purchases.r, "alpha_days": purchases.alpha}
            fit |= {"a": purchases.a, "b": purchases.b}
            fit |= {"log_likelihood": purchases.log_likelihood}
        except FitError as error:
            fit["purchases_reason"] = str(error)
        try:
            value = fit_gamma_gamma(x, _numbers(customers, "monetary_value"))
            fit |= {"p": value.p, "q": value.q, "gamma": value.gamma}
        except FitError as error:
            fit["value_reason"] = str(error)
        rows.append({name: _rounded_number(number) for name, number in fit.items()})
    return pa.Table.from_pylist(rows, schema=FITS)


def predictions(histories: pa.Table, fits: pa.Table, discount_rate: float) -> pa.Table:
    """Predict each customer's next `horizon_days` days; one row per history, schema PREDICTIONS.

    Purchases are discounted by `discount_rate` a year, in twelve parts of the horizon. What a model
    that was not fitted would say is null, with missing_reason.
    """
    models = {row["cutoff"]: row for row in fits.to_pylist()}
    parts = [
        _predicted(cutoff, customers, models[cutoff], discount_rate)
        for cutoff, customers in _by_cutoff(histories)
    ]
    return pa.concat_tables(parts) if parts else PREDICTIONS.empty_table()


def _predicted(
    cutoff: str, customers: pa.Table, fit: dict[str, Any], discount_rate: float
) -> pa.Table:
    columns: dict[str, Any] = {
        "cutoff": pa.repeat(pa.scalar(cutoff, pa.string()), len(customers)),
        "customer_id": customers["customer_id"].combine_chunks().cast(pa.string()),
    }
    reasons = [fit["purchases_reason"], fit["value_reason"]]
    if fit["r"] is not None:
        columns |= _predicted_purchases(customers, _bg_nbd(fit), discount_rate)
    if fit["p"] is not None:
        model = GammaGamma(fit["p"], fit["q"], fit["gamma"])
        value = model.expected_value(
            _numbers(customers, "frequency"), _numbers(customers, "monetary_value")
        )
        columns["expected_purchase_value"] = _rounded(value)
        if model.q <= 1.0:
            reasons.append("the values have no mean")
    missing_reason = "; ".join(reason for reason in reasons if reason) or None
    columns["missing_reason"] = pa.repeat(pa.scalar(missing_reason, pa.string()), len(customers))
    arrays = [
        columns.get(field.name, pa.nulls(len(customers), field.type)) for field in PREDICTIONS
    ]
    return pa.Table.from_arrays(arrays, schema=PREDICTIONS)


def _predicted_purchases(
    customers: pa.Table, model: BgNbd, discount_rate: float
) -> dict[str, pa.Array]:
    histories, index = _grouped(customers)
    horizon = float(_numbers(customers, "horizon_days")[0])
    period = horizon / PERIODS
    rate = (1.0 + discount_rate) ** (period / DAYS_OF_A_YEAR) - 1.0
    discounted = discounted_purchases_if_alive(model, histories, PERIODS, period, rate)
    return {
        "p_alive": _rounded(model.p_alive(histories)[index]),
        "p_no_purchase": _rounded(model.p_no_purchase(histories, horizon)[index]),
        "expected_purchases": _rounded(model.expected_purchases(histories, horizon)[index]),
        "discounted_purchases_if_alive": _rounded(discounted[index]),
    }


def _by_cutoff(histories: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Cutoffs in alphabetical order with their rows."""
    cutoffs: Sequence[str] = sorted(histories["cutoff"].unique().to_pylist())
    for cutoff in cutoffs:
        yield cutoff, histories.filter(pc.equal(histories["cutoff"], cutoff))


def _grouped(customers: pa.Table) -> tuple[Histories, Any]:
    names = ("frequency", "recency_days", "age_days")
    return Histories.grouped(*(_numbers(customers, name) for name in names))


def _bg_nbd(fit: dict[str, Any]) -> BgNbd:
    return BgNbd(fit["r"], fit["alpha_days"], fit["a"], fit["b"])


def _numbers(table: pa.Table, name: str) -> Array:
    """A column as floats, null as NaN."""
    numbers: Array = table[name].cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
    return numbers


def _rounded(numbers: Array) -> pa.Array:
    """Numbers without the digits in which two machines may differ; what is not finite as null."""
    finite = np.where(np.isfinite(numbers), numbers, np.nan)
    return pa.array(np.round(finite, _DECIMALS), from_pandas=True)


def _rounded_number(value: Any) -> Any:
    return round(value, _DECIMALS) if isinstance(value, float) else value
