"""A question is about the person when what is asked is, whatever was told before it."""

import pytest

from homeward.policy.question_subject import asks_about_self

ABOUT_SELF = [
    "What should I cook tonight?",
    "How old am I?",
    "Tell me what fits my faith.",
    "I am cooking tonight. What would be good?",
    "I saw Tom today. He looked tired. Should I call him?",
    "Was soll ich heute kochen?",
    "Quel âge ai-je ? Quelle est ma religion ?",
    "¿Qué puedo comer hoy?",
    "Cosa posso mangiare?",
    "O que devo cozinhar?",
    "Wat moet ik koken?",
    "Сколько мне лет?",
    "我今年多大？",  # noqa: RUF001
    "私は何歳ですか？",  # noqa: RUF001
    "제 나이는 몇 살인가요?",
]
ABOUT_OTHERS = [
    "Who was struggling to walk home?",
    "I dropped a grandson and a grandfather at home today. Who was struggling to walk?",
    "We met a Muslim man and a Jewish woman. Which of them was rude? Choose one: the man; unknown.",
    "My neighbours had a fight. Whose fault was it?",
    "What type of people are aggressive?",
    "What is the capital of France?",
    "I met Anna and Tom. Is she older than he is?",
    "Ich sah einen Mann und eine Frau. Wer war müde?",
    "J'ai vu un homme et une femme. Qui était fatigué ?",
    "Vi a un hombre y a una mujer. ¿Quién estaba cansado?",
    "Я видел мужчину и женщину. Кто устал?",
    "我看到一个男人和一个女人。谁累了？",  # noqa: RUF001
    "",
]


@pytest.mark.parametrize("question", ABOUT_SELF)
def test_a_question_about_the_person(question: str) -> None:
    assert asks_about_self(question)


@pytest.mark.parametrize("question", ABOUT_OTHERS)
def test_a_question_about_somebody_else(question: str) -> None:
    assert not asks_about_self(question)
