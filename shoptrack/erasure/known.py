"""Two ways to know who is erased: by identifiers while it happens, by keyed hashes ever after."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from shoptrack.erasure.errors import ErasureError
from shoptrack.erasure.person import KINDS, Person, normal
from shoptrack.erasure.rules import ERASED
from shoptrack.hash_key import hash_key
from shoptrack.landing.erased_rows import REMEMBERED
from shoptrack.landing.zone import install, temporary_file

SHORTEST_WORD = 8  # characters: a shorter one is part of other texts by chance
_FINGERPRINT = "fingerprint of the key of erasures"
# Columns that hold ids: what is in them is one, whole, and of the kind that the rules say.
IDS = re.compile(r"(^id|_id|_key|clid|userid|messageid|anonymousid|previousid|sessionid|_token)$")


def keyed_hash(text: str, key: str | None = None) -> str:
    """The pseudonym of a text, as macros/engine/keyed_hash.sql makes it."""
    secret = hash_key() if key is None else key
    inner = hashlib.sha256((secret + text).encode()).hexdigest()
    return hashlib.sha256((secret + inner).encode()).hexdigest()[:32]


def _normal_column(kind: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if kind == "email":
        return pc.utf8_lower(pc.utf8_trim_whitespace(column))
    if kind == "phone":
        digits = pc.replace_substring_regex(column, "[^0-9+]", "")
        return pc.replace_substring_regex(digits, "^00", "+")
    return pc.utf8_trim_whitespace(column)


class ByIdentifiers:
    """A person whose identifiers are at hand."""

    def __init__(self, person: Person) -> None:
        self._values = {kind: pa.array(sorted(person.of(kind)), pa.string()) for kind in KINDS}
        words = person.words.keys() - person.ambiguous
        long = [word for word in words if len(word) >= SHORTEST_WORD]
        self._pattern = pattern(long)
        self._replacements = _replacements(long)

    def holds(self, kind: str, column: pa.ChunkedArray) -> pa.BooleanArray:
        """Whether each value is the person's."""
        values = self._values[kind]
        if not len(values):
            return pa.array([False] * len(column), pa.bool_())
        return pc.is_in(_normal_column(kind, column), value_set=values).combine_chunks()

    def scrubbed(self, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """Texts without the person's identifiers; columns of ids are left to the rules."""
        if IDS.search(name) or not self._pattern:
            return column
        if not pc.any(pc.match_substring_regex(column, self._pattern)).as_py():
            return column
        for wanted, text in self._replacements:
            column = pc.replace_substring_regex(column, wanted, text)
        return column


def pattern(words: list[str]) -> str:
    """A pattern of any of the words, whatever the case of letters; blank without words.

    A number is one where no digit is beside it: an id is part of longer numbers by chance.
    """
    texts, numbers = _alternatives(words)
    parts = [texts] if texts else []
    parts += [f"(?:^|[^0-9])(?:{numbers})(?:[^0-9]|$)"] if numbers else []
    return f"(?i)({'|'.join(parts)})" if parts else ""


def _alternatives(words: list[str]) -> tuple[str, str]:
    """Alternatives of a pattern, longest first: words that are no numbers, and those that are."""
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    found: tuple[list[str], list[str]] = ([], [])
    for word in longest_first:
        found[word.isdecimal()].append(re.escape(word))
    return "|".join(found[0]), "|".join(found[1])


def _replacements(words: list[str]) -> list[tuple[str, str]]:
    """Patterns, and what takes their place; a number in JSON becomes a text, which is valid too."""
    texts, numbers = _alternatives(words)
    done = [(f"(?i)({texts})", ERASED)] if texts else []
    if numbers:
        in_json = (rf"([:\[,]\s*)(?:{numbers})(\s*[,}}\]])", rf'\1"{ERASED}"\2')
        alone = (rf"(^|[^0-9])(?:{numbers})([^0-9]|$)", rf"\1{ERASED}\2")
        done += [in_json, in_json, alone, alone]  # again for numbers that only one sign parts
    return done


@dataclass(frozen=True)
class ByHashes:
    """Everybody who was erased, by keyed hashes: what landing leaves out for good."""

    hashes: Mapping[str, frozenset[str]]

    def holds(self, kind: str, column: pa.ChunkedArray) -> pa.BooleanArray:
        """Whether each value is an identifier of somebody who was erased."""
        hashes = self.hashes.get(kind, frozenset())
        if not hashes:
            return pa.array([False] * len(column), pa.bool_())
        values = _normal_column(kind, column)
        unique = pc.unique(values.drop_null())
        erased = [text for text in unique.to_pylist() if _remembered(kind, text) in hashes]
        return pc.is_in(values, value_set=pa.array(erased, pa.string())).combine_chunks()

    def scrubbed(self, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """The column as it is: a hash cannot be found within a text."""
        return column


def _remembered(kind: str, text: str) -> str:
    return keyed_hash(f"{kind}:{normal(kind, text)}")


def read_erased(zone: Path) -> ByHashes | None:
    """Who was erased from this zone; None for nobody.

    Raises ErasureError where the hashes were made with another key: nobody could be recognized.
    """
    file = zone / REMEMBERED
    if not file.exists():
        return None
    found = json.loads(file.read_text(encoding="utf-8"))
    if found["key"] != keyed_hash(_FINGERPRINT):
        raise ErasureError(
            f"{file} remembers erased persons by hashes of another SHOPTRACK_HASH_KEY, so that they"
            " could come back unseen: set the key of that time"
        )
    return ByHashes({kind: frozenset(texts) for kind, texts in found["hashes"].items()})


def remember(zone: Path, person: Person) -> None:
    """Add the person's identifiers, as keyed hashes, to those that landing leaves out."""
    before = read_erased(zone)
    hashes = {kind: set(before.hashes.get(kind, ())) if before else set() for kind in KINDS}
    for kind in KINDS:
        hashes[kind] |= {_remembered(kind, text) for text in person.of(kind)}
    document = {
        "key": keyed_hash(_FINGERPRINT),
        "hashes": {kind: sorted(texts) for kind, texts in hashes.items()},
    }
    write_json(zone / REMEMBERED, document)


def write_json(file: Path, document: object) -> None:
    """Write a small file at once, readable by its owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with temporary_file(file.parent) as temporary:
        os.chmod(temporary, 0o600)
        temporary.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        install(temporary, file)
