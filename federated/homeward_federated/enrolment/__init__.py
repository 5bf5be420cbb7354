"""The offer, the person's consent, and being admitted."""
