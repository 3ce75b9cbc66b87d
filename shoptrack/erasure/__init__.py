"""Erases a person from the landing zone, the warehouse and the published copies, with a proof."""

from shoptrack.erasure.erase import Erasure, Places, begin, open_requests, pending
from shoptrack.erasure.errors import ErasureError
from shoptrack.erasure.person import Person, find_person

__all__ = [
    "Erasure",
    "ErasureError",
    "Person",
    "Places",
    "begin",
    "find_person",
    "open_requests",
    "pending",
]
