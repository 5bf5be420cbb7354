"""How few texts are too few to learn from, and how few held-back items to decide a trial."""

LEAST_HELD_BACK = 8  # items; fewer say nothing about the next one
LEAST_TEXTS = 3 * LEAST_HELD_BACK  # to learn from, to end the learning, and for the trial
