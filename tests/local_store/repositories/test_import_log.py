"""What was imported is known again, and tells nothing of what it was to whoever reads the disk."""

import hashlib
import hmac

from homeward_store import Passphrase, Profile, Selection, open_profile
from homeward_store.database import pages
from homeward_store.folder import Folder
from homeward_store.keys import keyslots

DIGEST = hashlib.sha256(b"My PIN at the bank is four nine one two.").digest()


def raw_pages(profile: Profile, passphrase: Passphrase) -> bytes:
    """Every decrypted page and frame of a profile, as whoever has its key can read them."""
    folder = Folder(profile.path)
    file = keyslots.read(folder.keyslots)
    master, _ = keyslots.open_slot(file, passphrase)
    key = keyslots.unwrap_database_key(file, master)
    store = folder.store(file.epoch)
    log = store.with_name(f"{store.name}-wal")
    frames = pages.of_log(log, key) if log.exists() else iter(())
    return b"".join([*pages.of_database(store, key), *frames])


def key_of(profile: Profile) -> bytes:
    [(key,)] = profile._database.run("SELECT value FROM meta WHERE key = 'imported'")
    return bytes(key)


def test_no_bare_digest_is_on_the_disk(profile: Profile, passphrase: Passphrase) -> None:
    profile.imported.mark([DIGEST])

    assert profile.imported.seen([DIGEST, bytes(32)]) == {DIGEST}
    assert DIGEST not in raw_pages(profile, passphrase)
    assert hmac.digest(key_of(profile), DIGEST, "sha256") in raw_pages(profile, passphrase)


def test_forgetting_everything_destroys_the_marks_and_their_key(
    profile: Profile, passphrase: Passphrase
) -> None:
    profile.imported.mark([DIGEST])
    key = key_of(profile)

    profile.forget(Selection(everything=True))

    left = raw_pages(profile, passphrase)
    assert key not in left
    assert hmac.digest(key, DIGEST, "sha256") not in left
    assert profile.imported.seen([DIGEST]) == set()


def test_forgetting_a_part_keeps_it_from_coming_back(profile: Profile) -> None:
    profile.imported.mark([DIGEST])

    profile.forget(Selection(topic="bank"))

    assert profile.imported.seen([DIGEST]) == {DIGEST}


def test_bare_hashes_of_an_earlier_version_are_put_under_the_key(
    profile: Profile, passphrase: Passphrase
) -> None:
    profile._database.run("DELETE FROM meta WHERE key = 'imported'")
    profile._database.run("INSERT INTO imported(digest, at) VALUES(?, 7)", (DIGEST,))
    profile._database.checkpoint()
    assert DIGEST in raw_pages(profile, passphrase)
    profile.close()

    with open_profile(profile.path, unlock=passphrase) as again:
        assert again.imported.seen([DIGEST]) == {DIGEST}
        assert DIGEST not in raw_pages(again, passphrase)
