"""Keys and the ways to unlock them."""
