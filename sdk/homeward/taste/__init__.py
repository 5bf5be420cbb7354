"""
Taste: what a person prefers, learned from their choices.

Everything here is a function from values to values. Choices come in, and what was learned goes out;
storing either is for the store, and deciding when taste is used is for the trial.
"""

from homeward.taste.basis import Basis, learn_basis, shipped_basis
from homeward.taste.evidence import STRENGTHS, compare
from homeward.taste.explanation import Learned, contributions, explain
from homeward.taste.features import Features
from homeward.taste.groups import Fit, Group, best_fit
from homeward.taste.holdout import gains
from homeward.taste.identity import neutral
from homeward.taste.picking import Pick, examples, pick
from homeward.taste.posterior import Comparisons, Posterior, fit, no_comparisons
from homeward.taste.prior import Prior, independent
from homeward.taste.questions import information, teaches_most
from homeward.taste.style import FEATURES, Feature, measure

__all__ = [
    "FEATURES",
    "STRENGTHS",
    "Basis",
    "Comparisons",
    "Feature",
    "Features",
    "Fit",
    "Group",
    "Learned",
    "Pick",
    "Posterior",
    "Prior",
    "best_fit",
    "compare",
    "contributions",
    "examples",
    "explain",
    "fit",
    "gains",
    "independent",
    "information",
    "learn_basis",
    "measure",
    "neutral",
    "no_comparisons",
    "pick",
    "shipped_basis",
    "teaches_most",
]
