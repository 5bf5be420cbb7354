"""From opened sums to signed priors, and back to the device."""
