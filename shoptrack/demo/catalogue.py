"""Products, their variants, and prices that change: who wants what at which price."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from shoptrack.demo import rates
from shoptrack.demo.draws import DAY_MS, Array, day_date, day_start, pick, stream
from shoptrack.demo.text import coded, moments, money, numbered

PRODUCTS_PER_CATEGORY = 8
VARIANTS_BY_CATEGORY = (3, 3, 2, 1, 1, 1)
GIFT_CATEGORY = len(rates.CATEGORIES) - 1
GIFT_CENTS = (2500, 5000, 10000)
GIFT_WEIGHT_SHARE = 0.01
LAUNCH_DAYS = (30, 45, 60)
SUPPLIERS = ("Nordlicht", "Adriana", "Kappel & Co", "Lumen")
BRANDS = ("Aster", "Birke", "Calma", "Dorn", "Elster")
SIZES = {1: ("one size",), 2: ("M", "L"), 3: ("S", "M", "L")}


class Catalogue:
    """The shop's products and the prices of the current day.

    Arrays over products (p) or variants (v), in a fixed order: `category` (p), `popularity` (p),
    `quality` (p, mean rating), `launch_day` (p), `product` (v, index of the product), `base_cents`
    and `price_cents` (v, EUR), `cost_cents` (v, EUR).
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        rng = stream(seed, "catalogue", 0)
        self._draw_products(rng)
        self._draw_variants(rng)
        self.factor = np.ones(len(self.category))
        self.is_promoted = np.zeros(len(self.category), dtype=bool)
        self.price_cents = self.base_cents.copy()
        self.partner = self._partners()
        self._name()

    def _draw_products(self, rng: np.random.Generator) -> None:
        regular = np.repeat(np.arange(GIFT_CATEGORY), PRODUCTS_PER_CATEGORY)
        self.category = np.append(regular, GIFT_CATEGORY)
        count = len(self.category)
        weights = 1.0 / (1.0 + rng.permutation(len(regular))) ** 0.8
        gift = weights.sum() * GIFT_WEIGHT_SHARE
        self.popularity = np.append(weights, gift)
        self.quality = rng.uniform(3.2, 4.8, count)
        self.brand = rng.integers(0, len(BRANDS), count)
        self.supplier = rng.integers(0, len(SUPPLIERS), count)
        self.lead_days = rng.integers(4, 15, count)
        self.launch_day = np.zeros(count, dtype=np.int64)
        self.launch_day[rng.choice(len(regular), len(LAUNCH_DAYS), replace=False)] = LAUNCH_DAYS
        self.competitor_factor = rng.uniform(0.9, 1.12, count)

    def _draw_variants(self, rng: np.random.Generator) -> None:
        sizes = [*VARIANTS_BY_CATEGORY, len(GIFT_CENTS)]
        per_product = np.array(sizes)[self.category]
        self.product = np.repeat(np.arange(len(self.category)), per_product)
        self.number = np.concatenate([np.arange(size) for size in per_product])
        low, high = rates.PRICE_RANGE[self.category].T
        euros = np.round(rng.uniform(low, high)) + 0.9
        self.base_cents = np.round(euros * 100).astype(np.int64)[self.product]
        self.base_cents[-len(GIFT_CENTS) :] = GIFT_CENTS
        spread = rng.uniform(0.9, 1.1, len(self.category))
        share = np.clip(rates.COST_SHARE[self.category] * spread, 0, 0.9)[self.product]
        self.cost_cents = np.round(self.base_cents * share).astype(np.int64)
        weights = rng.uniform(0.5, 1.5, len(self.product))
        total = np.bincount(self.product, weights)
        self.variant_share = weights / total[self.product]

    def _partners(self) -> Array:
        """For each variant, the variant that is often bought with it, or −1."""
        partner = np.full(len(self.product), -1)
        jackets = np.flatnonzero(self.category == rates.CATEGORIES.index("Jackets"))
        accessories = np.flatnonzero(self.category == rates.CATEGORIES.index("Accessories"))
        for jacket, accessory in zip(jackets[:4], accessories[:4], strict=True):
            partner[self.product == jacket] = np.flatnonzero(self.product == accessory)[0]
        return partner

    def _name(self) -> None:
        self.product_ids = [f"7{number:03d}" for number in range(1, len(self.category) + 1)]
        self.variant_ids: list[str] = []
        self.titles: list[str] = []
        self.skus: list[str] = []
        for product, number in zip(self.product, self.number, strict=True):
            category = rates.CATEGORIES[self.category[product]]
            self.variant_ids.append(f"8{self.product_ids[product][1:]}{number + 1}")
            self.skus.append(f"{category[:3].upper()}-{product + 1:03d}-{number + 1}")
            self.titles.append(
                f"{self._product_title(int(product))} {self._size(int(product), int(number))}"
            )

    def _product_title(self, product: int) -> str:
        category = rates.CATEGORIES[self.category[product]]
        if self.category[product] == GIFT_CATEGORY:
            return "Gift card"
        return f"{BRANDS[self.brand[product]]} {category} {product + 1}"

    def _size(self, product: int, number: int) -> str:
        if self.category[product] == GIFT_CATEGORY:
            return f"{GIFT_CENTS[number] // 100}"
        return SIZES[VARIANTS_BY_CATEGORY[self.category[product]]][number]

    @property
    def is_gift(self) -> Array:
        """Whether each variant is a gift card."""
        gifts: Array = self.category[self.product] == GIFT_CATEGORY
        return gifts

    def affinity_pairs(self) -> list[tuple[str, str]]:
        """Product pairs (first, then bought with it) that the draw favours."""
        chosen = np.flatnonzero(self.partner >= 0)
        pairs = {(self.product[one], self.product[self.partner[one]]) for one in chosen}
        return sorted((self.product_ids[one], self.product_ids[other]) for one, other in pairs)

    def view_weights(self, day: int) -> Array:
        """Chance of each variant to be looked at."""
        wanted = self.popularity * (self.launch_day <= day)
        weights: Array = wanted[self.product] * self.variant_share
        return weights

    def purchase_weights(self, day: int, is_available: Array) -> Array:
        """Chance of each variant to be added: popularity × (price / base price)^elasticity."""
        ratio = np.log(self.price_cents / self.base_cents)
        elasticity = rates.ELASTICITY[self.category[self.product]]
        lift = rates.PROMOTION_LIFT * self.is_promoted[self.product]
        weights: Array = self.view_weights(day) * np.exp(elasticity * ratio + lift)
        available: Array = weights * is_available
        return available if available.sum() > 0 else weights

    def change_prices(self, day: int) -> Array:
        """Draw the prices of a day; returns the variants whose price row is new on it.

        Prices change on Mondays. A promotion lasts a week.
        """
        rng = stream(self._seed, "prices", day)
        launched = self.launch_day == day
        before = self.factor.copy()
        if day_date(day).weekday() == 0:
            before_promotion = self.is_promoted.copy()
            self.factor[before_promotion] = 1.0
            changes = rng.random(len(self.factor)) < rates.PRICE_CHANGE_SHARE
            changes &= ~before_promotion & (self.category != GIFT_CATEGORY)
            drawn = pick(rng, rates.PRICE_FACTOR_SHARES, len(self.factor))
            self.factor = np.where(changes, rates.PRICE_FACTORS[drawn], self.factor)
            self.is_promoted = self.factor < rates.PROMOTION_BELOW
            self.competitor_factor *= rng.uniform(0.98, 1.02, len(self.factor))
        prices = np.round(self.base_cents * self.factor[self.product]).astype(np.int64)
        self.price_cents = np.where(self.is_gift, self.base_cents, prices)
        is_new = launched | ((self.factor != before) & (self.launch_day < day))
        return np.flatnonzero(is_new[self.product])

    def products_table(self, variants: Array) -> pa.Table:
        """Rows of shop.products for some variants."""
        product = self.product[variants]
        count = len(variants)
        return pa.table(
            {
                "variant_id": coded(self.variant_ids, variants),
                "product_id": coded(self.product_ids, product),
                "sku": coded(self.skus, variants),
                "title": coded(self.titles, variants),
                "brand": coded(BRANDS, self.brand[product]),
                "category": coded(rates.CATEGORIES, self.category[product]),
                "created_at": moments(day_start(0) + self.launch_day[product] * DAY_MS),
                "unit_cost": money(self.cost_cents[variants]),
                "lead_time_days": numbered("", self.lead_days[product]),
                "lead_time_sd_days": pa.array(["1.5"] * count, pa.string()),
                "supplier": coded(SUPPLIERS, self.supplier[product]),
            }
        )

    def prices_table(self, day: int, variants: Array) -> pa.Table:
        """Rows of shop.product_prices for the variants whose price changed on a day."""
        product = self.product[variants]
        before = np.where(self.is_promoted[product], self.base_cents[variants], -1)
        rivals = self.base_cents[variants] * self.competitor_factor[product]
        compare_at = coded(
            money(np.maximum(before, 0)), np.where(before > 0, np.arange(len(before)), -1)
        )
        return pa.table(
            {
                "variant_id": coded(self.variant_ids, variants),
                "valid_from": moments(np.full(len(variants), day_start(day))),
                "price": money(self.price_cents[variants]),
                "compare_at_price": compare_at,
                "currency": coded(["EUR"], np.zeros(len(variants), dtype=np.int64)),
                "competitor_price": money(np.round(rivals).astype(np.int64)),
            }
        )
