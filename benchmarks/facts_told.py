"""
What `benchmarks.facts` tells the assistant, and asks it: two halves, of ordinary life.

Rules, wording and settings are chosen on FIRST; SECOND is reported.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was told, a question about it, and words of which a right answer has one."""

    told: str
    asked: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Two questions of which the second cannot be understood without the first."""

    told: tuple[str, ...]
    first: str
    second: str
    words: tuple[str, ...]  # of the second's answer


@dataclass(frozen=True, slots=True)
class Half:
    """Facts and follow-ups that are told to one person."""

    facts: tuple[Fact, ...]
    follow_ups: tuple[FollowUp, ...]


FIRST = Half(
    (
        Fact("My cat is called Miso.", "What is my cat called?", ("miso",)),
        Fact("I am allergic to walnuts.", "What am I allergic to?", ("walnut",)),
        Fact("My dentist is Dr Okafor on Mill Lane.", "Who is my dentist?", ("okafor",)),
        Fact(
            "The spare key is under the blue flowerpot.",
            "Where is the spare key?",
            ("flowerpot",),
        ),
        Fact("My sister moved to Leeds last spring.", "Where does my sister live?", ("leeds",)),
        Fact("I drive an old green Volvo.", "What car do I drive?", ("volvo",)),
        Fact("The rent is due on the fifth.", "When is the rent due?", ("fifth", "5th")),
        Fact(
            "I play the cello in an amateur orchestra.", "Which instrument do I play?", ("cello",)
        ),
        Fact(
            "My daughter's teacher is Mrs Lindqvist.",
            "What is the name of my daughter's teacher?",
            ("lindqvist",),
        ),
        Fact("I take my coffee with oat milk.", "How do I take my coffee?", ("oat",)),
        Fact(
            "The bins are collected on Thursday.",
            "On which day are the bins collected?",
            ("thursday",),
        ),
        Fact("My favourite colour is turquoise.", "What is my favourite colour?", ("turquoise",)),
        Fact("I work as a bookbinder.", "What is my job?", ("bookbind",)),
        Fact("Our anniversary is on 14 June.", "When is our anniversary?", ("june",)),
        Fact("I wear size 43 shoes.", "What is my shoe size?", ("43",)),
        Fact(
            "My brother Tom is training to be a pilot.",
            "What is my brother training to be?",
            ("pilot",),
        ),
        Fact(
            "We are going to Portugal in August.", "Where are we going on holiday?", ("portugal",)
        ),
        Fact(
            "I'm reading a novel about whales.",
            "What is the novel about that I am reading?",
            ("whale",),
        ),
        Fact(
            "My grandmother's soup needs a pinch of nutmeg.",
            "What does my grandmother's soup need?",
            ("nutmeg",),
        ),
        Fact(
            "The fuse box is behind the coats in the hallway.",
            "Where is the fuse box?",
            ("coats", "hallway"),
        ),
    ),
    (
        FollowUp(
            ("My aunt Rosa lives in Lisbon.", "Rosa works as a tailor."),
            "Where does my aunt Rosa live?",
            "And what does she do for a living?",
            ("tailor",),
        ),
        FollowUp(
            ("My bicycle was stolen at the station.", "The bicycle cost 400 pounds."),
            "Where was my bicycle stolen?",
            "How much did it cost?",
            ("400",),
        ),
        FollowUp(
            ("My son plays football on Saturdays.", "My niece plays tennis on Sundays."),
            "What does my son play?",
            "And my niece?",
            ("tennis",),
        ),
        FollowUp(
            ("Our car is at the garage because of the brakes.",),
            "Where is our car?",
            "Why is it there?",
            ("brake",),
        ),
        FollowUp(
            ("My boss is called Ingrid.", "Ingrid comes from Norway."),
            "What is my boss called?",
            "Where does she come from?",
            ("norway",),
        ),
        FollowUp(
            ("The plumber comes on Wednesday.", "The electrician comes on Friday."),
            "When does the plumber come?",
            "And the electrician?",
            ("friday",),
        ),
        FollowUp(
            ("I bought the sofa in Ghent.",),
            "Where did I buy the sofa?",
            "Sorry, where was that?",
            ("ghent",),
        ),
        FollowUp(
            ("My uncle Pavel keeps bees.", "Pavel has twelve hives."),
            "What does my uncle Pavel keep?",
            "How many hives does he have?",
            ("twelve", "12"),
        ),
        FollowUp(
            ("I met my friend Noor at university.", "Noor studied geology."),
            "Where did I meet Noor?",
            "What did she study?",
            ("geology",),
        ),
        FollowUp(
            ("The blue coat is at the cleaner's.", "The grey coat is in the attic."),
            "Where is the blue coat?",
            "And the grey one?",
            ("attic",),
        ),
        FollowUp(
            ("I lent my ladder to Mr Brandt.",),
            "Who did I lend my ladder to?",
            "Could you repeat that?",
            ("brandt",),
        ),
        FollowUp(
            ("My goddaughter is called Elif.", "Elif turned nine in May."),
            "What is my goddaughter called?",
            "How old is she?",
            ("nine", "9"),
        ),
    ),
)

SECOND = Half(
    (
        Fact("Our dog answers to Biscuit.", "What's the dog's name?", ("biscuit",)),
        Fact("I can't eat shellfish, it makes me ill.", "Which food makes me ill?", ("shellfish",)),
        Fact("Dr Marquez has been my doctor for ten years.", "Who is my doctor?", ("marquez",)),
        Fact(
            "I keep my stamps in the top drawer of the desk.",
            "Where do I keep my stamps?",
            ("drawer",),
        ),
        Fact("My parents have a house near Galway.", "Where do my parents live?", ("galway",)),
        Fact(
            "I cycle to work on a red Brompton.",
            "What kind of bicycle do I ride?",
            ("brompton",),
        ),
        Fact(
            "Choir practice starts at half past seven.",
            "What time does choir practice start?",
            ("seven", "7:30"),
        ),
        Fact("On Sundays I go climbing with Priya.", "Who do I go climbing with?", ("priya",)),
        Fact("My son is crazy about volcanoes.", "What is my son crazy about?", ("volcano",)),
        Fact(
            "I'd rather have peppermint tea than anything else in the evening.",
            "What do I like to drink in the evening?",
            ("peppermint",),
        ),
        Fact(
            "The library books have to be back by the twentieth.",
            "When do the library books have to be back?",
            ("twentieth", "20th"),
        ),
        Fact("I was born in Bergen.", "Where was I born?", ("bergen",)),
        Fact("My first job was in a bakery.", "What was my first job?", ("baker",)),
        Fact(
            "My wife's birthday is in November.",
            "In which month is my wife's birthday?",
            ("november",),
        ),
        Fact("We painted the kitchen yellow.", "What colour is the kitchen?", ("yellow",)),
        Fact(
            "My neighbour Hassan waters the plants when we are away.",
            "Who waters the plants when we are away?",
            ("hassan",),
        ),
        Fact("I'm saving up for a telescope.", "What am I saving up for?", ("telescope",)),
        Fact(
            "I broke my wrist skiing two winters ago.",
            "How did I break my wrist?",
            ("skiing", "skied"),
        ),
        Fact("Grandad taught me chess when I was six.", "What did Grandad teach me?", ("chess",)),
        Fact(
            "The boiler was last serviced in March.",
            "When was the boiler last serviced?",
            ("march",),
        ),
    ),
    (
        FollowUp(
            ("My cousin Jonas moved to Zurich.", "Jonas teaches mathematics."),
            "Where did my cousin Jonas move?",
            "What does he teach?",
            ("math",),
        ),
        FollowUp(
            ("My guitar is a Gibson.", "I bought the guitar from Leo."),
            "What make is my guitar?",
            "Who did I buy it from?",
            ("leo",),
        ),
        FollowUp(
            ("My mother likes tulips.", "My mother-in-law likes orchids."),
            "Which flowers does my mother like?",
            "And my mother-in-law?",
            ("orchid",),
        ),
        FollowUp(
            ("I quit the gym because the music was too loud.",),
            "What did I quit?",
            "And why?",
            ("music", "loud"),
        ),
        FollowUp(
            ("Our landlord is Mr Petrov.", "Mr Petrov can be reached in the morning."),
            "Who is our landlord?",
            "When can he be reached?",
            ("morning",),
        ),
        FollowUp(
            ("The post office closes at six.", "The pharmacy closes at nine."),
            "When does the post office close?",
            "What about the pharmacy?",
            ("nine", "9"),
        ),
        FollowUp(
            ("I parked on level three.",),
            "On which level did I park?",
            "Say that again, please.",
            ("three", "3"),
        ),
        FollowUp(
            ("My nephew Emil collects coins.", "Emil's best coin is from Malta."),
            "What does my nephew Emil collect?",
            "Where is his best one from?",
            ("malta",),
        ),
        FollowUp(
            ("I proposed to Anna on a ferry.", "Anna wore a yellow raincoat."),
            "Where did I propose to Anna?",
            "What did she wear?",
            ("raincoat",),
        ),
        FollowUp(
            ("The red folder holds the taxes.", "The black folder holds the recipes."),
            "What does the red folder hold?",
            "And the black one?",
            ("recipe",),
        ),
        FollowUp(
            ("I left my umbrella on the tram.",),
            "Where did I leave my umbrella?",
            "Where was it again?",
            ("tram",),
        ),
        FollowUp(
            ("My flatmate is called Sven.", "Sven works nights at the airport."),
            "What is my flatmate called?",
            "Where does he work?",
            ("airport",),
        ),
        FollowUp(
            ("The cottage is near Inverness.", "The cottage sleeps seven people."),
            "Where is the cottage?",
            "How many people does it sleep?",
            ("seven", "7"),
        ),
        FollowUp(
            ("My sister Maja married a sailor.", "Maja married in Naples."),
            "Who did my sister Maja marry?",
            "Where was that?",
            ("naples",),
        ),
        FollowUp(
            ("I take vitamin D in winter.",),
            "Which vitamin do I take?",
            "When?",
            ("winter",),
        ),
        FollowUp(
            ("On Mondays I swim.", "On Tuesdays I have pottery class."),
            "What do I do on Mondays?",
            "And on Tuesdays?",
            ("pottery",),
        ),
        FollowUp(
            ("Our parrot is called Figo.", "Figo is 31 years old."),
            "What is our parrot called?",
            "And how old is he?",
            ("31",),
        ),
        FollowUp(
            ("My oldest friend is Ravi.", "Ravi runs a cinema."),
            "Who is my oldest friend?",
            "What does he run?",
            ("cinema",),
        ),
        FollowUp(
            ("I want to learn Finnish because my grandfather spoke it.",),
            "Which language do I want to learn?",
            "For what reason?",
            ("grandfather",),
        ),
        FollowUp(
            ("The meeting with the bank is in Utrecht.", "The meeting with the bank is at noon."),
            "Where is the meeting with the bank?",
            "And at what time?",
            ("noon", "12"),
        ),
    ),
)

HALVES = {"first": FIRST, "second": SECOND}
