"""Markov and Shapley attribution against hand-solved chains and brute force."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from shoptrack.statistics.attribution import (
    division_factors,
    group_effects,
    removal_effects,
    shapley_values,
)

GROUPS = ["A", "B", "C", "D"]
SIMULATED_JOURNEYS = 20_000
NOISE_SHARE = 0.3
GO_ON = 0.5
CONVERSION = {"weak": 0.03, "strong": 0.12}
Journeys = list[tuple[str, ...]]


def _random_journeys(seed: int, groups: Sequence[str] = GROUPS) -> Journeys:
    rng = np.random.default_rng(seed)
    return [tuple(rng.choice(groups, size=rng.integers(1, 6))) for _ in range(40)]


def _by_power_iteration(
    journeys: Journeys, won: Sequence[float], lost: Sequence[float], removed: str | None
) -> float:
    """Chance to convert, by walking the chain step by step; the removed group is a dead end."""
    flow: dict[str, dict[str, float]] = {}
    for journey, wins, losses in zip(journeys, won, lost, strict=True):
        states = ["start", *journey]
        for here, there in itertools.pairwise(states):
            flow.setdefault(here, {}).setdefault(there, 0.0)
            flow[here][there] += wins + losses
        for end, count in (("won", wins), ("lost", losses)):
            flow.setdefault(states[-1], {}).setdefault(end, 0.0)
            flow[states[-1]][end] += count
    at = {"start": 1.0}
    converted = 0.0
    for _ in range(3_000):
        following: dict[str, float] = {}
        for state, chance in at.items():
            for there, count in flow[state].items():
                part = chance * count / sum(flow[state].values())
                if there == "won":
                    converted += part
                elif there not in ("lost", removed):
                    following[there] = following.get(there, 0.0) + part
        at = following
    return converted


def test_markov_gives_the_removal_effects_of_a_chain_solved_by_hand() -> None:
    # A > B converts, A leaves, B converts: start to A 2/3, to B 1/3; A to B 1/2; B always converts.
    # P = 2/3 * 1/2 + 1/3 = 2/3; without A 1/3 is left, without B nothing.
    effects = removal_effects(
        [("A", "B"), ("A",), ("B",)], np.array([1.0, 0, 1]), np.array([0.0, 1, 0]), ["A", "B"]
    )
    assert effects == pytest.approx([0.5, 1.0])


@pytest.mark.parametrize("seed", range(5))
def test_markov_equals_the_removal_of_each_group_by_power_iteration(seed: int) -> None:
    journeys = _random_journeys(seed)
    rng = np.random.default_rng(seed + 100)
    won, lost = rng.integers(0, 4, 40).astype(float), rng.integers(0, 9, 40).astype(float)
    whole = _by_power_iteration(journeys, list(won), list(lost), None)
    expected = [
        1 - _by_power_iteration(journeys, list(won), list(lost), group) / whole for group in GROUPS
    ]
    assert removal_effects(journeys, won, lost, GROUPS) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_shapley_equals_the_mean_over_all_orders_of_joining(seed: int) -> None:
    journeys = _random_journeys(seed)
    won = np.random.default_rng(seed + 200).integers(0, 5, 40).astype(float)

    def worth(groups: Sequence[str]) -> float:
        return float(
            sum(n for path, n in zip(journeys, won, strict=True) if set(path) <= set(groups))
        )

    expected = dict.fromkeys(GROUPS, 0.0)
    for order in itertools.permutations(GROUPS):
        for position, group in enumerate(order):
            gain = worth(order[: position + 1]) - worth(order[:position])
            expected[group] += gain / math.factorial(len(GROUPS))
    assert shapley_values(journeys, won, GROUPS) == pytest.approx(list(expected.values()))
    assert shapley_values(journeys, won, GROUPS).sum() == pytest.approx(won.sum())


def test_a_channel_that_only_losers_touch_gets_no_markov_credit() -> None:
    rng = np.random.default_rng(5)
    journeys = [*_random_journeys(5, ["A", "B"]), *[("A", "noise"), ("noise",)] * 20]
    won = np.where([("noise" in path) for path in journeys], 0, rng.integers(1, 5, len(journeys)))
    effects = removal_effects(
        journeys, won.astype(float), np.ones(len(journeys)), ["A", "B", "noise"]
    )
    assert effects[2] == pytest.approx(0, abs=1e-12)
    assert effects[:2].min() > 0.1


def test_no_paths_and_no_conversions_give_no_credit() -> None:
    nothing = pa.table({"path": [], "conversions": [], "non_conversions": []})
    assert group_effects(nothing).num_rows == 0
    lost = group_effects(pa.table({"path": ["A > B"], "conversions": [0], "non_conversions": [3]}))
    assert lost["effect"].to_pylist() == [0.0] * 4
    assert lost["share"].to_pylist() == [None] * 4


def _divided(
    journeys: Journeys, won: Sequence[float], factors: Sequence[float], groups: Sequence[str]
) -> list[float]:
    """Conversions of each group, divided one by one."""
    given = dict.fromkeys(groups, 0.0)
    for journey, count in zip(journeys, won, strict=True):
        weights = {group: factors[groups.index(group)] for group in set(journey)}
        for group, weight in weights.items():
            given[group] += count * weight / sum(weights.values())
    return list(given.values())


@pytest.mark.parametrize("seed", range(5))
def test_conversions_divided_by_the_factors_give_each_group_its_markov_share(seed: int) -> None:
    journeys = _random_journeys(seed)
    rng = np.random.default_rng(seed + 300)
    won, lost = rng.integers(0, 5, 40).astype(float), rng.integers(0, 9, 40).astype(float)
    effects = removal_effects(journeys, won, lost, GROUPS)
    shares = effects / effects.sum()
    factors = division_factors(journeys, won, shares, GROUPS)
    expected = list(shares * won.sum())
    assert _divided(journeys, list(won), list(factors), GROUPS) == pytest.approx(expected, rel=1e-4)


def test_equal_factors_divide_by_shapley_and_a_share_out_of_reach_is_approached() -> None:
    journeys: Journeys = [("A",), ("A", "B"), ("B", "C", "B")]
    won = np.array([8.0, 1, 1])
    shapley = shapley_values(journeys, won, ["A", "B", "C"])
    assert list(division_factors(journeys, won, shapley / 10, ["A", "B", "C"])) == [1, 1, 1]
    # B was touched in two conversions of ten: it can not have five, and gets nearly those two.
    factors = division_factors(journeys, won, np.array([0.4, 0.5, 0.1]), ["A", "B", "C"])
    divided = _divided(journeys, list(won), list(factors), ["A", "B", "C"])
    assert sum(divided) == pytest.approx(10)
    assert 1.4 < divided[1] <= 2


def _simulated(seed: int) -> tuple[Journeys, np.ndarray, np.ndarray]:
    """Journeys of a first-order chain: "strong" converts at four times the rate of "weak", and
    "noise" is met or not before the journey begins, by a coin that knows nothing of its end."""
    rng = np.random.default_rng(seed)
    journeys: Journeys = []
    won = []
    for _ in range(SIMULATED_JOURNEYS):
        path = ["noise"] if rng.random() < NOISE_SHARE else []
        while True:
            path.append(("weak", "strong")[rng.integers(2)])
            end = rng.random()
            if end >= GO_ON:
                break
        won.append(1.0 if end < GO_ON + CONVERSION[path[-1]] else 0.0)
        journeys.append(tuple(path))
    return journeys, np.array(won), 1 - np.array(won)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_channel_without_influence_gets_its_reach_and_no_more(seed: int) -> None:
    """A removal effect is the part of converting journeys that pass through the channel: presence
    earns it. So the effect of a channel without influence is not 0; what is 0 within the sampling
    error is its excess over the part of *lost* journeys that pass through it. The channel that
    converts four times as well has an excess far above that error."""
    journeys, won, lost = _simulated(seed)
    groups = ["noise", "strong", "weak"]
    effects = dict(zip(groups, removal_effects(journeys, won, lost, groups), strict=True))
    deviation = {}
    for group in groups:
        touched = np.array([group in path for path in journeys])
        reach = float((touched * lost).sum() / lost.sum())
        error = math.sqrt(reach * (1 - reach) * (1 / won.sum() + 1 / lost.sum()))
        deviation[group] = (effects[group] - reach) / error
    assert abs(effects["noise"] - NOISE_SHARE) < 4 * math.sqrt(0.3 * 0.7 / won.sum())
    assert abs(deviation["noise"]) < 4
    assert deviation["strong"] > 8
    assert deviation["weak"] < -8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_removal_effects_of_simulated_journeys_are_those_of_the_true_chain(seed: int) -> None:
    # From either channel: GO_ON / 2 to each. With x the chance from weak and y from strong,
    # m = (x + y) / 2 = mean conversion + GO_ON * m, and without strong x = 0.03 + GO_ON / 2 * x.
    chance = (0.03 + 0.12) / 2 / (1 - GO_ON)
    without_strong = 0.03 / (1 - GO_ON / 2) / 2
    without_weak = 0.12 / (1 - GO_ON / 2) / 2
    journeys, won, lost = _simulated(seed)
    effects = removal_effects(journeys, won, lost, ["strong", "weak", "noise"])
    expected = np.array([1 - without_strong / chance, 1 - without_weak / chance, NOISE_SHARE])
    errors = np.sqrt(expected * (1 - expected) / won.sum())
    assert (np.abs(effects - expected) / errors).max() < 4
