"""Choosing memories for a question: what the indexes found, weighed by what speaks for each."""

from homeward.memory.recall.search import DEFAULT, Match, Ranking, Recall, RecallProfile

__all__ = ["DEFAULT", "Match", "Ranking", "Recall", "RecallProfile"]
