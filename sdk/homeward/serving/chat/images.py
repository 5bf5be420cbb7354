"""Takes images out of requests: only what they hold themselves, since no address is called."""

import base64
import binascii
import re

from homeward.ports import ImageBytes
from homeward.serving.failures import Failure

MOST_IMAGES = 8  # in a request; each takes the model as long as a short reply
_DATA = re.compile(r"data:(image/[a-z0-9.+-]+);base64,", re.IGNORECASE)


def image_of(address: str, *, number: int, param: str) -> ImageBytes:
    """
    Return the image that a `data:` URL holds.

    Raises:
        Failure: it is another address, or holds no base64.
    """
    head = _DATA.match(address)
    if head is None:
        raise Failure(
            422,
            "unsupported_value",
            f"`{param}`: an image has to come as a data: URL with base64; this server fetches"
            " nothing from anywhere",
            param=param,
        )
    return from_base64(address[head.end() :], number=number, param=param)


def from_base64(text: str, *, number: int, param: str) -> ImageBytes:
    """
    Return the image whose bytes are written as base64.

    Raises:
        Failure: they are not, or there are too many images.
    """
    if number > MOST_IMAGES:
        raise Failure(
            422, "invalid_request", f"a request has at most {MOST_IMAGES} images", param=param
        )
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Failure(
            422, "invalid_request", f"`{param}` is not valid base64", param=param
        ) from None
    return ImageBytes(f"image {number}", content)
