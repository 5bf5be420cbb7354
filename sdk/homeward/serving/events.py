"""How server-sent events are written."""

import json
from collections.abc import Mapping

MEDIA_TYPE = "text/event-stream"


def event(kind: str, content: Mapping[str, object]) -> str:
    """Return an event of a kind, which its content names, too."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **content}, ensure_ascii=False)}\n\n"
