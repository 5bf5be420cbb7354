"""
Taste models which replies a person prefers, from their choices.

All but `personal`, which reads a profile, and the record of a trial are functions from values to
values. `trial` decides what taste is used for, and `active` holds
what is on.
"""

from homeward.taste.active import TasteInUse
from homeward.taste.basis import Basis, learn_basis, shipped_basis
from homeward.taste.comparisons import STRENGTHS, compare, difference, weigh
from homeward.taste.draft_selection import examples, pick
from homeward.taste.examples import Example, Examples
from homeward.taste.explanation import Learned, contributions, explain
from homeward.taste.features import Features, features_for
from homeward.taste.groups import Fit, Group, best_fit, blend
from homeward.taste.identity import neutral
from homeward.taste.personal import PersonalTaste, Taste, strengths_in
from homeward.taste.posterior import Comparisons, Posterior, fit, held_back_losses, no_comparisons
from homeward.taste.questions import TuningPair, information, most_informative, tuning_pairs
from homeward.taste.style import FEATURES, Feature, measure
from homeward.taste.trial import TasteTrial, TasteTrials, try_taste
from homeward.taste.weight_prior import WeightPrior, independent

__all__ = [
    "FEATURES",
    "STRENGTHS",
    "Basis",
    "Comparisons",
    "Example",
    "Examples",
    "Feature",
    "Features",
    "Fit",
    "Group",
    "Learned",
    "PersonalTaste",
    "Posterior",
    "Taste",
    "TasteInUse",
    "TasteTrial",
    "TasteTrials",
    "TuningPair",
    "WeightPrior",
    "best_fit",
    "blend",
    "compare",
    "contributions",
    "difference",
    "examples",
    "explain",
    "features_for",
    "fit",
    "held_back_losses",
    "independent",
    "information",
    "learn_basis",
    "measure",
    "most_informative",
    "neutral",
    "no_comparisons",
    "pick",
    "shipped_basis",
    "strengths_in",
    "try_taste",
    "tuning_pairs",
    "weigh",
]
