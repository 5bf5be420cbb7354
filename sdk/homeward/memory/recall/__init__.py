"""Recall finds the memories for a question and ranks them."""

from homeward.memory.recall.search import DEFAULT, Match, Ranking, Recall, RecallProfile

__all__ = ["DEFAULT", "Match", "Ranking", "Recall", "RecallProfile"]
