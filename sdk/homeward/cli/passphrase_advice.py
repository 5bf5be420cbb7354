"""
Says when a new passphrase would be guessed soon. Advice and not a wall: the person decides.

zxcvbn (Wheeler, USENIX Security 2016) estimates how many guesses a person's habits leave: names,
dates, keyboard rows and the commonest passwords come first.
"""

_PER_SECOND = (
    1e4  # what zxcvbn assumes of a slow hash on an attacker's machines; Argon2id is slower
)
_SOON = 10.0  # years
_YEAR = 365.25 * 24 * 3600
_MOST = 72  # characters that zxcvbn takes; a longer passphrase is judged by its beginning


def advice(passphrase: str, *, about: tuple[str, ...] = ()) -> str | None:
    """
    Return a sentence for a passphrase that would be guessed within ten years; None for others.

    `about` are words that an attacker would try first, such as the profile's name.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415  its word lists take longer to load than a command

    if not passphrase:
        return None  # refused elsewhere
    guesses = float(zxcvbn(passphrase[:_MOST], user_inputs=list(about))["guesses"])
    years = guesses / _PER_SECOND / _YEAR
    if years >= _SOON:
        return None
    return (
        f"somebody who copies this profile could guess this passphrase within {_span(years)}; "
        "four or five words that have nothing to do with each other would keep it safe"
    )


def _span(years: float) -> str:
    for unit, length in (("year", 1.0), ("day", 1 / 365.25), ("hour", 1 / 365.25 / 24)):
        if years >= length:
            number = round(years / length)
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return "an hour"
