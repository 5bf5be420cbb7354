"""Exports as other programs write them, small."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Write = Callable[..., Path]


def chatgpt(number: int, *, asks: tuple[str, ...] = ("I live in Leeds.", "I own a bike.")) -> Any:
    """Return a conversation with a branch that was left, a tool and an image in it."""
    mapping: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None}}
    last = "root"

    def add(key: str, role: str, content: dict[str, Any], parent: str, at: float | None) -> str:
        message = {"id": key, "author": {"role": role}, "create_time": at, "content": content}
        mapping[key] = {"id": key, "message": message, "parent": parent}
        return key

    for place, asked in enumerate(asks):
        text: dict[str, Any] = {"content_type": "text", "parts": [asked]}
        picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://1"}
        if place:
            text = {"content_type": "multimodal_text", "parts": [picture, asked]}
        add(f"left{place}", "user", {"content_type": "text", "parts": ["I left this."]}, last, 1.0)
        last = add(f"ask{place}", "user", text, last, 1_700_000_000.5 + place)
        last = add(f"tool{place}", "tool", {"content_type": "code", "text": "1+1"}, last, None)
        reply = {"content_type": "text", "parts": ["First.", "Second."]}
        last = add(f"reply{place}", "assistant", reply, last, None)
    return {
        "conversation_id": f"c{number}",
        "title": "A talk",
        "create_time": 1_600_000_000.0,
        "mapping": mapping,
        "current_node": last,
    }


def claude(number: int) -> Any:
    """Return a conversation with an attached file."""
    attached = {"file_name": "notes.txt", "extracted_content": "The pump runs at 40 bar."}
    return {
        "uuid": f"u{number}",
        "created_at": "2025-03-01T10:00:00Z",
        "chat_messages": [
            {
                "uuid": f"h{number}",
                "sender": "human",
                "text": "My cello is blue.",
                "content": [{"type": "text", "text": "My cello is blue."}],
                "created_at": "2025-03-01T10:00:05.123456Z",
                "attachments": [attached],
            },
            {"uuid": f"a{number}", "sender": "assistant", "text": "Nice.", "content": []},
        ],
    }


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes conversations to a file, or into a zip."""

    def function(conversations: list[Any], name: str = "conversations.json") -> Path:
        path, text = tmp_path / name, json.dumps(conversations)
        if path.suffix == ".zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("user.json", "{}")
                archive.writestr("export/conversations.json", text)
        else:
            path.write_text(text, encoding="utf-8")
        return path

    return function
