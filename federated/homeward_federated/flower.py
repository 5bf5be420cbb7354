"""
Flower as the carrier: the only module that imports flwr.

Flower brings TLS, the register of nodes and the delivery of messages. It is not trusted with
anything: no code that a server ships is fetched or run, and Flower's own secure aggregation is not
used. Written against flwr 1.41.0; the device side uses two modules that Flower does not promise to
keep, so tests/federated/test_flower.py checks their shape.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

# Before flwr is imported: it reports each start to its makers, and looks for updates, otherwise.
os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
os.environ["FLWR_DISABLE_UPDATE_CHECK"] = "1"

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from flwr.app import ConfigRecord, Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.proto.message_pb2 import ObjectTree
from flwr.serverapp import Grid, ServerApp
from flwr.supercore.inflatable.inflatable_object import (
    get_all_nested_objects,
    get_object_tree,
    no_object_id_recompute,
)
from flwr.supercore.inflatable.inflatable_utils import (
    pull_and_inflate_object_from_tree,
)
from flwr.supercore.task_identity import TaskIdentity
from flwr.supernode.fleet_http_connection import http_request_response

from homeward_federated.errors import Malformed, ServerUnreachable
from homeward_federated.operating import OperatorHome
from homeward_federated.running import run_rounds
from homeward_federated.transport import Answer, Question

MESSAGE_TYPE = "query.homeward"
_RECORD, _ITEM = "homeward", "message"


def wrap(data: bytes) -> RecordDict:
    """Return Flower's container for one of our messages."""
    return RecordDict({_RECORD: ConfigRecord({_ITEM: data})})


def unwrap(content: RecordDict) -> bytes:
    """
    Return our message from Flower's container.

    Raises:
        Malformed: it holds anything else, or anything more.
    """
    if list(content) != [_RECORD] or not isinstance(record := content[_RECORD], ConfigRecord):
        raise Malformed("a Flower message with other records")
    if list(record) != [_ITEM] or not isinstance(data := record[_ITEM], bytes):
        raise Malformed("a Flower message with other items")
    return data


# node id, receive, send, get_run, get_fab, pull_object, push_object, confirm_received
Ends = tuple[
    int,
    Callable[[], tuple[Message, ObjectTree] | None],
    Callable[[Message, ObjectTree, float], tuple[set[str], str]],
    object,
    object,
    Callable[[int, str], bytes],
    Callable[[int, str, str, bytes], None],
    Callable[[int, str], None],
]


class FlowerLink:
    """The device's end of a SuperLink connection. Never asks for the server's application."""

    def __init__(self, ends: Ends) -> None:
        node_id, self._receive, self._send, _run, _application, pull, push, confirm = ends
        self._pull, self._push, self._confirm = pull, push, confirm
        # Flower stamps messages with the identity of the process's only task.
        TaskIdentity.node_id, TaskIdentity.task_id = node_id, 1

    def next(self) -> Question | None:
        """Return the next question that a SuperLink holds for this node."""
        waiting = self._receive()
        if waiting is None:
            return None
        envelope, tree = waiting
        run = envelope.metadata.run_id
        message = pull_and_inflate_object_from_tree(
            tree,
            lambda object_id: self._pull(run, object_id),
            lambda object_id: self._confirm(run, object_id),
            return_type=Message,
        )
        message.metadata.__dict__["_message_id"] = tree.object_id
        TaskIdentity.run_id = run
        question = Question(b"", message)
        try:
            return replace(question, data=unwrap(message.content))
        except Malformed:
            self.decline(question)
            return None

    def answer(self, question: Question, data: bytes) -> None:
        """Send the answer."""
        message = cast("Message", question.handle)
        self._reply(message.metadata.run_id, Message(wrap(data), reply_to=message))

    def decline(self, question: Question) -> None:
        """Send Flower's error reply, with no reason in it."""
        message = cast("Message", question.handle)
        error = Error(code=1, reason="declined")
        self._reply(message.metadata.run_id, Message(error, reply_to=message))

    def _reply(self, run: int, reply: Message) -> None:
        reply.metadata.__dict__["_message_id"] = reply.object_id
        with no_object_id_recompute():
            wanted, session = self._send(reply, get_object_tree(reply), 0.0)
            for object_id, item in get_all_nested_objects(reply).items():
                if object_id in wanted:
                    self._push(run, session, object_id, item.deflate())


@contextmanager
def connect(address: str, *, ca: bytes, node_key: bytes) -> Iterator[FlowerLink]:
    """
    Connect to a SuperLink over TLS as a registered node; heartbeats run while it lasts.

    Only for a process that may end: Flower stops it seconds after a refusal, whoever catches what.

    Raises:
        ServerUnreachable: it does not answer, is not who `ca` vouches for, or refuses the node.
    """
    failure: BaseException | None = None
    private = cast("ec.EllipticCurvePrivateKey", load_ssh_private_key(node_key, None))
    keys = (private, private.public_key())
    try:
        with http_request_response(address, False, ca, keys, 3, 30.0) as ends:  # noqa: FBT003
            try:
                yield FlowerLink(ends)
            except BaseException as error:  # noqa: BLE001  # Flower would log it and drop it
                failure = error
    except SystemExit as error:
        raise ServerUnreachable(f"the SuperLink at {address} refused this node") from error
    if failure is not None:
        raise failure


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
