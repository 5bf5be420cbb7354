"""
Flower's own SecAgg+, in this process, as the peer that Homeward's protocol is timed against.

Real clients and the real workflow of the installed flwr, joined by function calls; every client's
CPU time and the bytes of its replies are counted. Not used by anything but the comparison: see
docs/adr/0302-own-aggregation-protocol.md for why.
"""

import copy
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import numpy as np
from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.client.mod import secaggplus_mod
from flwr.clientapp import ClientApp
from flwr.common import Code, FitRes, Status, ndarrays_to_parameters
from flwr.compat.common import recorddict_compat
from flwr.server import LegacyContext
from flwr.server.client_proxy import ClientProxy
from flwr.server.strategy import FedAvg
from flwr.server.workflow import SecAggPlusWorkflow
from flwr.server.workflow.constant import MAIN_CONFIGS_RECORD, MAIN_PARAMS_RECORD, Key
from flwr.serverapp import Grid, ServerApp
from flwr.supercore.task_identity import TaskIdentity

logging.getLogger("flwr").setLevel(logging.ERROR)


class Proxy(ClientProxy):
    """A name in the client manager; nothing is ever called on it."""

    def __init__(self, node_id: int) -> None:
        super().__init__(str(node_id))
        self.node_id = node_id

    def _never(self, *_: object, **__: object) -> Any:  # noqa: ANN401
        raise NotImplementedError

    get_properties = get_parameters = fit = evaluate = reconnect = _never


class LocalGrid(Grid):
    """Delivers each message to a client in this process, and counts."""

    def __init__(self, nodes: list[int], vector: np.ndarray) -> None:
        self.nodes, self.vector = nodes, vector
        self.contexts = {n: Context(0, n, {}, RecordDict(), {}) for n in nodes}
        self.cpu: dict[int, float] = defaultdict(float)
        self.up: dict[int, int] = defaultdict(int)

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        """Deliver messages one after the other."""
        del timeout
        return [self._deliver(message) for message in messages]

    def _deliver(self, message: Message) -> Message:
        node = message.metadata.dst_node_id
        message = copy.deepcopy(message)  # the workflow gives all clients one content object
        begun = time.process_time()
        reply = secaggplus_mod(message, self.contexts[node], self._fit)
        self.cpu[node] += time.process_time() - begun
        self.up[node] += sum(_size(record) for record in reply.content.values())
        reply.metadata.__dict__["_src_node_id"] = node
        return reply

    def _fit(self, message: Message, _: Context) -> Message:
        parameters = ndarrays_to_parameters([self.vector])
        result = FitRes(Status(Code.OK, ""), parameters, 1, {})
        return Message(
            recorddict_compat.fitres_to_recorddict(result, keep_input=False), reply_to=message
        )

    def _unused(self, *_: object, **__: object) -> Any:  # noqa: ANN401
        raise NotImplementedError

    set_run = create_message = get_node_ids = get_nodes = push_messages = pull_messages = _unused

    @property
    def run(self) -> Any:  # noqa: ANN401
        """Flower's run; nothing asks for it."""
        raise NotImplementedError


def _size(record: Mapping[str, Any]) -> int:
    """Bytes of a record's values, without Flower's framing: favours the peer."""
    flat = [
        item
        for value in record.values()
        for item in (value if isinstance(value, list) else [value])
    ]
    return sum(len(getattr(item, "data", item)) if not _is_scalar(item) else 8 for item in flat)


def _is_scalar(item: object) -> bool:
    return isinstance(item, int | float | bool)


def run(count: int, size: int) -> tuple[float, float, float]:
    """Return median client CPU seconds, server CPU seconds, median kilobytes up."""
    TaskIdentity.run_id, TaskIdentity.node_id, TaskIdentity.task_id = 1, 1, 1
    nodes = list(range(1001, 1001 + count))
    vector = np.full(size, 0.01, np.float32)
    strategy = FedAvg(
        fraction_fit=1.0,
        min_fit_clients=count,
        min_available_clients=count,
        fit_metrics_aggregation_fn=lambda _: {},
    )
    context = LegacyContext(Context(0, 0, {}, RecordDict(), {}), strategy=strategy)
    for node in nodes:
        context.client_manager.register(Proxy(node))
    context.state[MAIN_PARAMS_RECORD] = recorddict_compat.parameters_to_arrayrecord(
        ndarrays_to_parameters([vector]), keep_input=True
    )
    context.state[MAIN_CONFIGS_RECORD] = ConfigRecord({Key.CURRENT_ROUND: 1})
    grid = LocalGrid(nodes, vector)
    begun = time.process_time()
    SecAggPlusWorkflow(1.0, 2 / 3, max_weight=1.0, clipping_range=1.0)(grid, context)
    whole = time.process_time() - begun
    clients = list(grid.cpu.values())
    return (
        float(np.median(clients)),
        whole - sum(clients),
        float(np.median(list(grid.up.values()))) / 1000,
    )


def simulate(nodes: int, device: Callable[[int], bytes]) -> list[bytes]:
    """Ask every node of Flower's simulation engine once; node `i` answers `device(i)`."""
    from flwr.simulation import run_simulation  # noqa: PLC0415  # wants ray

    client, server = ClientApp(), ServerApp()
    answers: list[bytes] = []

    def answer(message: Message, context: Context) -> Message:
        data = device(int(str(context.node_config["partition-id"])))
        return Message(RecordDict({"sum": ConfigRecord({"quanta": data})}), reply_to=message)

    def ask(grid: Grid, _: Context) -> None:
        while len(found := list(grid.get_node_ids())) < nodes:
            time.sleep(0.1)
        asked = [Message(RecordDict(), node, "query") for node in found]
        replies = grid.send_and_receive(asked)
        answers.extend(cast("bytes", reply.content["sum"]["quanta"]) for reply in replies)

    client.query()(answer)  # called, since checks run without Flower and its types
    server.main()(ask)
    cpus: Any = {"client_resources": {"num_cpus": 1}, "init_args": {"num_cpus": 1}}
    run_simulation(server, client, nodes, backend_config=cpus)
    return answers
