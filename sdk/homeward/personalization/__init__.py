"""This package trains on the profile and checks the results."""
