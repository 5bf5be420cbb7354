"""Detects a reply that only repeats an earlier one, before it is shown."""

from collections.abc import Callable, Sequence

from homeward.conversation.reply import Drawn

SHORTEST = 12  # characters: "Yes." and "In Leeds." may be said twice
LONGEST = 60  # a reply that follows an earlier one for so long copies it


def unless_repeated(
    pieces: Drawn, earlier: Sequence[str], *, instead: Callable[[], Drawn]
) -> Drawn:
    """
    Yield `pieces`, or those of `instead()` where they repeat one of `earlier`.

    Pieces are held back only for as long as they may yet turn out to be a repetition.
    """
    copies = [text[:LONGEST] for text in earlier if len(text) >= SHORTEST]
    said = ""
    for piece in pieces:
        if not isinstance(piece, str):
            yield piece
            continue
        said += piece
        if not any(copy.startswith(said) or said.startswith(copy) for copy in copies):
            yield said
            yield from pieces
            return
        if len(said) >= LONGEST:
            break
    if any(said.startswith(copy) for copy in copies):
        yield from instead()
    elif said:
        yield said
