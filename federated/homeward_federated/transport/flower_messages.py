"""
Puts our messages into Flower's containers, after switching off what Flower does by itself.

Flower brings TLS, the register of nodes and the delivery of messages. It is not trusted with
anything: no code that a server ships is fetched or run, and Flower's own secure aggregation is not
used. Written against flwr 1.41.0.
"""

import os

# Before flwr is imported: it reports each start to its makers, and looks for updates, otherwise.
# So every module that imports flwr imports this one first.
os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
os.environ["FLWR_DISABLE_UPDATE_CHECK"] = "1"

from flwr.app import ConfigRecord, RecordDict

from homeward_federated.errors import Malformed

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
