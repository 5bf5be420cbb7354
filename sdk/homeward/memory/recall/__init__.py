"""Recall finds the memories for a question and ranks them."""

from homeward.memory.recall.search import (
    DEFAULT,
    Match,
    Preceding,
    Ranking,
    Recall,
    RecallProfile,
)

__all__ = ["DEFAULT", "Match", "Preceding", "Ranking", "Recall", "RecallProfile"]
