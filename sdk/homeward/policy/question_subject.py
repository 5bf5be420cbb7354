"""
Decides whether a question is about the person who asks, and whether it is about the past.

Conservative: what cannot be read as a question about oneself counts as one about others. A question
about others must not be answered by who is asking.
"""

import re

from homeward.text.spans import sentences
from homeward.text.telling import in_first_person, is_imperative, is_question

# Who asks for a person, or points at one, asks about somebody else.
_OTHERS = re.compile(
    r"\b(?:who|whom|whose|which|he|she|they|him|her|his|hers|their|theirs|them"
    r"|(?:what|kind|type|sort) (?:of )?(?:people|person)|somebody|someone|people"
    r"|wer|wem|wen|wessen|welche[rsnm]?|er|sie|ihr|ihre[nmr]?|sein|seine[nmr]?"
    r"|qui|quel(?:le)?s?|il|elle|ils|elles|leur|quién|quiénes|cuál(?:es)?|él|ella|ellos|ellas"
    r"|quem|qual|quais|ele|ela|eles|elas|chi|quale|quali|lui|lei|loro"
    r"|wie (?:is|was|had|heeft|zijn|waren|kan|moet|zou)|welke?|hij|zij|vem|vilken|hvem"
    r"|kto|kdo|kim|кто|кого|кому|чей|чья|хто|он|она|они|ποιος|ποια)\b"
    r"|谁|誰|哪个|他|她|彼|누가|누구",
    re.IGNORECASE,
)

_PAST = re.compile(
    r"\b(?:used to|previous(?:ly)?|former(?:ly)?|originally|initially|at first|back then|once"
    r"|earlier|before|ago|last (?:year|month|week)|in (?:19|20)\d\d"
    r"|(?:did|was|were|had) (?:i|we|my|our)|(?:my|our) (?:old|last|ex)"
    r"|früher|damals|vorher|war ich|habe ich|avant|autrefois|antes|prima|раньше)\b"
    r"|以前|之前|昔|예전",
    re.IGNORECASE,
)


def asks_about_past(text: str) -> bool:
    """Return whether `text` asks how things were, so that what was superseded may answer it."""
    return bool(_PAST.search(text))


def asks_about_self(text: str) -> bool:
    """
    Return whether the person asks about themself: what is asked decides, not what is told before.

    A story of one's own ("I saw a man and a boy. Who was tired?") makes no question about oneself;
    a question that names nobody ("I am cooking tonight. What would be good?") follows its story.
    """
    said = [text[span.start : span.end] for span in sentences(text)]
    asked = [sentence for sentence in said if is_question(sentence) or is_imperative(sentence)]
    if any(map(in_first_person, asked)):
        return True
    return any(map(in_first_person, said)) and not any(map(_OTHERS.search, asked))
