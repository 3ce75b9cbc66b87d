"""The originals of landed files that the inbox keeps, and what still waits in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from shoptrack.erasure.errors import ErasureError
from shoptrack.erasure.person import Person
from shoptrack.erasure.search import search_file, words_of

_LANDED = "landed"


@dataclass
class Originals:
    """Files of the inbox that hold the person.

    done: landed before, so that the landing zone has all that is in them; they are removed.
    waiting: not landed, or refused; they are somebody's to mend, and landing leaves the person out.
    unreadable: damaged, so that nobody can say what is in them.
    """

    done: list[Path] = field(default_factory=list)
    waiting: list[Path] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)

    def remove(self) -> None:
        """Remove the originals of landed files."""
        for path in self.done:
            path.unlink(missing_ok=True)


def find_originals(inbox: Path, person: Person) -> Originals:
    """Find the files of the inbox that hold the person."""
    found = Originals()
    if not inbox.is_dir():
        return found
    words = words_of(person, ())
    for path in sorted(path for path in inbox.rglob("*") if path.is_file()):
        try:
            is_found = search_file(path, words)
        except ErasureError:
            found.unreadable.append(path)
            continue
        if is_found:
            (found.done if path.parent.name == _LANDED else found.waiting).append(path)
    return found
