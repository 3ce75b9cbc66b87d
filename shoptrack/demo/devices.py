"""Devices and their platforms: people's browsers, and the bots that call themselves so."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shoptrack.demo.rates import DEVICE_KINDS

DEVICE = np.dtype(
    [
        ("platform", "i1"),
        ("consent", "i1"),
        ("arms", "u1"),
        ("exposed", "u1"),
        ("recorded", "u1"),
        ("converted", "u1"),
        ("converted_in_time", "u1"),
        ("is_seen", "?"),
        ("is_shared", "?"),
        ("first_user", "i4"),
        ("last_end", "i8"),
    ]
)


class Platform(NamedTuple):
    """One kind of browser, and its share among devices of the kind."""

    kind: str
    system: str
    browser: str
    user_agent: str
    share: float


_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X)"
_ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"

PEOPLES_PLATFORMS = (
    Platform(
        "desktop", "Windows", "Chrome", f"{_WINDOWS} {_WEBKIT} Chrome/131.0.0.0 Safari/537.36", 0.5
    ),
    Platform(
        "desktop",
        "Windows",
        "Edge",
        f"{_WINDOWS} {_WEBKIT} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
        0.15,
    ),
    Platform("desktop", "macOS", "Safari", f"{_MAC} {_SAFARI} Safari/605.1.15", 0.2),
    Platform(
        "desktop",
        "Linux",
        "Firefox",
        "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
        0.15,
    ),
    Platform(
        "mobile",
        "Android",
        "Chrome",
        f"{_ANDROID} {_WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36",
        0.5,
    ),
    Platform(
        "mobile",
        "iOS",
        "Safari",
        f"{_IPHONE} {_SAFARI} Mobile/15E148 Safari/604.1",
        0.4,
    ),
    Platform(
        "mobile",
        "Android",
        "Samsung Internet",
        f"{_ANDROID} {_WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
        0.1,
    ),
    Platform(
        "tablet",
        "iPadOS",
        "Safari",
        f"Mozilla/5.0 (iPad; CPU OS 18_2 like Mac OS X) {_SAFARI} Mobile/15E148 Safari/604.1",
        0.7,
    ),
    Platform(
        "tablet", "Android", "Chrome", f"{_ANDROID} {_WEBKIT} Chrome/131.0.0.0 Safari/537.36", 0.3
    ),
)
KNOWN_BOTS = (
    Platform(
        "desktop",
        "",
        "Googlebot",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        0.4,
    ),
    Platform(
        "desktop",
        "",
        "bingbot",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        0.2,
    ),
    Platform(
        "desktop",
        "",
        "AhrefsBot",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        0.15,
    ),
    Platform(
        "desktop",
        "",
        "GPTBot",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        0.15,
    ),
    Platform(
        "desktop",
        "Linux",
        "Headless Chrome",
        f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} HeadlessChrome/131.0.0.0 Safari/537.36",
        0.1,
    ),
)
PLATFORMS = (*PEOPLES_PLATFORMS, *KNOWN_BOTS)
FIRST_BOT_PLATFORM = len(PEOPLES_PLATFORMS)
KIND_OF_PLATFORM = np.array([DEVICE_KINDS.index(each.kind) for each in PLATFORMS])
PLATFORM_SHARES = np.array(
    [[each.share * (each.kind == kind) for each in PEOPLES_PLATFORMS] for kind in DEVICE_KINDS]
)
BOT_SHARES = np.array([each.share for each in KNOWN_BOTS])
