"""Erases a person, step by step; whoever kills it can run it again.

What is found about the person is written beside the landed files until all is done, because the
files forget it first. It is the only place that holds it, and it is removed in the end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from shoptrack.contract import PROJECT_ROOT
from shoptrack.erasure.copies import copies_of, republish, search_postgres
from shoptrack.erasure.errors import ErasureError
from shoptrack.erasure.inbox import Originals, find_originals
from shoptrack.erasure.known import ByIdentifiers, keyed_hash, remember, write_json
from shoptrack.erasure.landed import (
    ChangedFile,
    find_changes,
    forget_truth,
    landed_files,
    rewrite,
    sha256,
)
from shoptrack.erasure.person import Person
from shoptrack.erasure.search import Words, search_file, words_of
from shoptrack.erasure.warehouse import held, rebuild
from shoptrack.landing.zone import CONTRACT_FILE, is_temporary, remove_leftovers
from shoptrack.publishing import is_export, postgres_url, refuse_foreign

JOURNAL = ".erasing.json"
LEFT_TO_THE_OPERATOR = (
    "backups of the landing zone, of the warehouse and of databases",
    "the systems that the exports came from, and those that audiences were sent to",
    "downloads from dashboards and copies that people made",
)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Places:
    """Where a person may be: landing zone, warehouse, published copy, inbox, and where proofs go.

    exports: folders of Parquet exports. variables: dbt's --vars, where the shop gives them.
    """

    zone: Path
    warehouse: Path
    published: Path
    inbox: Path
    proofs: Path
    exports: Sequence[Path] = ()
    variables: str | None = None


@dataclass
class Erasure:
    """An erasure that was begun: who, and what the landed files hold.

    asked: the subject and further ids as they were given. files: landed files that were written
    anew, by name. removed: originals that are gone. notes: what the operator should know when it
    has run.
    """

    places: Places
    person: Person
    started_at: str
    asked: Sequence[str] = ()
    changes: dict[str, tuple[int, int]] = field(default_factory=dict)
    originals: Originals = field(default_factory=Originals)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def run(self, say: Say = lambda _: None) -> Path:
        """Erase the person everywhere and return the proof.

        Raises ErasureError when a build holds the warehouse, the warehouse cannot be built, or the
        person is still found somewhere: then it can be run again.
        """
        with held(self.places.warehouse):
            self._note()
            remember(self.places.zone, self.person)
            self._clear_up()
            say("landing zone")
            self._rewrite_files()
            self.removed |= {str(path) for path in self.originals.done}
            self._note()
            self.originals.remove()
            warehouse_before = _hash_of(self.places.warehouse)
            all_passed = True
            if self.places.warehouse.exists():
                say("warehouse (a full build)")
                all_passed = rebuild(self.places.warehouse, self.places.zone, self.places.variables)
        say("published copies")
        copies = republish(self.places.warehouse, self.places.published, self.places.exports)
        self.notes = copies.notes
        say("search")
        words = words_of(self.person, landed_files(self.places.zone))
        searched = self._searched([*copies.files, *copies_of(self.places.published)])
        found = _search(searched, words)
        found |= {f"PostgreSQL {name}": ["text"] for name in search_postgres(words)}
        if found:
            places = "; ".join(f"{place}: {', '.join(where)}" for place, where in found.items())
            because = "".join(f" ({note})" for note in copies.notes)
            raise ErasureError(
                f"the person is still found in {places}{because}. Nothing is proven; run shoptrack"
                " erase again, and if that does not help remove these by hand"
            )
        proof = self._write_proof(
            {
                "warehouse": {
                    "path": str(self.places.warehouse),
                    "sha256_before": warehouse_before,
                    "sha256_after": _hash_of(self.places.warehouse),
                    "rebuilt_in_full": warehouse_before is not None,
                    "all_tests_passed": all_passed,
                },
                "published_again": copies.made,
                "notes": copies.notes,
                "verification": self._verification(searched, words),
            }
        )
        (self.places.zone / JOURNAL).unlink()
        return proof

    def _clear_up(self) -> None:
        """Remove what landings and erasures that were killed left; it may hold the person.

        Landings that begin from here on leave the person out.
        """
        folders = (self.places.zone, *self.places.zone.glob("*/*/"))
        in_use = [path for folder in folders for path in remove_leftovers(folder)]
        if in_use:
            raise ErasureError(
                f"a file is being landed in {in_use[0].parent}: run shoptrack erase again after it"
            )

    def _note(self) -> None:
        document = {
            "subjects": list(self.person.subjects),
            "identifiers": {kind: sorted(texts) for kind, texts in self.person.identifiers.items()},
            "written": sorted(self.person.written),
            "ambiguous": sorted(self.person.ambiguous),
            "started_at": self.started_at,
            "asked": list(self.asked),
            "files": list(self.files.values()),
            "removed": sorted(self.removed),
        }
        write_json(self.places.zone / JOURNAL, document)

    def _rewrite_files(self) -> None:
        known = ByIdentifiers(self.person)
        for path in find_changes(self.places.zone, known):
            rewrite(self.places.zone, path, known, self._note_file)
        forget_truth(self.places.zone, self.person, self._note_file)

    def _note_file(self, changed: ChangedFile) -> None:
        self.files[changed.path] = changed.described()
        self._note()

    def _searched(self, copies: Iterable[Path]) -> list[Path]:
        """Every file that the person could be in, the note of this erasure left out."""
        target = Path(os.environ.get("DBT_TARGET_PATH") or PROJECT_ROOT / "target")
        logs = Path(os.environ.get("DBT_LOG_PATH") or PROJECT_ROOT / "logs")
        folders = [self.places.zone, target, logs]
        found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
        files = {path for path in found if not is_temporary(path)}
        files -= {self.places.zone / JOURNAL}
        warehouse = self.places.warehouse
        beside = warehouse.parent.glob(f"{warehouse.name}*") if warehouse.parent.exists() else ()
        return sorted(files | set(beside) | set(copies))

    def _verification(self, searched: Sequence[Path], words: Words) -> dict[str, Any]:
        return {
            "searched_files": len(searched),
            "searched_bytes": sum(path.stat().st_size for path in searched),
            "searched_for_anywhere": len(words.anywhere),
            "searched_for_as_whole_values": sum(map(len, words.whole.values())),
            "postgres_searched": bool(postgres_url()),
            "found": 0,
        }

    def _write_proof(self, results: dict[str, Any]) -> Path:
        finished = datetime.now(UTC)
        subjects = [keyed_hash(subject) for subject in self.person.subjects]
        left = [*LEFT_TO_THE_OPERATOR]
        if not self.places.exports:
            left.append("Parquet exports: name their folders with --parquet")
        left += [f"a file of the inbox: {path}" for path in self.originals.waiting]
        left += [
            f"a file of the inbox that cannot be read: {path}" for path in self.originals.unreadable
        ]
        document = {
            "subject_hashes": subjects,
            "started_at": self.started_at,
            "finished_at": finished.isoformat(timespec="seconds"),
            "identifiers": self.person.counts,
            "landing_zone": {"path": str(self.places.zone), "files": list(self.files.values())},
            "inbox_originals_removed": len(self.removed),
            **results,
            "left_to_the_operator": left,
        }
        name = f"erasure-{finished:%Y%m%dT%H%M%SZ}-{subjects[0][:12]}.json"
        write_json(self.places.proofs / name, document)
        return self.places.proofs / name


def begin(places: Places, person: Person, asked: Sequence[str] = ()) -> Erasure:
    """Find what the landed files hold of a person; nothing is changed yet.

    `asked` are the subject and further ids as they were given. Raises ErasureError where one of the
    places' exports is none, and PublishError where their published copy is another thing.
    """
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    return _planned(Erasure(places, person, started_at, asked))


def pending(places: Places) -> Erasure | None:
    """The erasure that was begun here and did not end, or None."""
    file = places.zone / JOURNAL
    if not file.exists():
        return None
    noted = json.loads(file.read_text(encoding="utf-8"))
    identifiers = {kind: frozenset(texts) for kind, texts in noted["identifiers"].items()}
    more = [frozenset(noted.get(name, ())) for name in ("written", "ambiguous")]
    person = Person(tuple(noted["subjects"]), identifiers, *more)
    return _planned(
        Erasure(
            places,
            person,
            noted["started_at"],
            noted.get("asked", ()),
            files={file["path"]: file for file in noted["files"]},
            removed=set(noted.get("removed", ())),
        )
    )


def _planned(erasure: Erasure) -> Erasure:
    refuse_foreign(erasure.places.warehouse, erasure.places.published)
    for folder in erasure.places.exports:
        if not is_export(folder):
            raise ErasureError(
                f"{folder} is no Parquet export: name the folder that shoptrack publish --parquet"
                " wrote to"
            )
    known = ByIdentifiers(erasure.person)
    zone = erasure.places.zone
    erasure.changes = {
        str(path.relative_to(zone)): counts for path, counts in find_changes(zone, known).items()
    }
    erasure.originals = find_originals(erasure.places.inbox, erasure.person)
    return erasure


def open_requests(zone: Path) -> list[str]:
    """Subjects of shop.erasure_requests whose person was not erased yet, oldest first."""
    files = sorted(str(path) for path in (zone / "shop" / "erasure_requests").glob("*.parquet"))
    if not any(file.endswith(CONTRACT_FILE) for file in files):
        raise ErasureError(f"there is no landing zone at {zone}: nothing was landed yet")
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select subject_id from read_parquet($files, union_by_name = true)"
            " where trim(subject_id) not in ('', '(erased)')"
            " group by subject_id order by min(requested_at), subject_id",
            {"files": files},
        ).fetchall()
    return [subject for (subject,) in rows]


def _search(files: Sequence[Path], words: Words) -> dict[str, list[str]]:
    found = {str(path): search_file(path, words) for path in files}
    return {path: where for path, where in found.items() if where}


def _hash_of(path: Path) -> str | None:
    return sha256(path) if path.exists() else None
