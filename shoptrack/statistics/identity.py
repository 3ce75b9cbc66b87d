"""Who is one person: the connected components of identifiers that data link.

Identifiers are numbered by when they were seen first, links by when they were: the lower the
number, the older. Of all links that connect a person the forest keeps the oldest ones, a minimum
spanning forest. So the way between two identifiers shows the earliest moment at which they were
connected (the largest number on it: the minimax path, Hu 1961), and nothing depends on the order of
rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import csr_array
from scipy.sparse.csgraph import (
    breadth_first_order,
    connected_components,
    minimum_spanning_tree,
)

Numbers = npt.NDArray[np.int64]


def connect(links: pa.Table) -> pa.Table:
    """Put each linked identifier into the tree of its person.

    links: (links,) with the whole numbers `identifier_number`, `other_number` and `link_number`;
    link numbers are from 1 and unique; a pair may have several links.
    Returns (identifiers,), sorted by `identifier_number`, with
    - `root_number`: the person's oldest identifier,
    - `parent_number`, `parent_link_number`: the next identifier on the way to the root and the link
      to it; null for the root,
    - `connecting_link_number`: the youngest link on that way, the one that completed the connection
      with the root; null for the root,
    - `oldest_link_number`: its own oldest link,
    - `depth`: number of links on that way.

    Raises ValueError for a link number that is missing, below 1 or given twice.
    """
    ends = [_column(links, name) for name in ("identifier_number", "other_number")]
    order = _column(links, "link_number")
    if len(order) and (order.min() < 1 or len(np.unique(order)) < len(order)):
        raise ValueError("link_number must be 1 or more, and of one link each")
    is_pair = ends[0] != ends[1]  # a link of an identifier with itself connects nothing
    ends, order = [end[is_pair] for end in ends], order[is_pair]
    identifiers, position = np.unique(np.concatenate(ends), return_inverse=True)
    first, second = np.split(position.astype(np.int64), 2)
    tree = _oldest_forest(first, second, order, len(identifiers))
    parent, parent_link = _directed(tree, len(identifiers))
    root, depth, youngest = _ways(parent, parent_link)
    oldest = _oldest_links(tree, len(identifiers))
    is_root = parent < 0
    return pa.table(
        {
            "identifier_number": identifiers,
            "root_number": identifiers[root],
            "parent_number": pa.array(identifiers[parent], mask=is_root),
            "parent_link_number": pa.array(parent_link, mask=is_root),
            "connecting_link_number": pa.array(youngest, mask=is_root),
            "oldest_link_number": oldest,
            "depth": depth,
        }
    )


def _column(links: pa.Table, name: str) -> Numbers:
    column = links.column(name)
    if column.null_count:
        raise ValueError(f"{name} is missing in {column.null_count} links")
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _oldest_forest(first: Numbers, second: Numbers, order: Numbers, size: int) -> Any:
    """The minimum spanning forest as a sparse array (size, size) of link numbers."""
    links = np.argsort(order, kind="stable")
    low = np.minimum(first[links], second[links])
    high = np.maximum(first[links], second[links])
    _, oldest = np.unique(low * size + high, return_index=True)  # of each pair
    weights = order[links[oldest]].astype(np.float64)  # exact up to 2**53
    graph = csr_array((weights, (low[oldest], high[oldest])), shape=(size, size))
    return minimum_spanning_tree(graph).tocoo()


def _directed(tree: Any, size: int) -> tuple[Numbers, Numbers]:
    """Parent of each node on the way to the lowest node of its component, and the link to it.

    The parent of a lowest node is −1, its link 0.
    """
    low, high = tree.coords
    lowest = _lowest_nodes(low, high, size)
    # One more node above the roots makes the forest a tree, which is walked once.
    above = np.full(len(lowest), size)
    ones = np.ones(len(low) + len(lowest))
    rows, columns = np.concatenate([low, above]), np.concatenate([high, lowest])
    joined = csr_array((ones, (rows, columns)), shape=(size + 1, size + 1))
    _, before = breadth_first_order(joined, size, directed=False)
    parent = before[:size].astype(np.int64)
    parent[lowest] = -1
    link = np.zeros(size, dtype=np.int64)
    child = np.where(parent[high] == low, high, low)
    link[child] = tree.data.astype(np.int64)
    return parent, link


def _lowest_nodes(low: Numbers, high: Numbers, size: int) -> Numbers:
    """Lowest node of each component."""
    ones = np.ones(len(low))
    graph = csr_array((ones, (low, high)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    lowest: Numbers = np.unique(component, return_index=True)[1].astype(np.int64)
    return lowest


def _ways(parent: Numbers, parent_link: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Root, number of links and youngest link of each node's way up.

    Each round doubles how far every node has looked, so a chain of any length takes few rounds.
    """
    here = np.arange(len(parent))
    seen = np.where(parent < 0, here, parent)
    depth = (parent >= 0).astype(np.int64)
    youngest = parent_link.copy()
    while len(seen) and (seen != seen[seen]).any():
        depth = depth + depth[seen]
        youngest = np.maximum(youngest, youngest[seen])
        seen = seen[seen]
    return seen, depth, youngest


def _oldest_links(tree: Any, size: int) -> Numbers:
    """Oldest link of each node; a minimum spanning forest holds it."""
    oldest = np.full(size, np.iinfo(np.int64).max)
    for ends in tree.coords:
        np.minimum.at(oldest, ends, tree.data.astype(np.int64))
    return oldest
