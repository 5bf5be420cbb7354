"""This is the operator's end of Flower: the carrier of rounds and the app that a SuperLink runs."""

from homeward_federated.transport.flower_messages import MESSAGE_TYPE, unwrap, wrap

# isort: split
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from flwr.app import Context, Message
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp

from homeward_federated.errors import Malformed, ServerUnreachable
from homeward_federated.operator.folder import OperatorHome
from homeward_federated.operator.round_runner import run_rounds
from homeward_federated.transport.transport import Answer


class FlowerCarrier:
    """The server's end: Flower's Grid, polled faster than its own send-and-receive."""

    def __init__(self, grid: Grid, *, seconds: float) -> None:
        self._grid = grid
        self._seconds = seconds
        self._waiting: dict[str, int] = {}  # message id to node

    def nodes(self) -> Sequence[int]:
        """Return the nodes whose heartbeats arrive."""
        return list(self._grid.get_node_ids())

    def ask(self, questions: Mapping[int, bytes]) -> None:
        """Push a message to each node."""
        messages = [
            Message(wrap(data), node, MESSAGE_TYPE, ttl=self._seconds)
            for node, data in questions.items()
        ]
        keys = self._grid.push_messages(messages)
        self._waiting = {key: node for key, node in zip(keys, questions, strict=True) if key}

    def collect(self) -> Sequence[Answer]:
        """Pull the replies that arrived."""
        if not self._waiting:
            return []
        replies = list(self._grid.pull_messages(list(self._waiting)))
        answers = []
        for reply in replies:
            # A reply that Flower makes up, for a node that left, does not name the node.
            node = self._waiting.pop(reply.metadata.reply_to_message_id, None)
            if node is not None:
                answers.append(_read(reply, node))
        return answers


def _read(reply: Message, node: int) -> Answer:
    if reply.has_error():
        return Answer(node, None)
    try:
        return Answer(node, unwrap(reply.content))
    except Malformed:
        return Answer(node, None)


def wait_for_nodes(carrier: FlowerCarrier, least: int, *, seconds: float) -> None:
    """
    Return once `least` nodes are connected.

    Raises:
        ServerUnreachable: they are not, after `seconds`.
    """
    until = time.monotonic() + seconds
    while len(carrier.nodes()) < least:
        if time.monotonic() > until:
            raise ServerUnreachable(f"{len(carrier.nodes())} nodes connected, {least} needed")
        time.sleep(0.5)


def main(grid: Grid, context: Context) -> None:
    """Run the rounds that `homeward-federation round` asked for, from the operator's folder."""
    home = OperatorHome(Path(str(context.run_config["home"])))
    settings = home.settings()
    carrier = FlowerCarrier(grid, seconds=settings.patience)
    wait_for_nodes(carrier, settings.policy.min_cohort, seconds=settings.patience)
    run_rounds(home, carrier, count=int(str(context.run_config["rounds"])))


app = ServerApp()
app.main()(main)

# Flower wants one in every application. Homeward's devices never fetch it.
no_client = ClientApp()
