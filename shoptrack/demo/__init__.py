"""A demo shop: simulates visitors, orders and their dirt, and lands the raw data with its truth."""

from shoptrack.demo.simulate import (
    DEFAULT_DAYS,
    DEFAULT_SEED,
    DEFAULT_VISITORS,
    DemoZoneError,
    simulate,
)

__all__ = ["DEFAULT_DAYS", "DEFAULT_SEED", "DEFAULT_VISITORS", "DemoZoneError", "simulate"]
