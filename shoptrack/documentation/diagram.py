"""The entity diagram: marts as cards in layers, references as lines between columns, as SVG.

A mart stands to the right of all that it refers to (layers as in Sugiyama, Tagawa and Toda 1981).
Lines to the same mart that pass by another layer share one way through it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from shoptrack.documentation.catalogue import Catalogue, Mart, Reference

# In pixels. Letters are of a monospaced font of 12 pixels, so that widths are known.
LETTER = 7.3
ROW = 19
HEAD = 27
PADDING = 10
CARD_GAP = 16
LAYER_GAP = 60
MARGIN = 12
_SWEEPS = 8


@dataclass
class Card:
    """A mart in the diagram, or (`mart` is None) a way of lines through a layer to their target."""

    name: str
    layer: int
    mart: Mart | None
    rows: tuple[str, ...] = ()
    x: float = 0
    y: float = 0
    width: float = 0
    neighbours: list[Card] = field(default_factory=list)

    @property
    def height(self) -> float:
        """Height in pixels; a way takes hardly any."""
        return HEAD + ROW * len(self.rows) + 6 if self.mart else 4

    @property
    def middle(self) -> float:
        """Vertical middle in pixels."""
        return self.y + self.height / 2

    def row_middle(self, column: str) -> float:
        """Vertical middle of a column's row."""
        if self.mart is None:
            return self.middle
        return self.y + HEAD + ROW * (self.rows.index(column) + 0.5)


def draw(catalogue: Catalogue) -> str:
    """Draw all marts that a reference ties to another, as an `svg` element.

    Marts are groups with `data-mart`, references are paths with `data-from` and `data-to`.
    """
    cards, ways = _cards(catalogue)
    layers = _layers([*cards.values(), *ways.values()])
    _arrange(layers)
    width, height = _place(layers)
    lines = "".join(_line(reference, cards, ways) for reference in catalogue.references)
    boxes = "".join(_box(card, catalogue) for card in cards.values())
    return (
        f'<svg class="diagram" role="img" aria-label="Entity diagram of the marts"'
        f' width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
        f' xmlns="http://www.w3.org/2000/svg">{lines}{boxes}</svg>'
    )


def standing_alone(catalogue: Catalogue) -> tuple[Mart, ...]:
    """Marts that no reference ties to another: reports with a grain of their own."""
    tied = _tied(catalogue.references)
    return tuple(mart for mart in catalogue.marts if mart.name not in tied)


def _tied(references: Iterable[Reference]) -> set[str]:
    return {name for reference in references for name in (reference.mart, reference.target)}


def _cards(catalogue: Catalogue) -> tuple[dict[str, Card], dict[tuple[str, int], Card]]:
    """Cards by mart and ways by target and layer, each with its neighbours."""
    layer_of = _layer_of(catalogue.references)
    shown = _shown_columns(catalogue)
    cards = {
        mart.name: Card(mart.name, layer_of[mart.name], mart, shown[mart.name])
        for mart in catalogue.marts
        if mart.name in layer_of
    }
    ways: dict[tuple[str, int], Card] = {}
    for reference in catalogue.references:
        previous = cards[reference.target]
        for layer in range(previous.layer + 1, layer_of[reference.mart]):
            place = (reference.target, layer)
            if place not in ways:
                ways[place] = Card(reference.target, layer, None)
                _tie(ways[place], previous)
            previous = ways[place]
        _tie(cards[reference.mart], previous)
    return cards, ways


def _tie(one: Card, other: Card) -> None:
    one.neighbours.append(other)
    other.neighbours.append(one)


def _layer_of(references: Sequence[Reference]) -> dict[str, int]:
    """Layer of each mart: one beyond the furthest that it refers to."""
    targets: dict[str, set[str]] = defaultdict(set)
    for reference in references:
        targets[reference.mart].add(reference.target)
    found: dict[str, int] = {}

    def layer(name: str, above: frozenset[str]) -> int:
        if name in above:
            raise ValueError(f"references of marts run in a circle: {', '.join(sorted(above))}")
        if name not in found:
            beyond = (layer(target, above | {name}) + 1 for target in targets[name])
            found[name] = max(beyond, default=0)
        return found[name]

    for name in sorted(_tied(references)):
        layer(name, frozenset())
    return found


def _shown_columns(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Per mart the columns of its card: the key, and those that lines begin or end at."""
    used: dict[str, set[str]] = defaultdict(set)
    for reference in catalogue.references:
        used[reference.mart].add(reference.column)
        used[reference.target].add(reference.target_column)
    return {
        mart.name: (
            *mart.key,
            *(c.name for c in mart.columns if c.name in used[mart.name] and c.name not in mart.key),
        )
        for mart in catalogue.marts
    }


def _layers(cards: Iterable[Card]) -> list[list[Card]]:
    layers: dict[int, list[Card]] = defaultdict(list)
    for card in cards:
        layers[card.layer].append(card)
    return [layers[number] for number in sorted(layers)]


def _arrange(layers: list[list[Card]]) -> None:
    """Order the cards of each layer by where their neighbours are, a subject's cards together."""
    for layer in layers:
        _stack(layer)
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = {id(card): _mean(card.neighbours, card.middle) for card in layer}
            groups = defaultdict(list)
            for card in layer:
                groups[_group(card)].append(wanted[id(card)])
            centre = {group: sum(places) / len(places) for group, places in groups.items()}
            layer.sort(
                key=lambda card: (centre[_group(card)], _group(card), wanted[id(card)], card.name)
            )
            _stack(layer)


def _stack(layer: Sequence[Card]) -> None:
    top = 0.0
    for card in layer:
        card.y = top
        top += card.height + CARD_GAP


def _group(card: Card) -> str:
    return card.mart.subject if card.mart else f"to {card.name}"


def _mean(cards: Sequence[Card], otherwise: float) -> float:
    return sum(card.middle for card in cards) / len(cards) if cards else otherwise


def _place(layers: list[list[Card]]) -> tuple[float, float]:
    """Set where each card stands; return width and height of the whole."""
    x = float(MARGIN)
    for layer in layers:
        width = max((_width(card) for card in layer if card.mart), default=0.0)
        for card in layer:
            card.x, card.width = x, width
        x += width + LAYER_GAP
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            _settle(layer)
    cards = [card for layer in layers for card in layer]
    highest = min(card.y for card in cards)
    for card in cards:
        card.y += MARGIN - highest
    lowest = max(card.y + card.height for card in cards)
    return x - LAYER_GAP + MARGIN, lowest + MARGIN


def _settle(layer: Sequence[Card]) -> None:
    """Move cards to their neighbours' height, as far as their order and the gaps allow."""
    wanted = [_mean(card.neighbours, card.middle) - card.height / 2 for card in layer]
    bottom = float("-inf")
    for card, place in zip(layer, wanted, strict=True):
        card.y = max(place, bottom)
        bottom = card.y + card.height + CARD_GAP
    # They were only pushed down: let the layer as a whole go back up by the mean of that.
    pushed = sum(card.y - place for card, place in zip(layer, wanted, strict=True)) / len(layer)
    for card in layer:
        card.y -= pushed


def _width(card: Card) -> float:
    letters = max(len(card.name) + 1, *(len(row) + 4 for row in card.rows))
    return letters * LETTER + 2 * PADDING


def _line(
    reference: Reference, cards: Mapping[str, Card], ways: Mapping[tuple[str, int], Card]
) -> str:
    """A curve from the column's row leftwards to the row of the column that it refers to."""
    source, target = cards[reference.mart], cards[reference.target]
    x, y = source.x, source.row_middle(reference.column)
    path = [f"M{x:.1f},{y:.1f}"]
    for layer in range(source.layer - 1, target.layer, -1):
        way = ways[reference.target, layer]
        path.append(_curve(x, y, way.x + way.width, way.middle))
        path.append(f"L{way.x:.1f},{way.middle:.1f}")
        x, y = way.x, way.middle
    end = target.row_middle(reference.target_column)
    path.append(_curve(x, y, target.x + target.width, end))
    says = f"{reference.mart}.{reference.column} → {reference.target}.{reference.target_column}"
    kind = "tested" if reference.is_tested else "joins"
    return (
        f'<path class="line {kind}" d="{"".join(path)}" data-from="{reference.mart}"'
        f' data-column="{reference.column}" data-to="{reference.target}"'
        f' data-to-column="{reference.target_column}"><title>{escape(says)}</title></path>'
        f'<circle class="end {kind}" cx="{target.x + target.width:.1f}" cy="{end:.1f}" r="3"'
        f' data-from="{reference.mart}" data-to="{reference.target}"/>'
    )


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (x + to_x) / 2
    return f"C{half:.1f},{y:.1f} {half:.1f},{to_y:.1f} {to_x:.1f},{to_y:.1f}"


def _box(card: Card, catalogue: Catalogue) -> str:
    assert card.mart is not None
    number = catalogue.subjects.index(card.mart.subject)
    rows = "".join(
        f'<text class="{"key" if row in card.mart.key else "column"}" x="{card.x + PADDING:.1f}"'
        f' y="{card.row_middle(row) + 4:.1f}">{"◆ " if row in card.mart.key else ""}{row}</text>'
        for row in card.rows
    )
    place = f'x="{card.x:.1f}" y="{card.y:.1f}" width="{card.width:.1f}"'
    return (
        f'<a href="#{card.name}"><g class="card subject-{number}" data-mart="{card.name}">'
        f"<title>{escape(card.mart.grain)}</title>"
        f'<rect class="body" {place} height="{card.height:.1f}" rx="5"/>'
        f'<rect class="head" {place} height="{HEAD - 4}" rx="5"/>'
        f'<text class="name" x="{card.x + PADDING:.1f}" y="{card.y + 16:.1f}">{card.name}</text>'
        f"{rows}</g></a>"
    )
