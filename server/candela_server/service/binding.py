"""A payload and the picture it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from candela_engines.errors import MediaError, NoPayloadError, PayloadError, PictureMismatchError
from candela_engines.itm.carriers import Found, find_payload, sidecar_path
from candela_engines.itm.decode import Decoded, decode_payload
from candela_engines.itm.payload import Payload
from candela_engines.itm.reel import decode_reel, is_reel
from candela_engines.media import Still, picture_hash
from candela_engines.media.kinds import HEAD_BYTES, not_a_picture
from candela_engines.media.source import open_source, sniff

__all__ = ["Match", "compare", "demand_match", "load_payload", "mismatch_text"]

MatchKind = Literal["same", "altered", "resized"]


@dataclass(frozen=True)
class Match:
    """Whether a picture is the one of a payload.

    kind: `same`; `altered` for a picture of that size with other samples; `resized` for another size.
    """

    kind: MatchKind
    size: tuple[int, int]
    picture_hash: bytes


def load_payload(path: Path) -> tuple[Found, Decoded]:
    """The payload of a picture, in the file or beside it, checked and decoded.

    Raises NoPayloadError with advice, MediaError for a file that is no picture, CarrierError and PayloadError
    for what is damaged. A reel, which belongs to a movie, is a MediaError.
    """
    found = find_payload(path)
    if found is None:
        with open_source(path) as stream:
            head = stream.read(HEAD_BYTES)
        if sniff(head) is None:
            raise MediaError(
                f"{path}: {not_a_picture(head)}; nor is there a {sidecar_path(path).name} beside it"
            )
        raise NoPayloadError(
            f"{path}: carries no HDR, and there is no {sidecar_path(path).name} beside it. Another program "
            "may have dropped it on saving: take the file that embed wrote, or make one with "
            f"candela embed {path} --hdr MASTER -o OUT"
        )
    try:
        if is_reel(found.payload):
            reel = decode_reel(found.payload)
            first, last = reel.frames
            raise MediaError(
                f"{path}: is a movie with the HDR of {len(reel.shots)} shots (frames {first}..{last}), and "
                f"this works on one picture; candela shots {path} lists them"
            )
        return found, decode_payload(found.payload)
    except PayloadError as error:
        raise PayloadError(
            f"{found.path}: {error}; take the file as embed wrote it, or embed again"
        ) from error


def compare(payload: Payload, still: Still) -> Match:
    """Hold a picture against the payload: its size, then the hash of its samples."""
    if still.size != (payload.width, payload.height):
        return Match("resized", still.size, b"")
    digest = picture_hash(still)[: len(payload.picture_hash)]
    return Match("same" if digest == payload.picture_hash else "altered", still.size, digest)


def mismatch_text(payload: Payload, match: Match) -> str:
    """What happened to a picture that is not the payload's, in words."""
    (w, h), (pw, ph) = match.size, (payload.width, payload.height)
    if match.kind == "resized" and (w, h) == (ph, pw):
        return f"rotated: {w}x{h}, payload for {pw}x{ph}"
    if match.kind == "resized":
        return f"resized or cropped: {w}x{h}, payload for {pw}x{ph}"
    return (
        "re-graded or re-encoded: its samples are not those that the payload was made for "
        f"(hash {match.picture_hash.hex()[:12]}, payload for {payload.picture_hash.hex()[:12]})"
    )


def demand_match(path: Path, payload: Payload, still: Still, *, force: bool | None) -> Match:
    """The comparison; PictureMismatchError where the picture is another one.

    force: let a picture of the same size pass, which then comes out without any promise; None for a command
    that cannot be forced.
    """
    match = compare(payload, still)
    if match.kind == "same" or (force and match.kind == "altered"):
        return match
    advice = "Take the file that embed wrote, or embed again from this picture and its master"
    if match.kind == "altered" and force is not None:
        advice += "; --force renders it all the same, with no promise of fidelity"
    elif force:
        advice += "; --force cannot help where the size differs"
    raise PictureMismatchError(f"{path}: {mismatch_text(payload, match)}. {advice}")
