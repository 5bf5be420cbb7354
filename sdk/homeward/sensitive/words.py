"""
Which tags a text carries for the gate by its words alone, which anyone can read. Pure.

Conservative: one word is enough. Words end with `*` where any ending may follow.
"""

import re
from collections.abc import Mapping

LEXICONS: Mapping[str, str] = {
    "health": """
        doctor* hospital* clinic* diagnos* disease* illness* sick symptom* medic* therap* surger*
        cancer* tumo* diabet* insulin asthma* allerg* depress* anxi* bipolar adhd autis* migraine*
        hiv pregnan* miscarr* abortion* ivf fertil* psych* suicid* self-harm rehab* addict*
        alcoholic* sober antidepressant* pill pills dose* dosage chronic* disabilit*
        dementia seizure* epilep*
        arzt ärzt* krank* diagnose therapie schwanger* médecin* malad* grossesse enceinte médic*
        enfermedad* embaraz* médico* doença* grávida* ziek* zwanger* malattia* incinta
        """,
    "money": """
        salar* wage* income* mortgage* loan* debt* bankrupt* overdraft* credit savings invest*
        pension* tax taxes rent alimony inherit* unemployment payday bonus* earn earns
        earning* afford*
        owe owes owed broke bank account* gehalt* schulden kredit* miete lohn salaire* dette* loyer
        salario* deuda* hipoteca* sueldo* salário* dívida* stipendio* debiti schuld* hypotheek
        """,
    "relationships": """
        wife husband* girlfriend* boyfriend* fiancé* fiancee partner spouse* ex ex-* divorc* marri*
        wedding* dating affair* breakup broke-up separat* custody cheat* crush intimate* sexual* gay
        lesbian bisexual* queer trans transgender* affär* ehemann ehefrau freundin scheidung* mari
        femme divorce* esposa esposo novia novio marido moglie marito echtgeno* scheiding*
        """,
    "beliefs": """
        god church* mosque* synagogue* temple pray* relig* christian* catholic* muslim* islam* jew*
        hindu* buddhis* atheis* agnostic* vote* voting elect* politic* democrat* republican*
        socialis* conservative* liberal* communis* party-member union-member protest*
        activis* ramadan bible
        quran kirche* glaub* wähl* partei* église* croyan* iglesia* creyente* igreja* chiesa*
        geloof*
        """,
    "location": """
        address* postcode zip-code street avenue apartment* live lives living moved home-town
        hometown neighbo* flat gps coordinates whereabouts wohne wohnt straße strasse adresse
        habite rue
        dirección vivo calle moro rua endereço abito via indirizzo woon straat
        """,
    "identity": """
        age aged birthday birth-date date-of-birth year-old years-old yrs-old born-in teenage*
        elderly middle-aged senior-citizen* pensioner* retire* millennial boomer gen-z
        gender* woman man male female non-binary nonbinary transgender* trans transsexual*
        transvestite* intersex masculine feminine pronoun*
        gay lesbian* bisexual* pansexual* asexual* homosexual* heterosexual* queer lgbt*
        sexual-orientation
        relig* christian* catholic* protestant* mormon* muslim* islam* jew jews jewish hindu*
        buddhis* sikh* atheis* agnostic*
        nationalit* citizen* immigrant* migrant* refugee* expat* asylum* ethnic* race racial
        latino* latina* latinx hispanic* arab arabs arabic-origin indigenous native-american*
        african-american* asian-american* aboriginal* romani am-from i'm-from im-from
        originally-from native-of
        disab* wheelchair* amputee* autis* adhd dyslex* handicap* paraly* paraplegic*
        visually-impaired hearing-impaired hard-of-hearing cerebral-palsy down-syndrome* prosthe*
        wheelchair-user neurodiver*
        working-class middle-class upper-class lower-class low-income high-income food-stamps
        unemployed homeless wealthy poverty underprivileged first-generation
        overweight obes* pregnan* birthmark* dwarfism
        staatsangehörig* herkunft geschlecht jude jüdisch* christ muslimisch* behinder* lesbisch
        schwul rentner* arbeitslos* ausländer* einwander*
        nationalité juif juive chrétien* musulman* handicapé* retraité* chômeu* immigré* âge
        nacionalidad judí* cristian* musulmán* discapacid* jubilad* inmigrant* desemplead*
        nacionalidade judeu judia cristã* muçulman* deficien* aposentad* desempregad*
        nazionalità ebre* musulman* disabil* pensionat* disoccupat*
        nationaliteit jood* moslim* gehandicapt* werkloos* gepensioneerd*
        """,
}

# Words that say who somebody is only after "I am"; of a cat, a language or a wine they do not.
_AFTER_I_AM = """
    old young black white brown asian african european american british english scottish irish
    welsh french german italian spanish portuguese dutch polish ukrainian russian turkish greek
    swedish norwegian danish finnish chinese japanese korean vietnamese filipino indian pakistani
    bangladeshi
    iranian persian iraqi syrian afghan israeli palestinian lebanese egyptian moroccan algerian
    nigerian kenyan ethiopian somali ghanaian south-african mexican brazilian colombian argentinian
    peruvian chilean cuban canadian australian
    straight bi blind deaf poor rich broke short tall fat thin skinny
    girl boy guy lady mother mum mom father dad grandmother grandfather
    deutscher deutsche franzose türke türkin français française allemand español española alemán
    italiano italiana brasileiro brasileira português portuguesa nederlander turco turca
    """
_I_AM = (
    r"\b(?:i am|i['’]m|im|(?:the )?user(?: is|['’]s)|ich bin|je suis|soy|(?:eu )?sou|(?:io )?sono"  # noqa: RUF001
    r"|ik ben|as)(?: not| nicht| no)?(?: an?| the| eine?| une?| una?| um| uma| een)?"
    r"(?: very| quite| really| rather| half| part| also| proud| proudly| born)? "
)
_AGE = (
    r"(?<!\d)\d{1,3}[ -]?"
    r"(?:years? old|year-old|yo|jahre|ans|años|anos|anni|jaar|år|lat|лет|岁|歳|살)"
)
# How other assistants write down who their person is; a profile of such a line says nothing else.
_ABOUT_THE_USER = r"^about (?:the user|me)\b|^(?:the )?user(?:'s)? (?:is|was|has been|identifies)\b"


def _any_of(words: str) -> str:
    patterns = (
        re.escape(word.rstrip("*")).replace(r"\-", "[- ]") + (r"[\w-]*" if word[-1] == "*" else "")
        for word in words.split()
    )
    return rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])"


_PATTERNS = {tag: re.compile(_any_of(words), re.IGNORECASE) for tag, words in LEXICONS.items()}
_SELF_DESCRIPTION = re.compile(
    f"{_I_AM}{_any_of(_AFTER_I_AM)}|{_AGE}|{_ABOUT_THE_USER}", re.IGNORECASE
)


def tags_by_words(text: str) -> tuple[str, ...]:
    """Return the tags whose lexicon has a word in `text`, and `identity` for who the person is."""
    found = [tag for tag, pattern in _PATTERNS.items() if pattern.search(text)]
    if "identity" not in found and _SELF_DESCRIPTION.search(text):
        found.append("identity")
    return tuple(found)
