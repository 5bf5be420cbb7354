"""May this be used, kept or shown? The person's rules, sensitivity tags and exclusions."""
