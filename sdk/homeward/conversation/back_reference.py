"""
Decides whether a question refers back to what was said before it.

Reads function words of some twenty languages, and how short the question is. In doubt it refers
back: a question that is shown an exchange too many is answered worse, one that is shown none where
it needs one cannot be answered at all.
"""

import re

from homeward.text.telling import in_first_person
from homeward_store.words import folding

FRAGMENT = 3
"""Words; a shorter utterance without a subject of its own goes on with what was said."""

# Words that point at something which was named before. Where a language uses one word both to point
# and as an article, a verb or a conjunction (das, il, er, dat, det), only its pointing forms count.
_POINTING = re.compile(
    r"\b(?:he|she|they|him|his|her|hers|them|their|theirs|it|its|these|those|"
    r"this(?! (?:year|month|week|weekend|morning|afternoon|evening|summer|winter|spring|autumn))|"
    r"that(?! (?:i|we|you|my|our|the|he|she|they)\b)|there(?! (?:is|are|was|were|a|an|any)\b)|"
    r"ones?(?! (?:of|day|time|o'clock)\b)|"
    r"er(?! (?:min|mit|mine|det|den|der|jeg|du|vi|vores)\b)|"
    r"sie|ihn|ihm|ihr|ihre[nmrs]?|sein|seine[nmrs]?|dies|diese[nmrs]?|jene[nmrs]?|"
    r"das(?= (?:ist|war|heißt|hat)\b)|dort|davon|damit|dazu|darüber|dafür|daran|deren|dessen|"
    r"elle|elles|lui|leur|leurs|celui|celle|ceux|celles|ça|cela|ceci|là|"
    r"él|ella|ellos|ellas|esto|eso|aquello|ese|esa|esos|esas|ahí|allí|"
    r"ele|ela|eles|elas|dele|dela|isso|isto|aquilo|aí|ali|"
    r"lei|loro|questo|questa|quello|quella|ciò|lì|"
    r"hij|zij|hem|haar|hun|daar|ervan|ermee|"
    r"han|hon|honom|hende|henne|hennes|denna|denne|detta|dette|där|hän|hänen|siellä|"
    r"ona|ono|oni|jego|jej|tego|jeho|její|"
    r"он|она|оно|они|его|её|ее|им|ему|ей|этот|эта|это|тот|там|туда|він|вона|воно|вони|його|її|це|"  # noqa: RUF001
    r"αυτός|αυτή|αυτό|εκεί|هو|هي|هم|هذا|هذه|ذلك|هناك|הוא|היא|הם|זה|זאת|שם|वह|यह|वे|वहाँ)\b"
    r"|(?<=-)ils?\b|(?<=qu['’])ils?\b"  # noqa: RUF001
    r"|[他她它那]|这个|這個|这样|這樣|それ|その|そこ|あれ|あの|彼|그것|그녀|그는|그가|그의|그거|거기",
    re.IGNORECASE,
)
# What begins with one of these goes on with what was said.
_GOING_ON = re.compile(
    r"\W*(?:(?:and|but|or|so|also|then|now|what about|how about|und|aber|oder|et|mais|ou|"
    r"y|pero|e|mas|maar|och|men|og|mutta|ale|и|а|но|але|και|αλλά|और)\b"  # noqa: RUF001
    r"|و(?=\w)|ו(?=\w)|那么|那麼|然后|然後|还有|還有|じゃあ|では|それで|그럼|그리고|그런데)",  # noqa: RUF001
    re.IGNORECASE,
)
# What asks for the same once more, for more of it, or for something beside it.
_ONCE_MORE = re.compile(
    r"\b(?:again|repeat|rephrase|continue|go on|more|else|instead|shorter|longer|the same|"
    r"noch ?mal|nochmals|wiederhole?|weiter|sonst|stattdessen|kürzer|länger|"
    r"encore|répète[rz]?|continue[rz]?|plus (?:court|long)|"
    r"otra vez|de nuevo|repite|repítelo|sigue|de novo|repete|repita|"
    r"di nuovo|ripeti|ancora|opnieuw|herhaal|nog eens|igen|upprepa|gjenta|"
    r"jeszcze raz|powtórz|znovu|zopakuj|ещё|еще|повтори|снова|ще раз|ξανά|مرة أخرى|שוב|फिर)\b"
    r"|再[说說来來]|もう一度|もっと|다시",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=\w )[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]\w")
_NAMELESS = 2  # words; in so few, a capital letter is as likely a German noun's


def refers_back(question: str) -> bool:
    """Return whether `question` may be understood only together with what was said before it."""
    return bool(
        _GOING_ON.match(question)
        or _POINTING.search(question)
        or _ONCE_MORE.search(question)
        or _is_fragment(question)
    )


def asks_again(question: str) -> bool:
    """Return whether `question` wants what was said once more, so that a reply may repeat it."""
    return bool(_ONCE_MORE.search(question))


def _is_fragment(question: str) -> bool:
    length = folding.word_count(" ".join(folding.find_words(question)))
    named = length > _NAMELESS and _NAME.search(question)
    return length <= FRAGMENT and not named and not in_first_person(question)
