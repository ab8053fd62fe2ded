"""The client's environment in place of the sidecar's own, as far as it counts."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

__all__ = ["environment"]


@contextlib.contextmanager
def environment(ocio: str | None) -> Iterator[None]:
    """The client's $OCIO, empty for none, in place of ours; None leaves that. A worker has one task at a
    time."""
    if ocio is None:
        yield
        return
    before = os.environ.pop("OCIO", None)
    if ocio:
        os.environ["OCIO"] = ocio
    try:
        yield
    finally:
        os.environ.pop("OCIO", None)
        if before is not None:
            os.environ["OCIO"] = before
