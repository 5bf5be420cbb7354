"""What other programs wrote becomes the person's: exports, documents, mails, images, records."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from homeward.importing import Report, Taken, items_in, items_of, silent, take_in
from homeward.importing.intake import Noted
from homeward.importing.items import Caption
from homeward.importing.piped import pieces
from homeward.importing.reading.unicode_input import Bytes
from homeward.memory.writer import MemoryWriter
from homeward.personalization.attributes import PersonAttributes
from homeward_store import Origin, Profile
from homeward_store.archive.sealed_file import Seal
from homeward_store.typed import doors


@doors
class Imports:
    """
    Imports what other programs wrote, from files and from pipes.

    Guarantees:
        What is imported is read to its end before anything is written. An import that was killed
        resumes when it is started again. Importing the same again adds nothing and restores nothing
        that was forgotten, unless `again`.
    """

    def __init__(
        self,
        profile: Profile,
        writer: Callable[[], MemoryWriter],
        attributes: PersonAttributes,
        *,
        caption: Callable[[Path], Caption],
    ) -> None:
        self._profile = profile
        self._writer = writer  # not made before it is needed, since it loads the embedder
        self._attributes = attributes
        self._caption = caption

    def file(
        self,
        path: Path,
        *,
        mine: bool = False,
        i_am: str | None = None,
        text: str | None = None,
        again: bool = False,
        report: Report = silent,
    ) -> Taken:
        """
        Import chats, mails, notes and documents of other programs, from a file or a folder.

        Exchanges of another assistant become turns, in conversations of their own; all else becomes
        writings of lower trust (docs/how-to/import.md has a table of formats). `mine`: the person
        wrote them. `i_am`: the name by which the person writes in a chat with others, whose
        messages stay theirs. Of a folder, only what changed since last time is read. `text`: an
        image's caption or recognized text; without it, a language model that reads images describes
        the image, and the words count as the model's.

        Raises:
            CannotRead, UnknownFormat, ImportCorrupt: nothing was added.
            WriterUnknown: a chat with others, in which nobody writes by the name `i_am`.
            CannotSee: an image without `text`, and the model has no projector.
            ImageError: an image without `text` that the projector cannot read.
            ModelCorrupt, UnsupportedModel: the projector cannot be used with this model.
        """
        caption = cache(self._caption)  # items are read twice, an image is described once

        def seen(digest: bytes) -> bool:
            return not again and bool(self._profile.imported.seen([digest]))

        return take_in(
            self._profile,
            self._writer(),
            lambda: items_of(path, text=text, caption=caption, i_am=i_am, seen=seen),
            origin=Origin.PERSON if mine else Origin.DOCUMENT,
            again=again,
            report=report,
        )

    def file_of(
        self,
        folder: Path,
        name: str,
        *,
        origin: Origin,
        i_am: str | None,
        noted: Noted,
        report: Report = silent,
    ) -> Taken:
        """
        Import one file of a folder as importing the folder does; `noted` is told what came of it.

        A file that cannot be read is left out, and counted.
        """
        return take_in(
            self._profile,
            self._writer(),
            lambda: items_of(folder, i_am=i_am, only=name),
            origin=origin,
            report=report,
            noted=noted,
        )

    def stream(
        self,
        file: Bytes,
        *,
        name: str = "standard input",
        mine: bool = False,
        i_am: str | None = None,
        again: bool = False,
        report: Report = silent,
    ) -> Taken:
        """
        Import what comes through a pipe, as `file` does; its content tells the format.

        It is read once, into a file of the profile's folder that has no name, encrypted under a key
        that lies in memory only; the file is gone when this returns, and with the process. Images
        are not read from a pipe. `name` is what reports and titles call it.

        Raises:
            As `file`. CannotRead: it is longer than 4 GiB. StoreFull: there is no room.
        """
        with self._profile.spool(pieces(file, name=name)) as spool:
            return take_in(
                self._profile,
                self._writer(),
                lambda: items_in(spool.open(), name=name, i_am=i_am),
                origin=Origin.PERSON if mine else Origin.DOCUMENT,
                again=again,
                report=report,
            )

    def records(self, path: Path, *, seal: Seal) -> int:
        """
        Add the records of another profile's export, all or none; return their number.

        Guarantees:
            Attributes without tags get the tags of their words, as if they were set here.

        Raises:
            As `Profile.import_records`.
        """
        stored = self._profile.attributes
        with self._profile.transaction():
            before = {one.id for one in stored.all()}
            count = self._profile.import_records(path, seal=seal)
            for one in stored.all():
                if one.id not in before and not one.tags:
                    self._attributes.tag_by_words(one.key)
        return count
