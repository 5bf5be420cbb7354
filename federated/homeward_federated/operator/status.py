"""
Writes the operator's status page: one HTML file that shows what each round did.

Writes one HTML file with SVG in it. Shows only what is private already: sums, counts, settings.
"""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from homeward_federated.files import write
from homeward_federated.operator.folder import OperatorHome

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:1.6rem 0 .3rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem;
border-bottom:1px solid #ddd}.wide{overflow-x:auto}
svg{width:100%;height:auto;background:#fafafa;border-radius:6px}
p{color:#555;margin:.2rem 0 .6rem}.bad{color:#a22}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}svg{background:#222}
td,th{border-color:#444}p{color:#aaa}}
"""
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 720, 180, 48, 24
_GROUPS = "Noisy counts of the last round, none below zero; hollow groups are not live."
_MOVES = (
    "Light: deviation of the noise in one number of the mean. Dark: how far everyone's prior moved."
)
_UTILITY = (
    "Of 100 choices kept back, how many more the new prior predicts than the old one, as canaries "
    "said, by round; a version with a hollow bar was rolled back."
)
_INK, _FAINT = "#3b6ea5", "#9db8d3"
# Light to dark in the order of a round; told apart in grey, too.
_STAGES = {
    "inviting": "#e3ecf5", "revealing": "#c3d5e7", "sharing": "#9db8d3", "masking": "#6b93bf",
    "agreeing": "#3b6ea5", "opening": "#1d3f66",
}  # fmt: skip


def write_page(home: OperatorHome, path: Path) -> None:
    """Write the page for all recorded rounds."""
    write(path, render(home.records(), task=home.settings().policy.task))


def render(records: Sequence[dict[str, Any]], *, task: str) -> str:
    """Return the page."""
    good = [record for record in records if not record["problem"]]
    numbers = [str(record["number"]) for record in good]
    sections = [
        (
            "Survivors",
            "Devices in each opened sum, by round.",
            _bars([r["survivors"] for r in good], numbers),
        ),
        (
            "Seconds a round",
            f"Each of the six stages, from below: {', '.join(_STAGES)}.",
            _stacks([[s["seconds"] for s in r["stages"]] for r in good], numbers),
        ),
        *_learned(good, numbers),
        (
            "Epsilon",
            "What each round costs a device that takes part, at delta 1e-6.",
            _bars([r["epsilon"] for r in good], numbers),
        ),
    ]
    body = "".join(
        f"<h2>{html.escape(title)}</h2><p>{html.escape(says)}</p>{picture}"
        for title, says, picture in sections
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{html.escape(task)}</title><style>{_STYLE}</style>"
        f"<h1>{html.escape(task)}: {len(good)} of {len(records)} rounds opened</h1>"
        f"{body}{_table(records)}</html>"
    )


def _learned(good: Sequence[dict[str, Any]], numbers: Sequence[str]) -> list[tuple[str, str, str]]:
    """What rounds changed; in a canary's folder, what canaries said."""
    if not good:
        return []
    if "gain" in good[-1]:
        gains = [(100 * r["gain"], r["gain_kept"]) for r in good]
        says = f"{_UTILITY} Noise: ± {200 * good[-1]['gain_error']:.2g} in the last round."
        return [("Utility", says, _signed(gains, numbers))]
    moves = [(r["noise"] / r["survivors"], r["moved"]) for r in good]
    return [
        ("Noise and movement", _MOVES, _pairs(moves, numbers)),
        ("Groups", _GROUPS, _groups(good[-1])),
    ]


def _table(records: Sequence[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td>{r['number']}</td><td>{r['version']}</td><td>{r.get('survivors', '')}</td>"
        f"<td>{' → '.join(str(s['answered']) for s in r['stages'])}</td>"
        f'<td class="bad">{html.escape(r["problem"])}</td></tr>'
        for r in records
    )
    return (
        '<h2>Rounds</h2><div class="wide"><table><tr><th>round</th><th>from version</th>'
        "<th>survivors</th>"
        f"<th>answered, stage by stage</th><th>problem</th></tr>{rows}</table></div>"
    )


def _svg(shapes: str, labels: Sequence[str], *, top: float, zero: float = 0.0) -> str:
    """A picture with a labelled upper line, a line at zero, and labels below the bars."""
    base = _HEIGHT - _BOTTOM - zero
    every = max(1, len(labels) // 12)
    below = "".join(
        f'<text x="{_LEFT + (i + 0.4) * _step(len(labels)):.1f}" y="{_HEIGHT - 6}" font-size="12" '
        f'fill="#888" text-anchor="middle">{html.escape(label)}</text>'
        for i, label in enumerate(labels)
        if i % every == 0
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">{shapes}{below}'
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{base}" y2="{base}" stroke="#888"/>'
        f'<text x="4" y="20" font-size="12" fill="#888">{top:.3g}</text>'
        f'<text x="4" y="{base}" font-size="12" fill="#888">0</text></svg>'
    )


def _bar(place: float, width: float, low: float, high: float, *, top: float, fill: str) -> str:
    base, scale = _HEIGHT - _BOTTOM, (_HEIGHT - _BOTTOM - 12) / top
    return (
        f'<rect x="{_LEFT + place:.1f}" y="{base - high * scale:.1f}" width="{width:.1f}" '
        f'height="{max((high - low) * scale, 0):.1f}" fill="{fill}"/>'
    )


def _step(count: int) -> float:
    return (_WIDTH - _LEFT) / max(count, 1)


def _hollow(shape: str) -> str:
    """The same bar as an outline, visible on light and dark."""
    return shape.replace(f'fill="{_INK}"', f'fill="none" stroke="{_FAINT}" stroke-width="1.5"')


def _bars(values: Sequence[float], labels: Sequence[str]) -> str:
    top, step = max([*values, 1e-9]), _step(len(values))
    shapes = (
        _bar(i * step, step * 0.8, 0, value, top=top, fill=_INK) for i, value in enumerate(values)
    )
    return _svg("".join(shapes), labels, top=top)


def _stacks(rows: Sequence[Sequence[float]], labels: Sequence[str]) -> str:
    top, step = max([*(sum(row) for row in rows), 1e-9]), _step(len(rows))
    shapes = []
    for i, row in enumerate(rows):
        low = 0.0
        for fill, seconds in zip(_STAGES.values(), row, strict=True):
            shapes.append(_bar(i * step, step * 0.8, low, low + seconds, top=top, fill=fill))
            low += seconds
    return _svg("".join(shapes), labels, top=top)


def _pairs(pairs: Sequence[tuple[float, float]], labels: Sequence[str]) -> str:
    top, step = max([*(max(pair) for pair in pairs), 1e-9]), _step(len(pairs))
    shapes = (
        _bar(i * step, step * 0.38, 0, noise, top=top, fill=_FAINT)
        + _bar((i + 0.4) * step, step * 0.38, 0, moved, top=top, fill=_INK)
        for i, (noise, moved) in enumerate(pairs)
    )
    return _svg("".join(shapes), labels, top=top)


def _groups(record: dict[str, Any]) -> str:
    counts = [max(count, 0.0) for count in record["counts"]]
    top, step = max([*counts, 1e-9]), _step(len(counts))
    shapes = []
    for i, (count, live) in enumerate(zip(counts, record["live"], strict=True)):
        bar = _bar(i * step, step * 0.8, 0, max(count, 0.02 * top), top=top, fill=_INK)
        shapes.append(bar if live else _hollow(bar))
    return _svg("".join(shapes), [f"group {i + 1}" for i in range(len(counts))], top=top)


def _signed(gains: Sequence[tuple[float, bool]], labels: Sequence[str]) -> str:
    reach, step = max([*(abs(gain) for gain, _ in gains), 1e-9]), _step(len(gains))
    shapes = []
    for i, (gain, kept) in enumerate(gains):
        low, high = sorted((reach, reach + gain))  # zero lies in the middle
        bar = _bar(i * step, step * 0.8, low, high, top=2 * reach, fill=_INK)
        shapes.append(bar if kept else _hollow(bar))
    return _svg("".join(shapes), labels, top=reach, zero=(_HEIGHT - _BOTTOM - 12) / 2)
