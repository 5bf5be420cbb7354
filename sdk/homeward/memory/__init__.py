"""What is remembered of the person: written, extracted, reviewed, superseded and recalled."""
