"""This package covers the offer, the person's consent and the admission of a device."""
