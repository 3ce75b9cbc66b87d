"""The Dagster code location: lands, builds, checks and publishes the warehouse on time."""
