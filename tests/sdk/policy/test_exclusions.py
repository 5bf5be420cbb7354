"""What is never remembered, and that harmless sentences beside it are."""

import pytest

from homeward.policy.exclusions import mentions_any, opts_out_of_memory
from homeward.policy.secrets import contains_secret

SECRETS = [
    "my card is 4111 1111 1111 1111",
    "card 5500-0000-0000-0004, expires soon",
    "amex 378282246310005",
    "the password is hunter22",
    "My password: tulip-Garden",
    "I changed the password to blueberry9",
    "mein Passwort lautet Sommer2024",
    "mon mot de passe est soleil99",
    "mi contraseña es gatito77",
    "minha senha é abacaxi1",
    "мой пароль: котик123",  # noqa: RUF001
    "我的密码是abcd1234",
    "the API key is abcd-efgh",
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "ghp_" + "a1B2" * 9,
    "sk-" + "proj-" + "a1B2c3D4e5F6g7H8",
    "xoxb-" + "1234567890-abcdef",
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "eyJhbGciOi.eyJzdWIiOjEy.SflKxwRJSM",
    "postgres://ada:lovelace@db.example/app",
    "I pay from DE89 3704 0044 0532 0130 00",
    "it printed Zm9vYmFyMTIzNDU2Nzg5MEFCQ0RFRkdISUo9",
    "my PIN is 4821",
    "my card is 4111 1111 1111 1111 12/27",
    "it is 4111 1111 1111 1111, then 5500 0000 0000 0004",
    "number 1 4111 1111 1111 1111",
    "I pay from de89 3704 0044 0532 0130 00",
    "I pay from DE89-3704-0044-0532-0130-00",
    "MY IBAN IS GB82 WEST 1234 5698 7654 32 BANK BARC",
    "the wi-fi key is hunter22x",
    "WLAN-Schlüssel: 88219944",
    "password hunter22",
    "my password's hunter22",
    "PIN 4711",
    "my pin is 4 7 1 1",
    "the code for the safe is 12-34-56",
    "my backup codes are 12345678 and 87654321",
    "CVV is 123",
    "my ssn: 078 05 1120",
    "hunter22 is my password",
    "pwd: hunter22",
    "пароль hunter22",
    "我的卡号是4111111111111111吗",
    "账号DE89370400440532013000的",
    "我的密钥是" + "ghp_" + "a1B2" * 9 + "啊",
    "มี" + "sk-" + "proj-" + "a1B2c3D4e5F6g7H8" + "นะ",
    "キーはZm9vYmFyMTIzNDU2Nzg5MEFCQ0RFRkdISUo9です",
    "パスワードはhunter22です",
    "รหัสผ่านของฉันคือ hunter22",
    "my card is ٤١١١ ١١١١ ١١١١ ١١١١",  # noqa: RUF001
    "şifrem hunter22",
    "كلمة المرور هي hunter22",
    "My pass\u00adword is hunter2hunter2",
    "My ｐａｓｓｗｏｒｄ is hunter2hunter2",  # noqa: RUF001
    "card 4111.1111.1111.1111",
]
HARMLESS = [
    "I forgot my password again",
    "we met on 12 May 2023 at 18:30",
    "call me at +49 30 1234567",
    "my order is 4111 1111 1111 1112",
    "she plays pinball",
    "the secret of a good stew is time",
    "tokens are words to a model",
    "I live at 1600 Pennsylvania Avenue",
    "my passport expires in June",
    "the sum is 0000 0000 0000 0000",
    "I read the commit 5c88346",
    "my zip code is 12345",
    "I pass by the bakery daily",
    "my code is clean",
    "the key is to start early",
    "we had 123 456 guests in 2021 and 2022",
    "I read AB12 before the talk",
    "我的手机是iPhone15",
    "私はAB12を読みました",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_seen(text: str) -> None:
    assert contains_secret(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_a_secret_is_kept(text: str) -> None:
    assert not contains_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "I quit my job. Don't remember this.",
        "Please do not save that I cried.",
        "Off the record: I am leaving.",
        "Merk dir das bitte nicht, ich kündige.",
        "Ich kündige, bitte nicht speichern.",
        "Je démissionne, n'enregistre pas cela.",
        "No guardes esto: renuncio.",
        "Não guarde isto.",
        "Non salvare questo.",
        "Onthoud dit niet.",
        "Не запоминай это.",  # noqa: RUF001
        "不要记住这个。",
        "これは覚えないで。",
        "Do not ever save this.",
        "do not\nsave this",
        "don\u02bct save this",
        "Keep it between us: I cried.",
        "Forget what I just said.",
        "You should not store this.",
        "This is not to be saved.",
        "I don't want you to remember this.",
        "Don't add this to your memory.",
        "请勿保存",
    ],
)
def test_a_wish_not_to_be_remembered_is_understood(text: str) -> None:
    assert opts_out_of_memory(text)


@pytest.mark.parametrize(
    "text",
    [
        "I don't like rain.",
        "Remember this.",
        "I save money.",
        "I always remember birthdays.",
        "I never forget to keep receipts.",
        "I could not save enough for a house.",
        "There is a long distance between us.",
        "I must not be logged in as root.",
        "It is easy to forget that.",
        "I can't keep this up.",
        "Ich merke nicht viel.",
        "No, gracias.",
    ],
)
def test_other_wishes_are_not_taken_for_it(text: str) -> None:
    assert not opts_out_of_memory(text)


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("HIV", "I have H.I.V."),
        ("ex-wife", "I met my exwife"),
        ("Müller", "I see Dr Mueller"),
        ("pregnancy", "I am pregnant"),
        ("wife", "I know two wives"),
    ],
)
def test_a_denied_topic_is_met_in_other_spellings(topic: str, text: str) -> None:
    assert mentions_any(text, [topic])


def test_a_denied_topic_is_met_by_words_and_their_beginnings() -> None:
    assert mentions_any("My Divorce was hard", ["divorc"])
    assert not mentions_any("I like tea", ["divorc"])
    assert not mentions_any("the unmarried", ["married"])
    assert not mentions_any("anything", [""])


def test_a_topic_is_denied_however_it_is_spelled() -> None:
    assert mentions_any("with Zoe\u0308", ["Zoë"])
    assert mentions_any("my div\u200borce", ["divorced"])
    assert mentions_any("call 555-12 34", ["5551234"])
    assert mentions_any("well 👍", ["👍"])
    assert mentions_any("the new company's plan", ["new company"])
    assert not mentions_any("a company that is new", ["new company"])
    assert not mentions_any("nothing", ["👍", "\u200b"])


@pytest.mark.parametrize(
    "text",
    [
        "my pass\u200bword is hunter22",
        "my passw\u00adord is hunter22",
        "ｐａｓｓｗｏｒｄ: hunter22",  # noqa: RUF001
        "it is 4111\u20111111\u20111111\u20111111",
        "it is ４１１１１１１１１１１１１１１１",  # noqa: RUF001
        "it is ٤١١١١١١١١١١١١١١١",
        "it is 4111.1111.1111.1111",
    ],
)
def test_a_secret_is_seen_through_unusual_characters(text: str) -> None:
    assert contains_secret(text)
