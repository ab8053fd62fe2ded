"""What the published networks cannot do, said before anything is fitted: their size is fixed."""

from __future__ import annotations

from candela_engines.errors import InputError
from candela_engines.itm import gamma_mlp, siren
from candela_engines.itm.payload import Fidelity, Payload, encode
from candela_server.service.outputs import Carriage
from candela_server.service.pictures import Master, Sdr

__all__ = ["check_published", "largest_payload"]

# The network's weights as half floats, and beside them the four normalisation numbers of `gamma`.
_STREAMS = {
    "paper": (bytes(siren.BYTES),),
    "gamma": (bytes(2 * gamma_mlp.PARAMETERS), bytes(16)),
}


def largest_payload(model: str, sdr: Sdr, master: Master) -> int:
    """Bytes that the payload of a published network takes at most; deflate may save a few percent."""
    width, height = sdr.still.size
    widest = Fidelity(655.34, 655.34, 655.34, 655.34, width, height)
    payload = Payload(
        model, width, height, sdr.still.bits, b"\xff" * 16, sdr.state, master.state, widest, (2,),
        _STREAMS[model],
    )  # fmt: skip
    return len(encode(payload))


def check_published(model: str, asked: int | None, carriage: Carriage, sdr: Sdr, master: Master) -> None:
    """Raise InputError for a published network that these pictures or this --bytes (`asked`) do not allow."""
    if model not in _STREAMS:
        return
    if model == "gamma" and sdr.state.range == "narrow":
        raise InputError(
            f"{sdr.still.path}: --model gamma is made for full-range SDR, and this is narrow; take "
            "--model default, or convert the picture"
        )
    needed = largest_payload(model, sdr, master) + carriage.overhead
    if asked is not None and asked < needed:
        raise InputError(
            f"--bytes {asked}: the {model} network has one size and takes up to {needed} in this file; leave "
            "--bytes out, or take --model default, which fits into what it is given"
        )
