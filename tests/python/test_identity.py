"""Connecting identifiers to persons: the pure function against a naive search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoptrack.statistics.identity import connect

Link = tuple[int, int]

unhurried = settings(deadline=None)

# The place in the list is the age of the link.
links_by_age = st.lists(st.tuples(st.integers(1, 25), st.integers(1, 25)), max_size=40)


def table(links: Iterable[tuple[int, int, int]]) -> pa.Table:
    rows = list(links)
    names = ("identifier_number", "other_number", "link_number")
    columns = {
        name: pa.array([row[place] for row in rows], pa.int64()) for place, name in enumerate(names)
    }
    return pa.table(columns)


def connected(links: list[Link]) -> dict[int, dict[str, Any]]:
    """What is found about each identifier, links numbered by their place from 1."""
    found = connect(table((*link, age) for age, link in enumerate(links, start=1)))
    return {row["identifier_number"]: row for row in found.to_pylist()}


def components(links: Iterable[Link]) -> dict[int, set[int]]:
    """Whom each identifier reaches, by spreading until nothing changes."""
    partners = defaultdict(set)
    for one, other in links:
        if one != other:
            partners[one].add(other)
            partners[other].add(one)
    reached = {}
    for start in partners:
        found, edge = {start}, {start}
        while edge:
            edge = {other for each in edge for other in partners[each]} - found
            found |= edge
        reached[start] = found
    return reached


def way(found: dict[int, dict[str, Any]], start: int) -> list[tuple[int, int, int]]:
    """Steps from an identifier to its root: from, to, number of the link."""
    steps = []
    here = found[start]
    while here["parent_number"] is not None:
        steps.append((here["identifier_number"], here["parent_number"], here["parent_link_number"]))
        here = found[here["parent_number"]]
    return steps


@unhurried
@given(links_by_age)
def test_a_person_is_whom_a_naive_search_reaches_and_its_root_the_oldest(
    links: list[Link],
) -> None:
    found, expected = connected(links), components(links)
    assert {number: min(reached) for number, reached in expected.items()} == {
        number: row["root_number"] for number, row in found.items()
    }


@unhurried
@given(links_by_age)
def test_the_way_to_the_root_is_made_of_links_and_ends_at_the_root(links: list[Link]) -> None:
    found = connected(links)
    for number, row in found.items():
        steps = way(found, number)
        assert len(steps) == row["depth"]
        assert (steps[-1][1] if steps else number) == row["root_number"]
        for one, other, age in steps:
            assert set(links[age - 1]) == {one, other}
            assert age == min(a for a, link in enumerate(links, 1) if set(link) == {one, other})


@unhurried
@given(links_by_age)
def test_the_connecting_link_is_the_first_after_which_identifier_and_root_are_connected(
    links: list[Link],
) -> None:
    for number, row in connected(links).items():
        goal = row["root_number"]
        if number == goal:
            assert row["connecting_link_number"] is None
            continue
        ages = range(1, len(links) + 1)
        so_far = (components(links[:age]) for age in ages)
        reaches = [
            age
            for age, reached in zip(ages, so_far, strict=True)
            if goal in reached.get(number, ())
        ]
        assert row["connecting_link_number"] == reaches[0]


@unhurried
@given(links_by_age)
def test_the_oldest_link_is_the_first_of_the_identifiers_own(links: list[Link]) -> None:
    for number, row in connected(links).items():
        own = [age for age, link in enumerate(links, 1) if number in link and len(set(link)) == 2]
        assert row["oldest_link_number"] == own[0]


@unhurried
@given(links_by_age, st.randoms())
def test_neither_the_order_of_rows_nor_the_side_of_an_identifier_matters(
    links: list[Link], random: Any
) -> None:
    numbered = [(*link, age) for age, link in enumerate(links, start=1)]
    shuffled = [
        (other, one, age) if random.random() < 0.5 else (one, other, age)
        for one, other, age in random.sample(numbered, len(numbered))
    ]
    assert connect(table(shuffled)).equals(connect(table(numbered)))


@unhurried
@given(links_by_age.filter(bool))
def test_a_later_link_changes_a_root_only_where_two_persons_merge_and_the_older_stays(
    links: list[Link],
) -> None:
    before, after = connected(links[:-1]), connected(links)
    one, other = (before.get(end, {}).get("root_number", end) for end in links[-1])
    for number, row in before.items():
        merged = row["root_number"] in {one, other} and one != other
        expected = min(one, other) if merged else row["root_number"]
        assert after[number]["root_number"] == expected
        if row["root_number"] == expected:
            assert after[number] == row


def test_a_chain_of_a_hundred_thousand_links_has_its_depth() -> None:
    size = 100_000
    found = connect(table((number, number + 1, size - number) for number in range(size)))
    assert found["depth"].to_pylist() == list(range(size + 1))
    assert set(found["root_number"].to_pylist()) == {0}
    assert set(found["connecting_link_number"].to_pylist()[1:]) == {size}
    assert found["connecting_link_number"][0].as_py() is None


def test_no_links_make_no_persons() -> None:
    assert connect(table([])).num_rows == 0


@pytest.mark.parametrize("ages", [(1, 1), (0, 1)])
def test_links_without_a_number_of_their_own_are_refused(ages: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="link_number must be 1 or more"):
        connect(table([(1, 2, ages[0]), (2, 3, ages[1])]))


def test_a_link_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="other_number is missing in 1 links"):
        connect(pa.table({"identifier_number": [1], "other_number": [None], "link_number": [1]}))
