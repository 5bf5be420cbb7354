"""
Which tags a text carries for the gate, by words that anyone can read. Pure; knows no rule.

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
}

_PATTERNS = {
    tag: re.compile(
        r"(?<![\w-])(?:"
        + "|".join(
            re.escape(word.rstrip("*")).replace(r"\-", "[- ]")
            + (r"[\w-]*" if word[-1] == "*" else "")
            for word in words.split()
        )
        + r")(?![\w-])",
        re.IGNORECASE,
    )
    for tag, words in LEXICONS.items()
}


def tags_for(text: str) -> tuple[str, ...]:
    """Return the tags whose lexicon has a word in `text`."""
    return tuple(tag for tag, pattern in _PATTERNS.items() if pattern.search(text))
