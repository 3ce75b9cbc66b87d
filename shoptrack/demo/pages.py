"""The pages of the shop's site: addresses, titles and search terms, by page number."""

from __future__ import annotations

import numpy as np

from shoptrack.demo import rates
from shoptrack.demo.catalogue import Catalogue
from shoptrack.demo.draws import Array

SITE = "https://www.demo-shop.example"
SEARCH_TERMS = (
    "running shoes",
    "white shirt",
    "rain jacket",
    "leather bag",
    "candle",
    "scarf",
    "gift",
    "sale",
    "linen",
    "size guide",
    "black boots",
    "blanket",
)
_LISTS = (
    ("/", "Demo shop"),
    *((f"/collections/{name.lower().replace(' ', '-')}", name) for name in rates.CATEGORIES),
    ("/pages/about", "About us"),
    ("/pages/delivery", "Delivery and returns"),
)
_FIXED = (
    *_LISTS,
    *((f"/search?q={term.replace(' ', '+')}", f"Search: {term}") for term in SEARCH_TERMS),
    ("/cart", "Your cart"),
    ("/checkout", "Checkout"),
    ("/checkout/thank-you", "Thank you"),
)
# The home page is visited more often than any other list of products.
LIST_PAGES = np.array([0, 0, 0, 0, *range(len(_LISTS))])
SEARCH_PAGES = np.arange(len(_LISTS), len(_LISTS) + len(SEARCH_TERMS))
CART_PAGE, CHECKOUT_PAGE, THANKS_PAGE = range(len(_FIXED) - 3, len(_FIXED))


def product_pages(variants: Array) -> Array:
    """Page number of each variant's page."""
    return len(_FIXED) + variants.astype(np.int64)


def addresses(catalogue: Catalogue) -> list[str | None]:
    """Full address of each page."""
    paths = [path for path, _ in _FIXED]
    paths += [f"/products/{variant.lower()}" for variant in catalogue.variant_ids]
    return [SITE + path for path in paths]


def titles(catalogue: Catalogue) -> list[str | None]:
    """Title of each page."""
    return [*(title for _, title in _FIXED), *catalogue.titles]
