"""MaxCLL and MaxFALL in a coded picture, put in after it was encoded: only then they have been measured.

HEVC has them as SEI message 144 in a NAL unit of type 39 (ISO/IEC 23008-2 D.2.35), which is repeated in the
decoder configuration; AV1 as a metadata OBU of type 1 (AV1 5.8.2, 6.7.3) behind the sequence header.
"""

from __future__ import annotations

import struct

from candela_engines.errors import InfrastructureError
from candela_engines.media.mastering import ContentLight

__all__ = ["configuration_with_light", "picture_with_light"]

_PREFIX_SEI = 39
_FIRST_PICTURE, _LAST_PICTURE = 0, 31
_CONTENT_LIGHT_SEI = 144
_OBU_SEQUENCE, _OBU_METADATA = 1, 5
_METADATA_CLL = 1


def picture_with_light(packet: bytes, codec: str, light: ContentLight | None) -> bytes:
    """A key picture as MP4, MOV and Matroska hold it, with this content light instead of any that it has.

    codec: `hevc` (NAL units behind lengths of four bytes) or `av1`; others come back as they are.
    """
    if codec == "hevc":
        units = _units(packet)
        kept = [unit for unit in units if not _is_light_unit(unit)]
        if light is not None:
            first = next((i for i, u in enumerate(kept) if _kind(u) <= _LAST_PICTURE), len(kept))
            kept.insert(first, _light_unit(light))
        return b"".join(struct.pack(">I", len(unit)) + unit for unit in kept)
    if codec == "av1":
        return _obus_with_light(packet, light)
    return packet


def configuration_with_light(extradata: bytes, codec: str, light: ContentLight | None) -> bytes:
    """A decoder configuration: the arrays of an `hvcC` record; others come back as they are.

    Source: ISO/IEC 14496-15 §8.3.2.1.
    """
    if codec != "hevc" or len(extradata) < 23:
        return extradata
    arrays: list[tuple[int, list[bytes]]] = []
    at = 23
    for _ in range(extradata[22]):
        head, count = struct.unpack_from(">BH", extradata, at)
        at += 3
        units = []
        for _ in range(count):
            size = struct.unpack_from(">H", extradata, at)[0]
            units.append(extradata[at + 2 : at + 2 + size])
            at += 2 + size
        arrays.append((head, [unit for unit in units if not _is_light_unit(unit)]))
    if light is not None:
        array = next((units for head, units in arrays if head & 63 == _PREFIX_SEI), None)
        if array is None:
            arrays.append((_PREFIX_SEI, array := []))
        array.append(_light_unit(light))
    arrays = [(head, units) for head, units in arrays if units]
    out = extradata[:22] + bytes((len(arrays),))
    for head, units in arrays:
        out += struct.pack(">BH", head, len(units))
        out += b"".join(struct.pack(">H", len(unit)) + unit for unit in units)
    return out


def _kind(unit: bytes) -> int:
    return unit[0] >> 1 & 63 if unit else 63


def _units(packet: bytes) -> list[bytes]:
    units, at = [], 0
    while at < len(packet):
        size = int.from_bytes(packet[at : at + 4], "big")
        if at + 4 + size > len(packet):
            raise InfrastructureError("the encoder gave a picture whose units do not fill it")
        units.append(packet[at + 4 : at + 4 + size])
        at += 4 + size
    return units


def _is_light_unit(unit: bytes) -> bool:
    """Whether the unit is a message of content light and nothing else, as encoders write it."""
    return _kind(unit) == _PREFIX_SEI and len(unit) < 16 and unit[2:4] == bytes((_CONTENT_LIGHT_SEI, 4))


def _light_unit(light: ContentLight) -> bytes:
    message = bytes((_CONTENT_LIGHT_SEI, 4)) + light.to_box() + b"\x80"
    # A start code must not arise: 0 0 below 4 is broken up by a 3 (ISO/IEC 23008-2 §7.3.1.1).
    escaped, zeros = bytearray(), 0
    for value in message:
        if zeros >= 2 and value <= 3:
            escaped.append(3)
            zeros = 0
        escaped.append(value)
        zeros = zeros + 1 if value == 0 else 0
    return bytes((_PREFIX_SEI << 1, 1)) + bytes(escaped)


def _obus_with_light(packet: bytes, light: ContentLight | None) -> bytes:
    out, at, placed = bytearray(), 0, light is None
    while at < len(packet):
        head = packet[at]
        kind, extended, sized = head >> 3 & 15, head >> 2 & 1, head >> 1 & 1
        body = at + 1 + extended
        size = len(packet) - body
        if sized:
            size, body = _leb128(packet, body)
        end = body + size
        if end > len(packet):
            raise InfrastructureError("the encoder gave a picture whose units do not fill it")
        if not (kind == _OBU_METADATA and packet[body : body + 1] == bytes((_METADATA_CLL,))):
            out += packet[at:end]
        if kind == _OBU_SEQUENCE and not placed and light is not None:
            payload = bytes((_METADATA_CLL,)) + light.to_box() + b"\x80"
            out += bytes((_OBU_METADATA << 3 | 2, len(payload))) + payload
            placed = True
        at = end
    return bytes(out)


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 56, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if not byte & 128:
            return value, at
    raise InfrastructureError("the encoder gave a picture whose units have no length")
