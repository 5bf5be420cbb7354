"""What a person does with an assistant, on the real models; the watch looks on from outside."""

import sys
import warnings
from pathlib import Path

import homeward
from homeward.engine_settings import EngineSettings
from homeward.learning.controls import Controls
from homeward_store import Category, Passphrase, Purpose, Selection, create_profile
from homeward_store.keys.key_derivation import FASTEST

UNLOCK = Passphrase("correct horse battery staple")
TEXT = "We walked along the harbour until the rain began, and then it was time for tea, number {}."


def main(home: Path) -> None:
    """Create, remember, ask, recall, learn for a few seconds, import, look over, and forget."""
    warnings.simplefilter("error")
    create_profile(home / "profiles" / "eve", unlock=[UNLOCK], cost=FASTEST).profile.close()
    settings = homeward.Settings(engine=EngineSettings(threads=1))
    with homeward.open("eve", unlock=UNLOCK, home=home, settings=settings) as me:
        me.remember("My cat is called Miso.")
        sampling = homeward.Sampling(temperature=0, max_tokens=12)
        print(me.ask("What is my cat called?", sampling=sampling).text)
        print(len(me.recall("What is my cat called?")), "recalled")
        me.profile.consent.grant(Purpose.LEARN, Category.WRITINGS, shown="May I learn?")
        for number in range(30):
            me.write(TEXT.format(number))
        print(me.learn(Controls(budget=4)).finished, "learned")
        print(me.forget(Selection(topic="Miso")).state)
        print(all(one.ok for one in me.profile.examine()), "in order")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
