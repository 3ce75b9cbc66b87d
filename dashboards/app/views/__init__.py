"""The pages, by the question that a user has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboards.app.view import View
from dashboards.app.views import (
    customers,
    experiments,
    funnel,
    marketing,
    overview,
    products,
    quality,
    traffic,
)


@dataclass(frozen=True)
class Page:
    """A page: its title, the last part of its address, what its figures mean, what draws it."""

    title: str
    slug: str
    icon: str
    definitions: str
    show: Callable[[View], None]


PAGES = (
    Page("Overview", "overview", ":material/dashboard:", overview.DEFINITIONS, overview.show),
    Page("Traffic", "traffic", ":material/travel_explore:", traffic.DEFINITIONS, traffic.show),
    Page("Funnel and carts", "funnel", ":material/filter_alt:", funnel.DEFINITIONS, funnel.show),
    Page(
        "Customers and retention",
        "customers",
        ":material/groups:",
        customers.DEFINITIONS,
        customers.show,
    ),
    Page(
        "Products and inventory",
        "products",
        ":material/inventory_2:",
        products.DEFINITIONS,
        products.show,
    ),
    Page(
        "Marketing and attribution",
        "marketing",
        ":material/campaign:",
        marketing.DEFINITIONS,
        marketing.show,
    ),
    Page(
        "Experiments",
        "experiments",
        ":material/science:",
        experiments.DEFINITIONS,
        experiments.show,
    ),
    Page("Data quality", "quality", ":material/fact_check:", quality.DEFINITIONS, quality.show),
)
