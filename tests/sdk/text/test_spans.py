"""Spans are slices of their source; statements are kept, questions and chatter are not."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from homeward.text.spans import MAX_SPAN_CHARS, passages, statements


def texts(text: str, spans: list) -> list[str]:  # type: ignore[type-arg]
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("My sister is called Clara.", ["My sister is called Clara."]),
        ("What is my sister called?", []),
        ("ok thanks", []),
        (
            "I moved to Leeds. Where can I park? I drive a van.",
            ["I moved to Leeds.", "I drive a van."],
        ),
        ("I like tea. I drink it black.", ["I like tea. I drink it black."]),
        ("Wie spät ist es? Ich wohne in Köln.", ["Ich wohne in Köln."]),
        ("आप कैसे हैं? मैं दिल्ली में रहता हूँ।", ["मैं दिल्ली में रहता हूँ।"]),
        ("J'habite à Lyon. Écris un poème.", ["J'habite à Lyon."]),
        ("Name three rivers in France.", []),
        ("Tell me about my options in French.", []),
        ("The weather was lovely in Leeds.", []),
        ("", []),
        ("我对花生过敏。", ["我对花生过敏。"]),
        ("我住在成都,我的妹妹叫小红。", ["我住在成都,我的妹妹叫小红。"]),
        ("我吃素。好的,谢谢!", ["我吃素。"]),
        ("我住在哪里", []),
        ("帮我写一首关于大海的诗。", []),
        ("私はピーナッツアレルギーです。", ["私はピーナッツアレルギーです。"]),
        ("猫が二匹います。名前は何ですか。", ["猫が二匹います。"]),
        ("ありがとうございます。", []),
        ("おすすめの本を教えてください。", []),
        ("ฉันแพ้ถั่วลิสง", ["ฉันแพ้ถั่วลิสง"]),
        ("ฉันแพ้อะไร", []),
        ("ขอบคุณมากครับ", []),
        ("저는 채식주의자예요.", ["저는 채식주의자예요."]),
        ("감사합니다.", []),
        ("मुझे मूंगफली से एलर्जी है।", ["मुझे मूंगफली से एलर्जी है।"]),
        ("I'm vegan.", ["I'm vegan."]),
        ("I smoke.", ["I smoke."]),
        ("I’m 34.", ["I’m 34."]),  # noqa: RUF001
        ("I see.", []),
        ("Я аллергик.", ["Я аллергик."]),
        ("Большое спасибо.", []),
        ("Ben İzmir'de yaşıyorum.", ["Ben İzmir'de yaşıyorum."]),  # noqa: RUF001
        ("Fındık alerjim var.", ["Fındık alerjim var."]),  # noqa: RUF001
        ("Odio el café con leche.", ["Odio el café con leche."]),
        ("El tiempo es bueno hoy.", []),
        ("Nací en Lima.", ["Nací en Lima."]),
        ("Mieszkam w Krakowie.", ["Mieszkam w Krakowie."]),
        ("Tôi bị dị ứng với đậu phộng.", ["Tôi bị dị ứng với đậu phộng."]),
        ("Saya alergi kacang.", ["Saya alergi kacang."]),
        ("what is my name", []),
        ("My doctor is Dr. Lee in St. Louis.", ["My doctor is Dr. Lee in St. Louis."]),
    ],
)
def test_statements_of_a_message(message: str, kept: list[str]) -> None:
    assert texts(message, statements(message)) == kept


def test_paragraphs_become_passages() -> None:
    text = "First thing. Still first.\n\n  Second thing.\n"

    assert texts(text, passages(text)) == ["First thing. Still first.", "Second thing."]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    sentence = "I walked the dog along the river this morning. "
    spans = passages(sentence * 40)

    assert len(spans) > 1
    assert all(span.end - span.start <= MAX_SPAN_CHARS for span in spans)
    assert all(text.endswith("morning.") for text in texts(sentence * 40, spans))


@given(st.text(max_size=3000))
def test_passages_cover_everything_but_white_space_in_order(text: str) -> None:
    spans = passages(text)

    assert all(0 < span.end - span.start <= MAX_SPAN_CHARS for span in spans)
    assert all(one.end <= two.start for one, two in pairwise(spans))
    covered = "".join(texts(text, spans))
    assert "".join(covered.split()) == "".join(text.split())


@given(st.text(max_size=2000))
def test_statements_are_slices_in_order(text: str) -> None:
    spans = statements(text)

    assert all(one.end <= two.start for one, two in pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
