"""A signature counts for one purpose, one task and one key; a secret key does not slip out."""

import copy
import pickle

import pytest

from homeward_federated import WrongSigner
from homeward_federated.secure_aggregation.identity import (
    SigningKey,
    certify,
    check_certificate,
    verify,
)


def test_a_certificate_admits_one_device_to_one_task() -> None:
    authority, device = SigningKey.generate(), SigningKey.generate()
    certificate = certify(authority, task="taste", device=device.public)
    check_certificate(authority.public, certificate, task="taste", device=device.public)
    for wrong in (
        {"task": "other", "device": device.public},
        {"task": "taste", "device": authority.public},
    ):
        with pytest.raises(WrongSigner, match="certificate"):
            check_certificate(authority.public, certificate, **wrong)  # type: ignore[arg-type]
    with pytest.raises(WrongSigner):
        check_certificate(device.public, certificate, task="taste", device=device.public)


def test_a_signature_for_one_purpose_is_none_for_another() -> None:
    key = SigningKey.generate()
    signature = key.sign(b"one\0", b"data")
    with pytest.raises(WrongSigner, match="the thing"):
        verify(key.public, signature, prefix=b"other\0", data=b"data", what="the thing")


def test_a_key_that_is_no_key_signs_nothing() -> None:
    with pytest.raises(WrongSigner):
        verify(b"short", bytes(64), prefix=b"", data=b"", what="it")


def test_a_secret_key_leaves_only_when_asked() -> None:
    key = SigningKey.generate()
    assert key.expose().hex() not in repr(key)
    assert SigningKey.from_secret(key.expose()).public == key.public
    for leak in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="pickled"):
            leak(key)
