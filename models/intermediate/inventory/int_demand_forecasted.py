"""One row per variant and day of the coming 28 days: what shoptrack.statistics.forecasting says."""

from shoptrack.statistics import forecasting


def model(dbt, session):
    """Forecast every variant's demand from int_demand_days_corrected."""
    dbt.config(materialized="table")
    return forecasting.forecast_table(dbt.ref("int_demand_days_corrected").to_arrow_table())
