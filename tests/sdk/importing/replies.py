"""
Bodies of mails as programs write them, in many languages: what the person wrote, and what others.

Written from what these programs put into mails, before any code or library was tried on them. In
all of them what others wrote says "allergic to cats", whatever the language around it.
"""

from dataclasses import dataclass

CATS = "I am allergic to cats."


@dataclass(frozen=True, slots=True)
class Reply:
    """A body, and what of it the person wrote themselves."""

    name: str
    body: str
    own: str
    is_html: bool = False


def _quoted(name: str, own: str, attribution: str) -> Reply:
    """Return an answer above an attribution and lines that begin with ">"."""
    return Reply(name, f"{own}\n\n{attribution}\n\n> {CATS}\n> And to dogs.\n", own)


def _block(name: str, own: str, head: str) -> Reply:
    """Return an answer above lines of a header and the unmarked text of another."""
    return Reply(name, f"{own}\n\n{head}\n\n{CATS}\n\nSee you,\nNora\n", own)


ATTRIBUTIONS = [
    _quoted(
        "en gmail",
        "I am free on Monday.",
        "On Thu, Feb 29, 2024 at 10:15 PM Nora Smith <nora@x.test> wrote:",
    ),
    _quoted(
        "en gmail in two lines",
        "I am free on Monday.",
        "On Thu, Feb 29, 2024 at 10:15 PM Nora Longname-Surname\n<nora.longname@example.test> wrote:",
    ),
    _quoted("en mutt", "Yes.", "On Thu, Feb 29, 2024 at 10:15:00PM +0000, Nora Smith wrote:"),
    _quoted("en roundcube", "I come by train.", "On 2024-02-29 22:15, Nora wrote:"),
    _quoted("en gnus", "I come by train.", "Nora Smith <nora@x.test> writes:"),
    _quoted("en mutt with a star", "I come by train.", "* Nora <nora@x.test> [2024-02-29 22:15]:"),
    _quoted("en name alone", "I come by train.", "Nora Smith wrote:"),
    _quoted(
        "en proton",
        "I come by train.",
        "------- Original Message -------\n"
        "On Thursday, February 29th, 2024 at 10:15 PM, Nora <nora@x.test> wrote:",
    ),
    _quoted(
        "de gmail",
        "Ich komme am Montag.",
        "Am Do., 29. Feb. 2024 um 22:15 Uhr schrieb Nora <n@x.test>:",
    ),
    _quoted("de thunderbird", "Ich komme am Montag.", "Am 29.02.24 um 22:15 schrieb Nora:"),
    _quoted("de roundcube", "Ich komme am Montag.", "Am 2024-02-29 22:15, schrieb Nora:"),
    _quoted("de apple", "Ich komme.", "Am 29.02.2024 um 22:15 schrieb Nora Schmidt <n@x.test>:"),
    _quoted(
        "fr gmail", "Je viens lundi.", "Le jeu. 29 févr. 2024 à 22:15, Nora <n@x.test> a écrit :"
    ),
    _quoted("fr thunderbird", "Je viens lundi.", "Le 29/02/2024 à 22:15, Nora a écrit\N{NBSP}:"),
    _quoted(
        "es gmail",
        "Llego el lunes.",
        "El jue, 29 feb 2024 a las 22:15, Nora (<n@x.test>) escribió:",
    ),
    _quoted(
        "it gmail",
        "Arrivo lunedì.",
        "Il giorno gio 29 feb 2024 alle ore 22:15 Nora <n@x.test> ha\nscritto:",
    ),
    _quoted(
        "pt gmail",
        "Chego na segunda.",
        "Em qui., 29 de fev. de 2024 às 22:15, Nora <n@x.test> escreveu:",
    ),
    _quoted("nl gmail", "Ik kom maandag.", "Op do 29 feb 2024 om 22:15 schreef Nora <n@x.test>:"),
    _quoted(
        "pl gmail", "Będę w poniedziałek.", "czw., 29 lut 2024 o 22:15 Nora <n@x.test> napisał(a):"
    ),
    _quoted(
        "sv gmail", "Jag kommer på måndag.", "Den tors 29 feb. 2024 kl 22:15 skrev Nora <n@x.test>:"
    ),
    _quoted("da gmail", "Jeg kommer.", "Den tor. 29. feb. 2024 kl. 22.15 skrev Nora <n@x.test>:"),
    _quoted("no gmail", "Jeg kommer.", "tor. 29. feb. 2024 kl. 22:15 skrev Nora <n@x.test>:"),
    _quoted(
        "fi gmail", "Tulen maanantaina.", "to 29. helmik. 2024 klo 22.15 Nora (n@x.test) kirjoitti:"
    ),
    _quoted("cs gmail", "Přijedu.", "čt 29. 2. 2024 v 22:15 odesílatel Nora <n@x.test> napsal:"),
    _quoted(
        "ru gmail", "Я приеду в понедельник.", "чт, 29 февр. 2024 г. в 22:15, Nora <n@x.test>:"
    ),
    _quoted("uk gmail", "Приїду.", "чт, 29 лют. 2024 р. о 22:15 Nora <n@x.test> пише:"),
    _quoted("ja gmail", "月曜日に行きます。", "2024年2月29日(木) 22:15 Nora <n@x.test>:"),
    _quoted("zh gmail", "我星期一来。", "Nora <n@x.test> 于2024年2月29日周四 22:15写道："),
    _quoted(
        "ko gmail", "월요일에 갑니다.", "2024년 2월 29일 (목) 오후 10:15, Nora <n@x.test>님이 작성:"
    ),
    _quoted(
        "tr gmail",
        "Pazartesi geliyorum.",
        "Nora <n@x.test>, 29 Şub 2024 Per, 22:15 tarihinde şunu yazdı:",
    ),
    _quoted(
        "hu gmail",
        "Hétfőn jövök.",
        "Nora <n@x.test> ezt írta (időpont: 2024. febr. 29., Cs, 22:15):",
    ),
    _quoted("ro gmail", "Vin luni.", "În joi, 29 feb. 2024 la 22:15, Nora <n@x.test> a scris:"),
    _quoted(
        "el gmail",
        "Έρχομαι Δευτέρα.",
        "Στις Πέμ 29 Φεβ 2024 στις 10:15 μ.μ., ο χρήστης Nora <n@x.test> έγραψε:",
    ),
    _quoted(
        "he gmail",
        "אני מגיע ביום שני.",
        "\u202bבתאריך יום ה׳, 29 בפבר׳ 2024 ב-22:15 מאת \u202aNora\u202c\u200f "
        "<\u202an@x.test\u202c\u200f>:\u202c",
    ),
    _quoted(
        "vi gmail",
        "Tôi đến thứ hai.",
        "Vào Th 5, 29 thg 2, 2024 vào lúc 22:15 Nora <n@x.test> đã viết:",
    ),
    _quoted(
        "id gmail", "Saya datang.", "Pada tanggal Kam, 29 Feb 2024 22.15, Nora <n@x.test> menulis:"
    ),
]

HEADERS = [
    _block(
        "en outlook",
        "I am free on Monday.",
        "From: Nora Smith <nora@x.test>\nSent: Thursday, February 29, 2024 10:15 PM\n"
        "To: Me <me@x.test>\nSubject: RE: Cats",
    ),
    _block(
        "en outlook with a rule",
        "I am free on Monday.",
        "________________________________\nFrom: Nora Smith\nSent: 29 February 2024\nTo: Me\n"
        "Subject: Cats",
    ),
    _block(
        "en outlook with stars",
        "I am free on Monday.",
        "*From:* Nora Smith <nora@x.test>\n*Sent:* Thursday, February 29, 2024\n*To:* Me\n"
        "*Subject:* Cats",
    ),
    _block(
        "en outlook express",
        "I am free on Monday.",
        "----- Original Message -----\nFrom: Nora\nTo: Me\nSent: Thursday\nSubject: Cats",
    ),
    _block(
        "en samsung",
        "I am free on Monday.",
        "-------- Original message --------\nFrom: Nora <nora@x.test>\nDate: 29/02/2024 22:15\n"
        "To: me@x.test\nSubject: Cats",
    ),
    _block(
        "en yahoo, indented",
        "I am free on Monday.",
        "    On Thursday, February 29, 2024 at 10:15:00 PM GMT, Nora <nora@x.test> wrote:",
    ),
    _block(
        "en gmail forward",
        "See below.",
        "---------- Forwarded message ---------\nFrom: Nora <n@x.test>\nDate: Thu, 29 Feb 2024\n"
        "Subject: Cats\nTo: <me@x.test>",
    ),
    _block(
        "en apple forward",
        "See below.",
        "Begin forwarded message:\n\nFrom: Nora <n@x.test>\nSubject: Cats\nDate: 29 February 2024",
    ),
    _block(
        "en thunderbird forward",
        "See below.",
        "-------- Forwarded Message --------\nSubject: Cats\nDate: Thu, 29 Feb 2024\n"
        "From: Nora <n@x.test>\nTo: me@x.test",
    ),
    _block(
        "de outlook",
        "Ich komme am Montag.",
        "Von: Nora <n@x.test>\nGesendet: Donnerstag, 29. Februar 2024 22:15\n"
        "An: Ich <me@x.test>\nBetreff: AW: Katzen",
    ),
    _block(
        "de outlook, older",
        "Ich komme am Montag.",
        "-----Ursprüngliche Nachricht-----\nVon: Nora\nGesendet: Donnerstag\nBetreff: Katzen",
    ),
    _block(
        "de gmail forward",
        "Siehe unten.",
        "---------- Forwarded message ---------\nVon: Nora <n@x.test>\nDate: Do., 29. Feb. 2024",
    ),
    _block(
        "de thunderbird forward",
        "Siehe unten.",
        "-------- Weitergeleitete Nachricht --------\nBetreff: Katzen\nDatum: Thu, 29 Feb 2024\n"
        "Von: Nora",
    ),
    _block(
        "de apple forward",
        "Siehe unten.",
        "Anfang der weitergeleiteten Nachricht:\n\nVon: Nora <n@x.test>\nBetreff: Katzen\n"
        "Datum: 29. Februar 2024",
    ),
    _block(
        "fr outlook",
        "Je viens lundi.",
        "De\N{NBSP}: Nora <n@x.test>\nEnvoyé\N{NBSP}: jeudi 29 février 2024 22:15\n"
        "À\N{NBSP}: Moi\nObjet\N{NBSP}: Chats",
    ),
    _block(
        "fr outlook, older",
        "Je viens lundi.",
        "-----Message d'origine-----\nDe : Nora\nEnvoyé : jeudi\nObjet : Chats",
    ),
    _block(
        "es outlook",
        "Llego el lunes.",
        "De: Nora <n@x.test>\nEnviado: jueves, 29 de febrero de 2024 22:15\nPara: Yo\nAsunto: Gatos",
    ),
    _block(
        "es outlook, older",
        "Llego el lunes.",
        "-----Mensaje original-----\nDe: Nora\nEnviado el: jueves\nAsunto: Gatos",
    ),
    _block(
        "it outlook",
        "Arrivo lunedì.",
        "Da: Nora <n@x.test>\nInviato: giovedì 29 febbraio 2024 22:15\nA: Io\nOggetto: Gatti",
    ),
    _block(
        "pt outlook",
        "Chego na segunda.",
        "De: Nora <n@x.test>\nEnviada em: quinta-feira, 29 de fevereiro de 2024 22:15\nPara: Eu\n"
        "Assunto: Gatos",
    ),
    _block(
        "nl outlook",
        "Ik kom maandag.",
        "Van: Nora <n@x.test>\nVerzonden: donderdag 29 februari 2024 22:15\nAan: Mij\n"
        "Onderwerp: Katten",
    ),
    _block(
        "pl outlook",
        "Będę w poniedziałek.",
        "Od: Nora <n@x.test>\nWysłano: czwartek, 29 lutego 2024 22:15\nDo: Ja\nTemat: Koty",
    ),
    _block(
        "sv outlook",
        "Jag kommer på måndag.",
        "Från: Nora <n@x.test>\nSkickat: den 29 februari 2024 22:15\nTill: Mig\nÄmne: Katter",
    ),
    _block(
        "da outlook",
        "Jeg kommer.",
        "Fra: Nora <n@x.test>\nSendt: 29. februar 2024 22:15\nTil: Mig\nEmne: Katte",
    ),
    _block(
        "fi outlook",
        "Tulen maanantaina.",
        "Lähettäjä: Nora <n@x.test>\nLähetetty: torstai 29. helmikuuta 2024\nVastaanottaja: Minä\n"
        "Aihe: Kissat",
    ),
    _block(
        "cs outlook",
        "Přijedu.",
        "Od: Nora <n@x.test>\nOdesláno: čtvrtek 29. února 2024 22:15\nKomu: Já\nPředmět: Kočky",
    ),
    _block(
        "ru outlook",
        "Я приеду в понедельник.",
        "От: Nora <n@x.test>\nОтправлено: 29 февраля 2024 г. 22:15\nКому: Мне\nТема: Кошки",
    ),
    _block(
        "zh outlook",
        "我星期一来。",
        "发件人: Nora <n@x.test>\n发送时间: 2024年2月29日 22:15\n收件人: 我\n主题: 猫",
    ),
    _block(
        "ja outlook",
        "月曜日に行きます。",
        "差出人: Nora <n@x.test>\n送信日時: 2024年2月29日 22:15\n宛先: 私\n件名: 猫",
    ),
    _block(
        "tr outlook",
        "Pazartesi geliyorum.",
        "Kimden: Nora <n@x.test>\nGönderildi: 29 Şubat 2024 Perşembe 22:15\nKime: Ben\nKonu: Kedi",
    ),
]

OTHER = [
    Reply(
        "apple, the attribution quoted too",
        f"I am free.\n\n> On 29 Feb 2024, at 22:15, Nora <n@x.test> wrote:\n> \n> {CATS}\n",
        "I am free.",
    ),
    Reply(
        "answers between quotes",
        f"On Thu, Feb 29, 2024 at 10:15 PM Nora <n@x.test> wrote:\n\n> {CATS}\n\nI have none.\n\n"
        "> Do you come?\n\nOn Monday.\n",
        "I have none.\n\nOn Monday.",
    ),
    Reply(
        "an answer below",
        f"Nora <n@x.test> wrote on 29 Feb 2024 at 22:15:\n> {CATS}\n\nI have no cat.\n",
        "I have no cat.",
    ),
    Reply("a signature", "I come on Monday.\n\n-- \nAda B.\nTel 555 1234\n", "I come on Monday."),
    Reply(
        "a signature without its space",
        "I come on Monday.\n\n--\nAda B.\nTel 555 1234\n",
        "I come on Monday.",
    ),
    Reply("en iphone", "I come on Monday.\n\nSent from my iPhone\n", "I come on Monday."),
    Reply(
        "de iphone",
        f"Ich komme.\n\nVon meinem iPhone gesendet\n\n> Am 29.02.2024 um 22:15 schrieb Nora:\n> {CATS}\n",
        "Ich komme.",
    ),
    Reply("fr iphone", "Je viens.\n\nEnvoyé de mon iPhone\n", "Je viens."),
    Reply(
        "outlook for iOS",
        "I come.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\n"
        f"From: Nora <n@x.test>\nSent: Thursday\nTo: me\nSubject: Cats\n\n{CATS}\n",
        "I come.",
    ),
    Reply(
        "a quote in a quote",
        f"Fine.\n\nOn 29/02/2024 22:15, Nora wrote:\n> On 28/02/2024 10:00, I wrote:\n>> Hm?\n> {CATS}\n",
        "Fine.",
    ),
]

OWN = [
    "I have news.\nOn the plane I wrote:\nI will quit my job in May.",
    "On Monday at 10:15 I wrote:\nThe train is late, and I am in Leeds.",
    "On 5 May 2019 I wrote: I will never move. And now I live in Porto.",
    "Am Montag schrieb ich:\nIch ziehe um.",
    "Hier soir j'ai écrit :\nJe quitte mon travail.",
    "Our trip:\nFrom: Leeds\nTo: Porto\nWe go by train.",
    "From: Leeds, where I was born\n\nI moved to Porto in May.",
    "We met in Rome -- and then we left --\nand I was happy.",
    "First part.\n\n-----\n\nSecond part, after a rule.",
    "Forwarded message: that was the subject of my talk.\nI liked it.",
    "Original message or not, I answered it.",
    "My sister wrote:\nnothing at all.",
    "Nora wrote me that she comes.\nI am glad.",
    "Date: 29 February\nPlace: Leeds\nI bring the cake.",
    "Subject: my garden.\nIt has roses.",
    "Sent from my iPhone was what every mail of mine said.\nI sold it.",
    "I read this:\n- one\n- two\n-- three\nand I agree.",
    "De: una vez por todas, me mudo.\nPara: siempre.",
    "Von: hier bis dort sind es 5 km.\nAn: jedem Tag laufe ich sie.",
    "At 10:15 on 29 Feb 2024 I left for Porto:\nthe train was late.",
]
OWN_WORDS = [Reply(f"own {number}", text, text) for number, text in enumerate(OWN)]


def _page(name: str, body: str, own: str) -> Reply:
    return Reply(name, f"<html><body>{body}</body></html>", own, is_html=True)


PAGES = [
    _page(
        "gmail",
        '<div dir="ltr">I am free.</div><br><div class="gmail_quote gmail_quote_container">'
        '<div dir="ltr" class="gmail_attr">On Thu, Feb 29, 2024 at 10:15 PM Nora &lt;<a href="#">'
        'n@x.test</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px'
        f' 0.8ex;border-left:1px solid rgb(204,204,204)"><div>{CATS}<div>Nora</div></div>'
        "</blockquote></div>",
        "I am free.",
    ),
    _page(
        "gmail, an answer between",
        '<div class="gmail_quote"><div class="gmail_attr">On Thu Nora wrote:</div>'
        f'<blockquote class="gmail_quote"><p>{CATS}</p></blockquote><div>I have none.</div>'
        '<blockquote class="gmail_quote"><p>Do you come?</p></blockquote><div>On Monday.</div></div>',
        "I have none. On Monday.",
    ),
    _page(
        "gmail forward",
        'See below.<br><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message '
        "---------<br>From: <b>Nora</b> &lt;n@x.test&gt;<br>Date: Thu, Feb 29, 2024<br>Subject: Cats"
        f"<br>To:  &lt;me@x.test&gt;<br></div><br><div>{CATS}</div></div>",
        "See below.",
    ),
    _page(
        "gmail, indented by the person",
        '<div>I read my list:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px">'
        "<div>I own a bike.</div></blockquote><div>That is all.</div>",
        "I read my list: I own a bike. That is all.",
    ),
    _page(
        "apple",
        '<div>I am free.</div><div><br><blockquote type="cite"><div>On 29 Feb 2024, at 22:15, Nora '
        f"&lt;n@x.test&gt; wrote:</div><br><div>{CATS}</div></blockquote></div>",
        "I am free.",
    ),
    _page(
        "apple, iphone",
        '<div>I am free.</div><br><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br>'
        '<blockquote type="cite">On 29 Feb 2024, at 22:15, Nora wrote:<br><br></blockquote></div>'
        f'<blockquote type="cite"><div>{CATS}</div></blockquote>',
        "I am free.",
    ),
    _page(
        "thunderbird",
        '<p>Ich komme.</p><div class="moz-cite-prefix">Am 29.02.24 um 22:15 schrieb Nora:<br></div>'
        f'<blockquote type="cite" cite="mid:1@x.test"><p>{CATS}</p></blockquote>',
        "Ich komme.",
    ),
    _page(
        "outlook",
        '<div class="WordSection1"><p class="MsoNormal">I am free.</p><div><div style="border:none;'
        'border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal"><b>From:</b>'
        " Nora &lt;n@x.test&gt; <br><b>Sent:</b> Thursday, February 29, 2024 10:15 PM<br><b>To:</b> "
        f'Me<br><b>Subject:</b> Cats</p></div></div><p class="MsoNormal">{CATS}</p></div>',
        "I am free.",
    ),
    _page(
        "outlook, German, without its border",
        '<p class="MsoNormal">Ich komme.</p><p class="MsoNormal"><b>Von:</b> Nora<br><b>Gesendet:</b>'
        " Donnerstag, 29. Februar 2024 22:15<br><b>An:</b> Ich<br><b>Betreff:</b> Katzen</p>"
        f'<p class="MsoNormal">{CATS}</p>',
        "Ich komme.",
    ),
    _page(
        "outlook on the web",
        '<div class="elementToProof">I am free.</div><div id="appendonsend"></div><hr style="display:'
        'inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">'
        f"<b>De :</b> Nora<br><b>Envoyé :</b> jeudi<br></font></div><div>{CATS}</div>",
        "I am free.",
    ),
    _page(
        "outlook for mac",
        '<div><p>I am free.</p></div><div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:'
        '3.0pt 0in 0in 0in"><p><b><span>From: </span></b><span>Nora &lt;n@x.test&gt;<br><b>Date: </b>'
        f"Thursday<br><b>To: </b>Me<br><b>Subject: </b>Cats</span></p></div><div><p>{CATS}</p></div>",
        "I am free.",
    ),
    _page(
        "yahoo",
        '<div class="yahoo-style-wrap"><div>I am free.</div></div><div class="yahoo_quoted" id="y1">'
        f"<div><div>On Thursday, 29 February 2024 at 22:15, Nora wrote:</div><div>{CATS}</div></div>"
        "</div>",
        "I am free.",
    ),
    _page(
        "proton",
        '<div>I am free.</div><div class="protonmail_quote">On Thursday, February 29th, 2024 at 10:15'
        f' PM, Nora wrote:<br><blockquote class="protonmail_quote" type="cite">{CATS}</blockquote>'
        "</div>",
        "I am free.",
    ),
    _page(
        "samsung",
        '<div dir="auto">I am free.</div><div><br></div><div align="left"><div>-------- Original '
        "message --------</div><div>From: Nora &lt;n@x.test&gt; </div><div>Date: 29/02/2024  22:15 "
        f"(GMT+00:00) </div><div>To: me@x.test </div><div>Subject: Cats </div></div><div>{CATS}</div>",
        "I am free.",
    ),
    _page(
        "a poem that the person quotes",
        "<p>I learned this by heart:</p><blockquote><p>Shall I compare thee to a summer's day?</p>"
        "</blockquote><p>I love it.</p>",
        "I learned this by heart: Shall I compare thee to a summer's day? I love it.",
    ),
    _page(
        "a quote that never ends",
        f'<p>I am free.</p><blockquote type="cite"><div><p>{CATS}<blockquote type="cite">more',
        "I am free.",
    ),
    _page(
        "gmail signature",
        '<div>I am free.</div><div><br></div>-- <br><div dir="ltr" class="gmail_signature" '
        'data-smartmail="gmail_signature"><div>Ada B.<br>Tel 555 1234</div></div>',
        "I am free.",
    ),
    _page(
        "thunderbird signature",
        '<p>I am free.</p><pre class="moz-signature" cols="72">-- \nAda B.</pre>',
        "I am free.",
    ),
    _page(
        "zoho",
        '<div>I am free.</div><div class="zmail_extra_hr"></div><div class="zmail_extra"><div '
        'id="Zm-_Id_-Sgn1">---- On Thu, 29 Feb 2024 22:15:00 +0000 <b>Nora &lt;n@x.test&gt;</b> wrote'
        f" ---</div><blockquote>{CATS}</blockquote></div>",
        "I am free.",
    ),
    _page(
        "words in a border of the person's own",
        '<div style="border-top:1px solid black"><p>I drew a line above this.</p></div>'
        "<p>And I live in Porto.</p>",
        "I drew a line above this. And I live in Porto.",
    ),
]

# Written after the rules, where they were still wrong.
LATER = [
    Reply(name, text, text)
    for name, text in (
        (
            "own, about what she wrote",
            "On 2024-02-29 at 22:15 she wrote me:\n'I come'. I was happy.",
        ),
        ("own, to whom", "Contact Nora <n@x.test> at 10:15:\nshe knows me."),
        ("own, to an address", "I wrote to Nora <n@x.test>:\nI moved to Porto."),
        ("own, an appointment", "Meeting on 29 Feb 2024 at 10:15:\nbring the cake."),
    )
] + [
    _quoted("ru mail", "Еду.", "Четверг, 29 февраля 2024, 22:15 +03:00 от Nora <n@x.test>:"),
    _quoted(
        "ca gmail",
        "Vinc.",
        "Missatge de Nora <n@x.test> del dia dj., 29 de febr. 2024 a les 22:15:",
    ),
    _block("zh 163", "我来。", '在 2024-02-29 22:15:00，"Nora" <n@x.test> 写道：'),
    _block(
        "de gmx",
        "Ich komme.",
        'Gesendet: Donnerstag, 29. Februar 2024 um 22:15 Uhr\nVon: "Nora" <n@x.test>\nAn: me@x.test\n'
        "Betreff: Katzen",
    ),
    _page(
        "outlook, its marks renamed",
        '<p>I am free.</p><hr><div id="x_divRplyFwdMsg"><b>From:</b> Nora<br></div>'
        f"<div>{CATS}</div>",
        "I am free.",
    ),
    Reply(
        "a mailing list's footer",
        f"I live in Porto.\n\n{'_' * 47}\nList mailing list\nhttps://x.test/list\n",
        "I live in Porto.",
    ),
    Reply(
        "signed with PGP",
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nI live in Porto.\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEB\n=abcd\n-----END PGP SIGNATURE-----\n",
        "I live in Porto.",
    ),
]

REPLIES = [*ATTRIBUTIONS, *HEADERS, *OTHER, *OWN_WORDS, *PAGES, *LATER]
