"""One explicit list, which refuses duplicates; formats by content."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from candela_engines.errors import InputError
from candela_engines.itm.carriers import CARRIERS, HEAD_BYTES, carrier_for, embed_payload
from candela_engines.itm.carriers._registry import registry


def test_names_and_formats_are_unique() -> None:
    png, jpeg = CARRIERS["png"], CARRIERS["jpeg"]
    with pytest.raises(InputError, match="two carriers are called 'png'"):
        registry((png, replace(png, formats=())))
    with pytest.raises(InputError, match="carriers 'png' and 'jpeg' both claim PNG"):
        registry((png, replace(jpeg, formats=("PNG",))))


def test_descriptors_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        CARRIERS["png"].name = "gif"  # type: ignore[misc]
    with pytest.raises(TypeError):
        CARRIERS["gif"] = CARRIERS["png"]  # type: ignore[index]


def test_by_head_and_by_path(sample: Path) -> None:
    head = sample.read_bytes()[:HEAD_BYTES]
    assert carrier_for(head) is carrier_for(sample) is carrier_for(str(sample))
    claims = [carrier.name for carrier in CARRIERS.values() if carrier.recognise(head)]
    assert len(claims) <= 1
    assert carrier_for(b"") is carrier_for(b"GIF89a") is CARRIERS["sidecar"]


def test_unknown_names(make: Callable[[str], Path]) -> None:
    path = make("png")
    with pytest.raises(InputError, match="no carrier 'gif'; there are: png, jpeg, tiff, exr, dpx, isobmff"):
        embed_payload(path, path, b"x", carrier="gif")


def test_only_the_standard_library_is_needed() -> None:
    script = (
        "import sys, candela_engines.itm.carriers; "
        "print(sorted({'numpy', 'OpenImageIO', 'imagecodecs', 'PIL', 'av', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
