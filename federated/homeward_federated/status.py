"""
The operator's page: what each round did, in pictures, with nothing fetched from anywhere.

Writes one HTML file with SVG in it. Shows only what is private already: sums, counts, settings.
"""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from homeward_federated.operating import OperatorHome

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:1.6rem 0 .3rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem;
border-bottom:1px solid #ddd}svg{width:100%;height:auto;background:#fafafa;border-radius:6px}
p{color:#555;margin:.2rem 0 .6rem}.bad{color:#a22}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}svg{background:#222}
td,th{border-color:#444}p{color:#aaa}}
"""
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 720, 180, 48, 24
_INK, _FAINT = "#3b6ea5", "#9db8d3"


def write_page(home: OperatorHome, path: Path) -> None:
    """Write the page for all recorded rounds."""
    path.write_text(render(home.records(), task=home.settings().policy.task), encoding="utf-8")


def render(records: Sequence[dict[str, Any]], *, task: str) -> str:
    """Return the page."""
    good = [record for record in records if not record["problem"]]
    spread = (
        "Deviation of the noise in one number of the mean, and how far everyone's prior moved "
        "(darker)."
    )
    sections = [
        ("Survivors", "Devices in each opened sum.", _bars([r["survivors"] for r in good])),
        (
            "Seconds a round",
            "How long each of the five stages waited.",
            _stacks([[s["seconds"] for s in r["stages"]] for r in good]),
        ),
        (
            "Noise and movement",
            spread,
            _pairs([(r["noise"] / r["survivors"], r["moved"]) for r in good]),
        ),
        (
            "Epsilon",
            "What each round costs a device that takes part, at delta 1e-6.",
            _bars([r["epsilon"] for r in good]),
        ),
        (
            "Groups",
            "Noisy counts of the last round; hollow groups are not live.",
            _groups(good[-1]) if good else _bars([]),
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


def _table(records: Sequence[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td>{r['number']}</td><td>{r['version']}</td><td>{r.get('survivors', '')}</td>"
        f"<td>{' → '.join(str(s['answered']) for s in r['stages'])}</td>"
        f'<td class="bad">{html.escape(r["problem"])}</td></tr>'
        for r in records
    )
    return (
        "<h2>Rounds</h2><table><tr><th>round</th><th>from version</th><th>survivors</th>"
        f"<th>answered, stage by stage</th><th>problem</th></tr>{rows}</table>"
    )


def _svg(shapes: str, *, top: float) -> str:
    """A picture with a labelled upper line and a base line."""
    base = _HEIGHT - _BOTTOM
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">{shapes}'
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


def _bars(values: Sequence[float]) -> str:
    top, step = max([*values, 1e-9]), _step(len(values))
    shapes = (
        _bar(i * step, step * 0.8, 0, value, top=top, fill=_INK) for i, value in enumerate(values)
    )
    return _svg("".join(shapes), top=top)


def _stacks(rows: Sequence[Sequence[float]]) -> str:
    top, step = max([*(sum(row) for row in rows), 1e-9]), _step(len(rows))
    shapes = []
    for i, row in enumerate(rows):
        low = 0.0
        for stage, seconds in enumerate(row):
            fill = _INK if stage % 2 else _FAINT
            shapes.append(_bar(i * step, step * 0.8, low, low + seconds, top=top, fill=fill))
            low += seconds
    return _svg("".join(shapes), top=top)


def _pairs(pairs: Sequence[tuple[float, float]]) -> str:
    top, step = max([*(max(pair) for pair in pairs), 1e-9]), _step(len(pairs))
    shapes = (
        _bar(i * step, step * 0.38, 0, noise, top=top, fill=_FAINT)
        + _bar((i + 0.4) * step, step * 0.38, 0, moved, top=top, fill=_INK)
        for i, (noise, moved) in enumerate(pairs)
    )
    return _svg("".join(shapes), top=top)


def _groups(record: dict[str, Any]) -> str:
    counts = [max(count, 0.0) for count in record["counts"]]
    top, step = max([*counts, 1e-9]), _step(len(counts))
    shapes = (
        _bar(i * step, step * 0.8, 0, count, top=top, fill=_INK if live else "none")
        + _bar(i * step, step * 0.8, 0, 0.01 * top, top=top, fill=_FAINT)
        for i, (count, live) in enumerate(zip(counts, record["live"], strict=True))
    )
    return _svg("".join(shapes), top=top)
