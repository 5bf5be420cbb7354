"""What programs write into a reply, in the languages that they come in."""

import re

_HEADERS = {
    "from": """
        from von de da van od från fra lähettäjä feladó от кого від від кого отправитель kimden
        gönderen 发件人 寄件者 差出人 送信者 보낸사람 보낸_사람 από expéditeur expeditor De_la
        مِن من מאת từ dari
    """,
    "sent": """
        sent date gesendet datum envoyé date_d'envoi enviado enviado_el enviada enviada_em
        enviado_em fecha data inviato data_invio verzonden wysłano data_wysłania skickat sendt dato
        lähetetty
        päivämäärä odesláno elküldve dátum отправлено дата дата_отправки надіслано gönderildi tarih
        发送时间 日期 寄件日期 送信日時 日時 보낸날짜 날짜 ημερομηνία trimis dată תאריך נשלח التاريخ
        ngày tanggal gesendet_am verzonden_op
    """,
    "to": """
        to an à para a aan do till til vastaanottaja komu címzett кому kime alıcı 收件人 收件者 宛先
        받는사람 받는_사람 προς către אל إلى đến kepada cc kopie kopia copie kopi destinataire
    """,
    "subject": """
        subject betreff objet sujet asunto oggetto assunto onderwerp temat ämne emne aihe předmět
        tárgy тема konu 主题 主旨 件名 제목 θέμα subiect נושא الموضوع chủ_đề perihal
    """,
}
_HEADER_OF = {
    label.replace("_", " ").casefold(): header
    for header, labels in _HEADERS.items()
    for label in labels.split()
}
_LABEL = re.compile(r"[*\s]*([^\W\d_][^:：*]{0,24}?)[*\s]*[:：][*\s]*\S?")


def header_of(line: str) -> str | None:
    """Return which header of a mail a line shows: from, sent, to or subject; None if none."""
    if ":" not in line and "：" not in line:
        return None
    found = _LABEL.match(line)
    return _HEADER_OF.get(" ".join(found[1].casefold().split())) if found else None


# "wrote", the third person of it, at the end of what says who.
WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|schreibt|a écrit|écrit|escribió|ha scritto|scrive|escreveu|schreef"
    r"|skrev|napisał\w*|pisze|kirjoitti|napsal\w*|написал\w*|пишет|пише|написав|написала|yazdı|írta"
    r"|a scris|έγραψε|đã viết|menulis)\b|写道|寫道|작성|כתב|كتب",
    re.IGNORECASE,
)
SOMEBODY = re.compile(
    r"\b(?:I|[Ii]ch|[Jj]e|[Yy]o|[Ee]u|[Ii]k|[Jj]ag|[Jj]eg|[Mm]inä|[Яя]|[Ss]?[Hh]e|[Tt]hey|[Ww]e|[Ee]r"
    r"|[Ss]ie|[Ww]ir|[Ee]lles?|[Nn]ous|[Éé]l|[Ee]lla|[Ll]ui|[Ll]ei|[Ee]le|[Hh]ij|[Oo]na)\b"
    r"|\b[Jj]['’]"
)
"""Who wrote, in a sentence of the person's own; programs write a name."""
NAMES_NOBODY = frozenset(
    """
    my our his her their he she they we you it who someone somebody mein meine unser unsere er sie
    wir ihr mon ma mes notre il elle nous mi mis nuestro ella mio mia lui lei meu minha ele mijn ons
    hij zij min mitt han hun
    """.split()
)
_FORWARDED = (
    "original message", "originalnachricht", "ursprüngliche nachricht", "message d'origine",
    "message original", "mensaje original", "messaggio originale", "mensagem original",
    "oorspronkelijk bericht", "oryginalna wiadomość", "wiadomość oryginalna",
    "ursprungligt meddelande", "oprindelig meddelelse", "opprinnelig melding",
    "alkuperäinen viesti", "původní zpráva", "eredeti üzenet", "исходное сообщение",
    "original-nachricht", "forwarded message", "weitergeleitete nachricht", "message transféré",
    "mensaje reenviado", "messaggio inoltrato", "mensagem encaminhada", "doorgestuurd bericht",
    "doorgestuurde mail", "przekazana wiadomość", "пересылаемое сообщение", "转发的邮件",
    "原始邮件", "転送メッセージ", "元のメッセージ", "원본 메시지", "orijinal mesaj",
)  # fmt: skip
_BEGIN_FORWARDED = (
    "begin forwarded message", "anfang der weitergeleiteten nachricht",
    "anfang der weitergeleiteten e-mail", "début du message réexpédié",
    "début du message transféré", "inicio del mensaje reenviado", "inizio messaggio inoltrato",
    "início da mensagem reencaminhada", "início da mensagem encaminhada",
    "begin doorgestuurd bericht", "początek przekazywanej wiadomości",
    "vidarebefordrat brev", "vidarebefordrat mejl", "start på videresendt besked",
    "välitetty viesti alkaa", "начало переадресованного сообщения", "开始转发的邮件",
    "下面是被转发的邮件", "転送されたメッセージ", "전달된 메시지 시작", "iletilen ileti başlangıcı",
)  # fmt: skip
FORWARDED = re.compile(
    rf"\W*-{{2,}}\s*(?:{'|'.join(map(re.escape, _FORWARDED))})\s*-{{2,}}\W*"
    rf"|(?:{'|'.join(map(re.escape, _BEGIN_FORWARDED))})\s*[:：]",
    re.IGNORECASE,
)
"""A line that says of what stands below that it is another's."""
_SENT_WITH = (
    "sent from", "sent with", "sent via", "get outlook for", "von meinem", "gesendet von",
    "gesendet mit", "diese nachricht wurde von meinem", "envoyé de", "envoyé depuis",
    "envoyé avec", "enviado desde", "enviado do", "enviado de", "enviado com", "inviato da",
    "inviato dal", "verzonden vanaf", "verstuurd vanaf", "verzonden met", "wysłane z",
    "wysłano z", "skickat från", "sendt fra", "lähetetty", "odesláno z", "отправлено с",
    "отправлено из", "发自我的", "télécharger outlook pour", "holen sie sich outlook für",
    "obtener outlook para", "iphoneから", "나의",
)  # fmt: skip
_DEVICES = (
    "iphone", "ipad", "ipod", "android", "ios", "samsung", "galaxy", "huawei", "xiaomi", "redmi",
    "pixel", "oneplus", "blackberry", "windows", "outlook", "yahoo mail", "yahoo", "gmail", "mail",
    "proton mail", "protonmail", "thunderbird", "smartphone", "handy", "mobile", "phone", "telefon",
    "k-9", "spark", "superhuman", "tutanota", "gmx", "web.de",
)  # fmt: skip
FOOTER = re.compile(
    rf"(?:{'|'.join(map(re.escape, _SENT_WITH))})\b.{{0,40}}?"
    rf"(?:{'|'.join(map(re.escape, _DEVICES))})"
    r"(?: \d{1,2}| secure email| mobile| gesendet| device| phone| smartphone|送信|에서 보냄){0,2}"
    r"\s*(?:<[^<>\s]{1,200}>)?[.!]?|iphoneから送信|发自我的\s?\w{1,20}|나의 iphone에서 보냄",
    re.IGNORECASE,
)
"""A line that a phone or a program puts under a mail."""
