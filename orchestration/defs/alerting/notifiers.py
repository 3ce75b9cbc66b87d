"""Ways to tell people: the log, and a webhook. Another one is a class with `send`."""

from __future__ import annotations

import logging
from typing import Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from orchestration.defs.alerting.alerts import Alert

logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # its warnings name addresses
_SETTING = "the address in SHOPTRACK_ALERT_WEBHOOK"
_TIMEOUT_SECONDS = 10
_RETRIES = Retry(
    total=4,
    backoff_factor=0.5,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=None,
    raise_on_status=False,
)


class Notifier(Protocol):
    """Sends an alert somewhere; raises when it could not."""

    def send(self, alert: Alert) -> None:
        """Send one alert."""


class NotSentError(RuntimeError):
    """An alert could not be sent; the message says why, and not the address, which is a secret."""


class LogNotifier:
    """Writes alerts to a log."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log

    def send(self, alert: Alert) -> None:
        """Log the alert as a warning."""
        self._log.warning(alert.text)


class WebhookNotifier:
    """Posts alerts as JSON: `text` as chat tools read it, and title, lines and link by themselves.

    Raises NotSentError when the address does not take it after five tries.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=_RETRIES))

    def send(self, alert: Alert) -> None:
        """Post the alert."""
        message = {
            "text": alert.text,
            "title": alert.title,
            "lines": list(alert.lines),
            "link": alert.link,
        }
        try:
            answer = self._session.post(self._address, json=message, timeout=_TIMEOUT_SECONDS)
        except (requests.RequestException, HTTPError, UnicodeError) as error:
            raise NotSentError(f"{_SETTING} cannot be reached: {type(error).__name__}") from None
        if not answer.ok:
            raise NotSentError(f"{_SETTING} answered {answer.status_code} {answer.reason}")


def notifiers(log: logging.Logger, webhook: str | None) -> list[Notifier]:
    """Return the notifiers that the settings ask for; the log always."""
    return [LogNotifier(log), *([WebhookNotifier(webhook)] if webhook else [])]
