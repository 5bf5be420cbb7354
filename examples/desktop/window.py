"""The window: what was said, a line to ask in, and a choice between two replies. No threads."""

from examples.desktop.thinking import CONSENT, Thinking
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from homeward import Reply


class Window(QWidget):
    """The one window, over an assistant that thinks elsewhere."""

    def __init__(self, thinking: Thinking) -> None:
        super().__init__(windowTitle="Homeward")
        self.resize(760, 640)
        self._thinking = thinking
        self._asked, self._drafts = "", list[tuple[QLabel, Reply]]()
        self.question, self.status = QLineEdit(placeholderText="Ask something"), QLabel()
        self.send, self.another = QPushButton("Send"), QPushButton("Another reply")
        self.first, self.second = QPushButton("Keep the first"), QPushButton("Keep the second")
        self.learn = QCheckBox(CONSENT)
        self.learn.setChecked(thinking.may_learn)
        self._lay_out()
        self._connect()
        self._offer(ask=True)

    def _lay_out(self) -> None:
        page, area = QWidget(), QScrollArea(widgetResizable=True)
        self._said = QVBoxLayout(page)
        self._said.setAlignment(Qt.AlignmentFlag.AlignTop)
        area.setWidget(page)
        bar = area.verticalScrollBar()
        bar.rangeChanged.connect(lambda _, end: bar.setValue(end))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 20)
        outer.setSpacing(12)
        outer.addWidget(area)
        choice = (self.first, self.second)
        for widgets in (
            choice,
            (self.question, self.send, self.another),
            (self.learn, self.status),
        ):
            row = QHBoxLayout()
            outer.addLayout(row)
            for widget in widgets:
                row.addWidget(widget)
        self.status.setAlignment(Qt.AlignmentFlag.AlignRight)

    def _connect(self) -> None:
        self.question.returnPressed.connect(self.ask)
        self.send.clicked.connect(self.ask)
        self.another.clicked.connect(self.answer_again)
        self.first.clicked.connect(lambda: self.keep(0))
        self.second.clicked.connect(lambda: self.keep(1))
        self.learn.toggled.connect(lambda agreed: self._thinking.learn(agreed=agreed))
        self._thinking.piece.connect(lambda text: self._reply.setText(self._reply.text() + text))
        self._thinking.replied.connect(self._replied)
        self._thinking.failed.connect(self._failed)
        self._thinking.learning.connect(self.status.setText)

    def ask(self) -> None:
        """Ask what stands in the line."""
        question = self.question.text().strip()
        if question and self.send.isEnabled():
            self._asked, self._drafts = question, []
            self.question.clear()
            self._say("person", question)
            self._await_reply()
            self._thinking.ask(question)

    def answer_again(self) -> None:
        """Ask for another reply; between two there is a choice."""
        self._await_reply()
        self._thinking.answer_again()

    def keep(self, number: int) -> None:
        """Choose the first (0) or the second (1) reply."""
        (_, kept), (label, left) = self._drafts[number], self._drafts[1 - number]
        label.setProperty("of", "left")
        label.style().polish(label)
        self._thinking.keep(self._asked, kept, left)
        self._offer(ask=True)

    def _await_reply(self) -> None:
        self._reply = self._say("assistant", "")
        self._offer()

    def _replied(self, reply: Reply) -> None:
        used = [memory.text for memory in reply.sources.memories]
        used += [f"{one.key}: {one.value}" for one in reply.sources.attributes]
        self._say("aside", f"Used: {' · '.join(used)}" if used else "Nothing of yours was used")
        self._drafts.append((self._reply, reply))
        first = len(self._drafts) == 1
        self._offer(ask=first, another=first, choose=not first)

    def _failed(self, why: str) -> None:
        self._say("aside", why)
        self._offer(ask=True)

    def _offer(self, *, ask: bool = False, another: bool = False, choose: bool = False) -> None:
        self.send.setEnabled(ask)
        self.another.setEnabled(another)
        self.first.setVisible(choose)
        self.second.setVisible(choose)

    def _say(self, of: str, text: str) -> QLabel:
        label = QLabel(text, wordWrap=True)
        label.setTextFormat(Qt.TextFormat.PlainText)  # a reply is no markup, whatever it says
        label.setProperty("of", of)
        self._said.addWidget(label)
        return label
