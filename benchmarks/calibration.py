"""How often what was predicted with 70 % is true: a figure, and a plot written as SVG."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from homeward.taste.weight_prior import Floats

_BINS = 10
_SIDE, _EDGE = 420, 60  # pixels
_COLOURS = ("#1b6ca8", "#d1495b", "#2e8b57", "#8d6a9f")


def reliability(predicted: Floats, right: Floats) -> list[tuple[float, float, int]]:
    """
    Return (mean prediction, share that was true, how many) of each tenth of the scale.

    Every pair is counted in both orders, so that the curve is symmetric about one half.
    """
    predicted, right = (
        np.concatenate([predicted, 1 - predicted]),
        np.concatenate([right, 1 - right]),
    )
    bins = np.minimum((predicted * _BINS).astype(int), _BINS - 1)
    return [
        (float(predicted[bins == at].mean()), float(right[bins == at].mean()), int(count))
        for at, count in enumerate(np.bincount(bins, minlength=_BINS))
        if count
    ]


def calibration_error(predicted: Floats, right: Floats) -> float:
    """Mean distance of prediction from truth over the tenths, weighted by their size."""
    rows = reliability(predicted, right)
    return sum(abs(p - r) * n for p, r, n in rows) / sum(n for *_, n in rows)


def plot(curves: Mapping[str, tuple[Floats, Floats]], file: Path) -> None:
    """Draw one reliability curve for each named (predicted, right)."""
    size = _SIDE + 2 * _EDGE
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
            f'font-family="sans-serif" font-size="13" width="{size}" height="{size}">'
        ),
        f'<rect width="{size}" height="{size}" fill="white"/>',
        *_axes(),
    ]
    for at, (name, (predicted, right)) in enumerate(curves.items()):
        colour, rows = _COLOURS[at % len(_COLOURS)], reliability(predicted, right)
        line = " ".join(f"{_x(p):.1f},{_y(r):.1f}" for p, r, _ in rows)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        largest = max(n for *_, n in rows)
        parts += [
            f'<circle cx="{_x(p):.1f}" cy="{_y(r):.1f}" r="{2 + 6 * (n / largest) ** 0.5:.1f}" '
            f'fill="{colour}" fill-opacity="0.7"/>'
            for p, r, n in rows
        ]
        top = _EDGE + 20 + 18 * at
        parts.append(f'<text x="{_EDGE + 14}" y="{top}" fill="{colour}">{name}</text>')
    file.write_text("\n".join([*parts, "</svg>\n"]), encoding="utf-8")


def _axes() -> list[str]:
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    return [
        f'<path d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}" fill="none" stroke="#999"/>',
        (
            f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#999" '
            'stroke-dasharray="4 4"/>'
        ),
        *(
            f'<text x="{_x(t)}" y="{_y(0) + 20}" text-anchor="middle">{t:g}</text>'
            f'<text x="{_x(0) - 8}" y="{_y(t) + 4}" text-anchor="end">{t:g}</text>'
            for t in ticks
        ),
        f'<text x="{_x(0.5)}" y="{_y(0) + 44}" text-anchor="middle">predicted</text>',
        (
            f'<text x="18" y="{_y(0.5)}" text-anchor="middle" '
            f'transform="rotate(-90 18 {_y(0.5)})">preferred</text>'
        ),
    ]


def _x(share: float) -> float:
    return _EDGE + share * _SIDE


def _y(share: float) -> float:
    return _EDGE + (1 - share) * _SIDE
