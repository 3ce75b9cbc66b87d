"""The parameters that the demo shop is drawn from; truth.json repeats them."""

from __future__ import annotations

from typing import Any

import numpy as np

# How many people come, and when
WEEKDAY_FACTORS = np.array([1.06, 1.02, 0.98, 0.96, 0.93, 0.97, 1.08])
YEAR_AMPLITUDE = 0.15
DAY_NOISE = 0.06
HOUR_WEIGHTS = np.array(
    [8, 4, 3, 2, 3, 6, 14, 26, 36, 42, 46, 50, 52, 48, 46, 46, 50, 58, 70, 78, 74, 58, 36, 18]
)
MIDNIGHT_SHARE = 0.02
SECOND_SESSION_SHARE = 0.04
RETURN_ALPHA, RETURN_BETA = 2.0, 3.2
RETURN_GAP_DAYS = (3.0, 14.0)
RETURN_LONG_SHARE = 0.3
RETURN_MAX_DAYS = 60
SECOND_DEVICE_SHARE = 0.12
SECOND_DEVICE_USE = 0.25
SHARED_DEVICE_SHARE = 0.02

# Who they are
COUNTRIES = ("DE", "AT", "FR", "NL", "GB", "CH", "IT", "ES", "US")
COUNTRY_SHARES = np.array([0.42, 0.10, 0.12, 0.08, 0.10, 0.05, 0.06, 0.04, 0.03])
TAX_BASIS_POINTS = np.array([1900, 2000, 2000, 2100, 2000, 810, 2200, 2100, 0])
DEVICE_KINDS = ("desktop", "mobile", "tablet")
DEVICE_SHARES = np.array([0.40, 0.54, 0.06])
AGE_BRACKETS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
AGE_SHARES = np.array([0.15, 0.28, 0.23, 0.17, 0.11, 0.06])
GENDERS = ("female", "male")
DEMOGRAPHICS_KNOWN = 0.4
CONSENT_SHARES = np.array([0.06, 0.30, 0.64])  # nothing, analytics, analytics and ads
CONSENT_CHANGE = 0.005
GUEST_SHARE = 0.08
SIGN_UP_SHARE = 0.02
LOGIN_SHARE = 0.5
MARKETING_SHARE = 0.6

# Where they come from and whether they buy
CHANNELS = (
    "Direct",
    "Organic Search",
    "Paid Search",
    "Paid Social",
    "Organic Social",
    "Email",
    "Referral",
    "Display",
    "Affiliates",
    "Organic Shopping",
    "AI Assistant",
)
FIRST_VISIT_SHARES = np.array([0.17, 0.3, 0.16, 0.11, 0.06, 0.02, 0.06, 0.04, 0.03, 0.03, 0.02])
LATER_VISIT_SHARES = np.array([0.46, 0.17, 0.07, 0.05, 0.03, 0.12, 0.03, 0.03, 0.02, 0.01, 0.01])
CONVERSION = np.array([3.6, 3.4, 4.3, 1.9, 1.4, 5.4, 2.9, 1.2, 3.8, 4.6, 4.1]) / 100
DEVICE_CONVERSION = np.array([1.25, 0.85, 1.0])
REMINDER_CONVERSION = 0.25
AUTO_TAGGED_SHARE = 0.3
UPPER_CASE_SHARE = 0.1

# How far a session gets; the shares are those of sessions without a purchase
DEPTH_NAMES = (
    "single page",
    "pages",
    "view_item",
    "add_to_cart",
    "begin_checkout",
    "add_shipping_info",
    "add_payment_info",
    "purchase",
)
DEPTH_SHARES = np.array([0.28, 0.17, 0.44, 0.062, 0.022, 0.014, 0.012])
LIST_PAGES_MEAN = 2.4
PRODUCT_VIEWS_MEAN = 3.0
CART_LINE_SHARES = np.array([0.62, 0.27, 0.11])
QUANTITY_SHARES = np.array([0.86, 0.11, 0.03])
CART_REMOVAL_SHARE = 0.14
CART_KEPT_DAYS = 10
AFFINITY_SHARE = 0.35

# Repeat buying: BG/NBD (Fader, Hardie and Lee 2005), time in days
REPEAT_R, REPEAT_ALPHA = 0.55, 45.0
DROPOUT_A, DROPOUT_B = 0.9, 3.6

# Experiments: first day, length in days, relative effect on a prospect's conversion
EXPERIMENTS: tuple[dict[str, Any], ...] = (
    {
        "id": "exp-checkout",
        "name": "One-page checkout",
        "first_day": 7,
        "days": 56,
        "effect": 0.25,
        "lost_exposures": 0.0,
    },
    {
        "id": "exp-banner",
        "name": "Free-shipping banner",
        "first_day": 10,
        "days": 42,
        "effect": 0.0,
        "lost_exposures": 0.15,
    },
)

# Cart reminders
REMINDER_SENT, REMINDER_OPENED, REMINDER_CLICKED = 0.8, 0.45, 0.18

# Money
CURRENCIES = ("EUR", "GBP")
LIST_RATE = np.array([1.0, 0.86])
FIRST_RATES = {"GBP": 1.18, "USD": 0.93}
RATE_NOISE = 0.003
FREE_SHIPPING_CENTS = 6000
SHIPPING_CENTS = np.array([495, 445])
COUPONS = ("WELCOME10", "SPRING15")
COUPON_PERCENT = np.array([10, 15])
COUPON_SHARE, COUPON_SHARE_IN_CAMPAIGN = 0.15, 0.45
COUPON_CONVERSION_FACTOR = 1.2
COUPON_CYCLE_DAYS, COUPON_FIRST_DAY, COUPON_DAYS = 45, 20, 7
UNALLOCATED_SHARE = 0.4
TAXES_INCLUDED_SHARE = 0.04
TEST_ORDER_SHARE = 0.004
UNKNOWN_COST_SHARE = 0.04
MISSING_RATE_SHARE = 0.1
UNTRACKED_SHARE = 0.02
MISSING_VISITOR_SHARE = 0.02

# What happens to an order
FATE_NAMES = ("paid", "paid later", "authorized", "voided", "cancelled", "cancelled unpaid")
FATE_SHARES = np.array([0.92, 0.03, 0.025, 0.006, 0.014, 0.005])
REFUND_DAYS = (5, 25)
RESTOCK_SHARE = 0.8
REFUND_REASONS = ("size", "not as described", "damaged", "changed mind", "late")
REVIEW_SHARE, REVIEW_DAYS = 0.08, (8, 30)

# Products
CATEGORIES = ("Shoes", "Shirts", "Jackets", "Bags", "Home", "Accessories", "Gift cards")
ELASTICITY = np.array([-1.8, -2.2, -1.4, -1.1, -2.6, -0.8, 0.0])
COST_SHARE = np.array([0.45, 0.38, 0.48, 0.42, 0.50, 0.30, 0.0])
RETURN_SHARE = np.array([0.14, 0.10, 0.12, 0.05, 0.03, 0.03, 0.0])
PRICE_RANGE = np.array([[60, 140], [18, 48], [80, 190], [35, 110], [12, 60], [9, 30], [0, 0]])
PROMOTION_LIFT = 0.2
PRICE_CHANGE_SHARE = 0.2
PRICE_FACTORS = np.array([0.75, 0.8, 0.9, 1.0, 1.1, 1.2])
PRICE_FACTOR_SHARES = np.array([0.2, 0.15, 0.2, 0.15, 0.15, 0.15])
PROMOTION_BELOW = 0.85

# Bots, late rows and the rest of the dirt
KNOWN_BOT_SHARE = 0.04
BEHAVIOUR_BOT_SHARE = 0.0005
LATE_ROW_SHARE, LATE_SESSION_SHARE, LATE_MAX_DAYS = 0.015, 0.004, 30
LATE_SHOP_SHARE, LATE_SHOP_MAX_DAYS = 0.01, 5
DUPLICATE_SHARE = 0.01
DUPLICATE_LATER_SHARE = 0.5
DUPLICATE_LATER_DAYS = 5
BAD_ROW_SHARE, BAD_SHOP_ROW_SHARE = 0.0008, 0.005
EMAIL_CASE_SHARE = 0.03


def in_coupon_campaign(day: int) -> bool:
    """Whether the coupon SPRING15 is advertised on this day."""
    phase = day % COUPON_CYCLE_DAYS - COUPON_FIRST_DAY
    return 0 <= phase < COUPON_DAYS


def in_experiment(day: int) -> list[bool]:
    """For each experiment, whether it runs on this day."""
    return [0 <= day - each["first_day"] < each["days"] for each in EXPERIMENTS]


def by_name(names: tuple[str, ...], values: np.ndarray[Any, Any]) -> dict[str, float]:
    """The values under their names, as truth.json shows them."""
    return {name: round(float(value), 6) for name, value in zip(names, values, strict=True)}


def parameters() -> dict[str, Any]:
    """All parameters of the draw, for truth.json."""
    return {
        "channels": {
            "first_visit_shares": by_name(CHANNELS, FIRST_VISIT_SHARES / FIRST_VISIT_SHARES.sum()),
            "later_visit_shares": by_name(CHANNELS, LATER_VISIT_SHARES / LATER_VISIT_SHARES.sum()),
        },
        "conversion_of_a_prospects_session": {
            "note": "channel × device × (1 + effect of the experiment) × coupon campaign; a session"
            " from a cart reminder has its own rate; a buyer buys again by repeat_buying only",
            "by_channel": by_name(CHANNELS, CONVERSION),
            "device_factor": by_name(DEVICE_KINDS, DEVICE_CONVERSION),
            "coupon_campaign_factor": COUPON_CONVERSION_FACTOR,
            "after_cart_reminder": REMINDER_CONVERSION,
        },
        "repeat_buying": {
            "model": "BG/NBD, time in days",
            "r": REPEAT_R,
            "alpha": REPEAT_ALPHA,
            "a": DROPOUT_A,
            "b": DROPOUT_B,
        },
        "depth_without_purchase": by_name(DEPTH_NAMES[:-1], DEPTH_SHARES / DEPTH_SHARES.sum()),
        "experiments": {
            each["id"]: {
                "relative_effect_on_conversion": each["effect"],
                "lost_exposures_of_treatment": each["lost_exposures"],
                "first_day": each["first_day"],
                "days": each["days"],
            }
            for each in EXPERIMENTS
        },
        "cart_reminders": {
            "sent": REMINDER_SENT,
            "opened": REMINDER_OPENED,
            "clicked": REMINDER_CLICKED,
        },
        **_shop_parameters(),
    }


def _shop_parameters() -> dict[str, Any]:
    return {
        "categories": {
            name: {
                "elasticity": float(ELASTICITY[code]),
                "margin": round(1 - float(COST_SHARE[code]), 6),
                "refund_rate_per_line": float(RETURN_SHARE[code]),
            }
            for code, name in enumerate(CATEGORIES)
        },
        "promotion_lift_log": PROMOTION_LIFT,
        "order_fates": by_name(FATE_NAMES, FATE_SHARES),
        "coupon_shares": {"usual": COUPON_SHARE, "in_campaign": COUPON_SHARE_IN_CAMPAIGN},
        "affinity_share": AFFINITY_SHARE,
        "untracked_purchases": UNTRACKED_SHARE,
        "guests": GUEST_SHARE,
        "review_share_per_line": REVIEW_SHARE,
        "dirt": {
            "late_rows": LATE_ROW_SHARE,
            "late_sessions": LATE_SESSION_SHARE,
            "late_shop_rows": LATE_SHOP_SHARE,
            "duplicates": DUPLICATE_SHARE,
            "bad_rows": {"web.events": BAD_ROW_SHARE, "other tables": BAD_SHOP_ROW_SHARE},
            "known_bots_per_session": KNOWN_BOT_SHARE,
            "behaviour_bots_per_session": BEHAVIOUR_BOT_SHARE,
            "behaviour_bots": "a page a second, more than 590 events in a session",
            "people_on_a_customers_device": SHARED_DEVICE_SHARE,
        },
    }
