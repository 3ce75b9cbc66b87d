"""Attribution that looks at all journeys at once: Markov removal effects and Shapley values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

ARROW = " > "
DECIMALS = 10
ROUNDS = 200
SMALLEST_FACTOR = 1e-9
SCHEMA = pa.schema(
    [
        ("attribution_model", pa.string()),
        ("touch_group", pa.string()),
        ("effect", pa.float64()),
        ("share", pa.float64()),
        ("factor", pa.float64()),
    ]
)
Floats = npt.NDArray[np.float64]


def group_effects(paths: pa.Table) -> pa.Table:
    """Say what each touch group is worth under Markov and under Shapley.

    paths: path (touch groups with an arrow between them), conversions and non_conversions (numbers
    of journeys), each path once. Returns one row per model and group, by SCHEMA: effect is the
    removal effect, or the Shapley value in conversions; share is the group's part of the sum, null
    where nothing converted; factor says how to divide one conversion among the groups of its
    journey, see division_factors. No paths give no rows.
    """
    journeys = [tuple(str(path).split(ARROW)) for path in paths["path"].to_pylist()]
    conversions = np.array(paths["conversions"].to_pylist(), dtype=np.float64)
    losses = np.array(paths["non_conversions"].to_pylist(), dtype=np.float64)
    groups = sorted({group for journey in journeys for group in journey})
    rows = []
    for model, effects in (
        ("markov", removal_effects(journeys, conversions, losses, groups)),
        ("shapley", shapley_values(journeys, conversions, groups)),
    ):
        total = effects.sum()
        shares = effects / total if total > 0 else effects
        factors = division_factors(journeys, conversions, shares, groups)
        for group, effect, share, factor in zip(groups, effects, shares, factors, strict=True):
            known = round(float(share), DECIMALS) if total > 0 else None
            numbers = (round(float(effect), DECIMALS), known, round(float(factor), DECIMALS))
            rows.append((model, group, *numbers))
    columns = [[row[position] for row in rows] for position in range(len(SCHEMA))]
    return pa.table(columns, schema=SCHEMA)


def removal_effects(
    journeys: Sequence[Sequence[str]],
    conversions: Floats,
    losses: Floats,
    groups: Sequence[str],
) -> Floats:
    """Removal effect of each group in the first-order Markov chain of the journeys.

    The effect is the part of all conversions that is lost when whoever would come to the group
    leaves instead (Anderl, Becker, von Wangenheim and Schumann 2016). With N = (I - Q)^-1, the
    expected visits of an absorbing chain (Kemeny and Snell 1960), the chance of ever reaching g is
    h = (start · N)_g / N_gg, and the conversions that pass through g are h × P(conversion | at g):
    one inverse serves all groups, and no chain has to be run.

    conversions, losses: journeys of each path that ended so, shape (paths,). Returns shape
    (groups,), each between 0 and 1; all 0 where nothing converted.
    """
    start, moves, converts = _transitions(journeys, conversions, losses, groups)
    visits = np.linalg.inv(np.eye(len(groups)) - moves) if groups else moves
    conversion_from = visits @ converts
    chance = float(start @ conversion_from)
    if chance <= 0:
        return np.zeros(len(groups))
    reached = (start @ visits) / np.diag(visits)
    return np.clip(reached * conversion_from / chance, 0.0, 1.0)


def _transitions(
    journeys: Sequence[Sequence[str]],
    conversions: Floats,
    losses: Floats,
    groups: Sequence[str],
) -> tuple[Floats, Floats, Floats]:
    """Chances to begin at a group, to go from one to another, and to convert from it."""
    number = {group: position for position, group in enumerate(groups)}
    start = np.zeros(len(groups))
    moves = np.zeros((len(groups), len(groups)))
    converts = np.zeros(len(groups))
    leaves = np.zeros(len(groups))
    for journey, won, lost in zip(journeys, conversions, losses, strict=True):
        states = [number[group] for group in journey]
        start[states[0]] += won + lost
        for here, there in pairwise(states):
            moves[here, there] += won + lost
        converts[states[-1]] += won
        leaves[states[-1]] += lost
    totals = moves.sum(axis=1) + converts + leaves
    totals[totals == 0] = 1.0
    return start / max(start.sum(), 1.0), moves / totals[:, None], converts / totals


def shapley_values(
    journeys: Sequence[Sequence[str]], conversions: Floats, groups: Sequence[str]
) -> Floats:
    """Shapley value of each group, in conversions; their sum is the number of conversions.

    The worth of a set of groups is the number of conversions whose journey touched no other group.
    That game is a sum of unanimity games, one per path, so its Shapley value is exact without
    listing the 2^n sets: every conversion is divided equally among the distinct groups of its
    journey (Zhao, Mahboobi and Bagheri 2018). Journeys that did not convert play no part. Returns
    shape (groups,).
    """
    number = {group: position for position, group in enumerate(groups)}
    values = np.zeros(len(groups))
    for journey, won in zip(journeys, conversions, strict=True):
        touched = {number[group] for group in journey}
        values[list(touched)] += won / len(touched)
    return values


def division_factors(
    journeys: Sequence[Sequence[str]], conversions: Floats, shares: Floats, groups: Sequence[str]
) -> Floats:
    """Weights by which to divide each conversion among the groups of its journey.

    A group gets factor / sum of the factors of the journey's distinct groups. The factors are
    those for which all conversions together give each group its share, found by iterative
    proportional fitting (Deming and Stephan 1940) from equal parts. Weighing by the shares
    themselves would count reach twice: a share holds it already, and a group of more journeys is
    also weighed more often. Where no division gives a group its share, such as one that is more
    than the conversions that touched it, factors come as near as ROUNDS rounds do.

    shares: shape (groups,), with sum 1. Returns shape (groups,), each from SMALLEST_FACTOR to 1.
    """
    number = {group: position for position, group in enumerate(groups)}
    won: dict[tuple[int, ...], float] = {}
    for journey, count in zip(journeys, conversions, strict=True):
        if count > 0:
            touched = tuple(sorted({number[group] for group in journey}))
            won[touched] = won.get(touched, 0.0) + count
    factors = np.ones(len(groups))
    if not won:
        return factors
    sizes = [len(touched) for touched in won]
    row = np.repeat(np.arange(len(won)), sizes)
    column = np.concatenate([np.array(touched) for touched in won])
    counts = np.array(list(won.values()))
    wanted = shares * counts.sum()
    for _ in range(ROUNDS):
        parts = factors[column]
        parts = parts / np.bincount(row, parts)[row] * counts[row]
        given = np.bincount(column, parts, minlength=len(groups))
        ratio = np.divide(wanted, given, out=np.ones(len(groups)), where=given > 0)
        if np.abs(ratio - 1).max() < SMALLEST_FACTOR:
            break
        factors = factors * ratio
        factors = np.clip(factors / factors.max(), SMALLEST_FACTOR, 1.0)
    return factors
