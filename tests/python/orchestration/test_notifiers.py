"""Alerts are sent to a real address, again when it does not take them at once."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from orchestration.defs.alerting import notifiers as module
from orchestration.defs.alerting.alerts import Alert
from orchestration.defs.alerting.notifiers import (
    LogNotifier,
    NotSentError,
    WebhookNotifier,
    notifiers,
)

ALERT = Alert("Run of refresh failed.", ("dbt failed: März",), "http://127.0.0.1:3000/runs/1")


class Receiver:
    """What a web server got, and what it answers: the statuses in turn, then the last of them."""

    def __init__(self, statuses: list[int]) -> None:
        self.statuses = statuses
        self.bodies: list[Any] = []
        self.address = ""

    def answer(self, body: bytes) -> int:
        """Keep a body; return the status to answer with."""
        self.bodies.append(json.loads(body))
        return self.statuses[min(len(self.bodies), len(self.statuses)) - 1]


@contextmanager
def receiving(*statuses: int) -> Iterator[Receiver]:
    """Let a web server answer on a free port of this machine."""
    receiver = Receiver(list(statuses))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self.send_response(receiver.answer(self.rfile.read(length)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        receiver.address = f"http://127.0.0.1:{server.server_port}/hook"
        yield receiver
        server.shutdown()


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RETRIES", module._RETRIES.new(backoff_factor=0.01))


def test_an_alert_is_sent_again_until_it_is_taken() -> None:
    with receiving(503, 429, 200) as receiver:
        WebhookNotifier(receiver.address).send(ALERT)
    body = {
        "text": "Run of refresh failed.\n  dbt failed: März\n  http://127.0.0.1:3000/runs/1",
        "title": "Run of refresh failed.",
        "lines": ["dbt failed: März"],
        "link": "http://127.0.0.1:3000/runs/1",
    }
    assert receiver.bodies == [body] * 3


def test_an_address_that_never_takes_it_raises_after_five_tries() -> None:
    with receiving(503) as receiver, pytest.raises(NotSentError, match="answered 503 "):
        WebhookNotifier(receiver.address).send(ALERT)
    assert len(receiver.bodies) == 5


def test_an_address_that_does_not_exist_raises_at_once() -> None:
    with receiving(404) as receiver, pytest.raises(NotSentError, match="answered 404 Not Found"):
        WebhookNotifier(receiver.address).send(ALERT)
    assert len(receiver.bodies) == 1


def test_an_address_is_in_no_error_and_no_log_for_it_is_a_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with receiving(503) as receiver:
        for address in (receiver.address, "http://127.0.0.1:1/hook", "http://a..b/hook"):
            with pytest.raises(NotSentError) as caught:
                WebhookNotifier(address).send(ALERT)
            told = "".join(traceback.format_exception(caught.value))
            assert "SHOPTRACK_ALERT_WEBHOOK" in told
            assert "/hook" not in told
    assert "/hook" not in caplog.text


def test_the_log_gets_every_alert(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("alerts")
    [only] = notifiers(log, None)
    only.send(ALERT)
    assert caplog.messages == [ALERT.text]
    assert [type(found) for found in notifiers(log, "http://127.0.0.1")] == [
        LogNotifier,
        WebhookNotifier,
    ]
