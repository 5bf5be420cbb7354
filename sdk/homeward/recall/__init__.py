"""Choosing memories for a question: what the indexes found, weighed by what speaks for each."""

from homeward.recall.finding import DEFAULT, Ranking, Recall, Recalled, RecallProfile

__all__ = ["DEFAULT", "Ranking", "Recall", "RecallProfile", "Recalled"]
