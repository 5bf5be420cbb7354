"""This package has the keys and the ways to unlock them."""
