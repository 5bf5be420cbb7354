"""Decides by this device's own coin whether it takes part in a round or sits it out."""

import secrets


def sample_participation(share: float) -> bool:
    """
    Toss this device's own coin for one round: True with probability `share`.

    The server cannot choose who answers, and is told of no toss that came up False. No
    amplification is claimed for it: the server sees who takes part.
    """
    return secrets.randbelow(1 << 53) < share * (1 << 53)
