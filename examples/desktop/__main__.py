"""
A desktop assistant: streams replies, offers two to choose from, learns in the background.

    pip install "homeward[desktop]" && python -m examples.desktop ada
"""

import sys
from pathlib import Path

from examples.desktop.thinking import Thinking
from examples.desktop.window import Window
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit

import homeward
from homeward import Passphrase, WrongSecret


def main() -> None:
    """Ask for the passphrase, open, show; all ends with the window."""
    application, person = QApplication(sys.argv), (sys.argv[1:] or ["me"])[0]
    application.setStyleSheet(Path(__file__).with_name("look.qss").read_text())
    asked, hidden = f"Passphrase of {person}", QLineEdit.EchoMode.Password
    typed, agreed = QInputDialog.getText(None, "Homeward", asked, hidden)
    if not agreed:
        return
    try:
        me = homeward.open(person, unlock=Passphrase(typed))
    except WrongSecret:
        sys.exit("That is not the passphrase.")
    with me:
        thinking = Thinking(me)
        window = Window(thinking)
        window.show()
        application.exec()
        thinking.end()


if __name__ == "__main__":
    main()
