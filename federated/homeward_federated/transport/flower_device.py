"""
This is the device's end of a Flower connection.

Uses two modules that Flower does not promise to keep: tests/federated/transport/test_flower.py
checks their shape.
"""

from homeward_federated.transport.flower_messages import unwrap, wrap

# isort: split
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from flwr.app import Error, Message
from flwr.proto.message_pb2 import ObjectTree
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
from homeward_federated.transport.transport import Question

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
