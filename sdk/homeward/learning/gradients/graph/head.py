"""Builds the model's head: last norm, vocabulary, log-probabilities and their gradients."""

from dataclasses import dataclass

from homeward.learning.gradients.architecture import Architecture
from homeward.learning.gradients.graph.pieces import rms_norm
from homeward.learning.gradients.graph.tape import Tape


@dataclass(frozen=True, slots=True)
class HeadGraphs:
    """
    Serialized ONNX models of the top.

    Shapes:
        h (n, width), targets (n, k) int64 → log_probabilities (n, k);
        with weights (n, k): also dh (n, width), the gradient of Σ weights · log_probabilities.
        likeliest (n, k) int64: the k likeliest tokens, and their log-probabilities.
    """

    forward: bytes
    backward: bytes
    likeliest: bytes


def build_head(arch: Architecture) -> HeadGraphs:
    """
    Write the top once and cut it for scoring, for learning and for soft targets.

    d(log p_t)/d(logits) is onehot(t) - p, so the gradient needs two products with the vocabulary
    matrix: Σ weights · rows of the targets, minus the total weight times p @ vocabulary. No
    (n, vocabulary) matrix but p itself is ever written.
    """
    tape = Tape()
    h = tape.input("h", ["n", arch.width])
    targets = tape.input("targets", ["n", "k"], integer=True)
    weights = tape.input("weights", ["n", "k"])
    vocabulary = tape.input("vocabulary", ["V", arch.width])
    normed, norm_back = rms_norm(
        tape, h, tape.input("output_norm", [arch.width]), epsilon=arch.epsilon
    )
    logits = tape.product(normed, vocabulary, b_turned=True, scale=arch.logit_scale)
    p = tape.op("Softmax", logits, axis=-1)
    # A probability below the smallest float would give -inf; -87 nats is as good as never.
    picked = tape.op("Max", tape.op("GatherElements", p, targets, axis=1), tape.real(1e-38))
    d_normed = _backward(tape, p, targets, weights, vocabulary)
    if arch.logit_scale != 1.0:
        d_normed = tape.op("Mul", d_normed, tape.real(arch.logit_scale))
    likeliest, tokens = tape.ops("TopK", p, tape.input("k", [1], integer=True), outputs=2)
    return HeadGraphs(
        forward=tape.cut({"log_probabilities": (logged := tape.op("Log", picked))}),
        backward=tape.cut({"log_probabilities": logged, "dh": norm_back(d_normed)}),
        likeliest=tape.cut({"log_probabilities": tape.op("Log", likeliest), "tokens": tokens}),
    )


def _backward(tape: Tape, p: str, targets: str, weights: str, vocabulary: str) -> str:
    rows = tape.op("Gather", vocabulary, targets, axis=0)  # (n, k, width)
    row_weights = tape.op("Unsqueeze", weights, tape.whole(1))  # (n, 1, k)
    toward = tape.op("Squeeze", tape.op("MatMul", row_weights, rows), tape.whole(1))
    total = tape.op("ReduceSum", weights, tape.whole(1), keepdims=1)
    away = tape.op("Mul", tape.op("MatMul", p, vocabulary), total)
    return tape.op("Sub", toward, away)
