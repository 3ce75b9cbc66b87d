"""The dbt project as assets, its data tests and unit tests as checks, its exposures."""
