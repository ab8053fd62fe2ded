"""The network that a file carries, for QC: whether it is sound and belongs to the picture it lies in."""

from __future__ import annotations

from pathlib import Path

from candela_engines.errors import CandelaError, NoPayloadError
from candela_engines.itm.carriers import find_payload
from candela_engines.itm.payload import Payload
from candela_engines.media import read_still
from candela_engines.media.clip import Clip
from candela_engines.qc.rule import NetworkFact
from candela_server.service.binding import compare, load_payload, mismatch_text
from candela_server.service.shot_binding import ShotCheck, carried_by, check_clip_size

__all__ = ["networks_of"]


def networks_of(clip: Clip, *, still: bool) -> tuple[NetworkFact, ...]:
    """None where there is no payload. Of every carried shot its first, middle and last frame are held
    against it.
    """
    info = clip.info
    try:
        if still:
            return _of_still(info.files[0])
        carried = carried_by(info)
        if carried is None:
            return ()
        check = ShotCheck(info, carried)
        facts = []
        for shot in carried.shots:
            trouble = None
            try:
                check_clip_size(info, shot)
                first, last = max(shot.first, info.first), min(shot.last, info.last)
                for number in sorted({first, (first + last) // 2, last} - set(info.missing)):
                    if check.matches(number, clip.frame(number).digest()) is False:
                        trouble = check.text(number)
                        break
            except CandelaError as error:
                trouble = str(error)
            distilled = _is_distilled(shot.payload)
            facts.append(NetworkFact(carried.carrier, shot.first, shot.last, trouble, distilled))
        return tuple(facts)
    except NoPayloadError:
        return ()
    except CandelaError as error:
        return (NetworkFact("", None, None, str(error)),)


def _of_still(path: Path) -> tuple[NetworkFact, ...]:
    if find_payload(path) is None:
        return ()
    found, decoded = load_payload(path)
    match = compare(decoded.payload, read_still(path))
    trouble = None if match.kind == "same" else mismatch_text(decoded.payload, match)
    return (NetworkFact(found.carrier, None, None, trouble, _is_distilled(decoded.payload)),)


def _is_distilled(payload: Payload) -> bool:
    return payload.provenance == "distilled"
