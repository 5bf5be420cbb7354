"""Learning the person from the profile, and checking what learning does."""
