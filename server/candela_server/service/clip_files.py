"""Numbered files out: names, buffers, and what every file says of its frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candela_engines import __version__
from candela_engines.itm.payload import Payload
from candela_engines.media import atomic_path, state_label, write_atomic
from candela_engines.media.clip import ClipInfo
from candela_engines.media.exr_frames import CONFIDENCE, ExrBuffer, ExrFrames
from candela_engines.media.light import LightLevels
from candela_engines.media.quantise import alpha_codes, integer_codes
from candela_engines.media.sequence import frame_path
from candela_engines.media.write_dpx import encode_dpx
from candela_engines.media.write_oiio import write_tiff
from candela_engines.media.write_png import encode_png
from candela_server.service.clip_render import Form, Rendered, Slot
from candela_server.service.clip_target import ClipTarget
from candela_server.service.levels import F32
from candela_server.service.timecodes import timecode_at

__all__ = ["FileOutput", "Written"]

_PLAIN = "0" * 32
Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Written:
    """One file. clipped_low, clipped_high: samples that its encoding could not hold."""

    path: Path
    bytes: int
    clipped_low: int = 0
    clipped_high: int = 0


@dataclass(eq=False)
class _ExrSlot(Slot):
    """payload: of the shot whose header the buffer has."""

    frames: ExrFrames
    exr: ExrBuffer
    payload: Payload | None


class FileOutput:
    """Writes frames as numbered files, each whole or not at all; `write` for several threads at once.

    renumber: what to add to a frame's number for its file's. planes: channels of .exr beside R, G and B.
    bare_text: what files say of frames that no network served.
    """

    def __init__(
        self,
        target: ClipTarget,
        info: ClipInfo,
        *,
        form: Form,
        renumber: int,
        planes: tuple[str, ...],
        bare_text: dict[str, str],
    ) -> None:
        self._target, self._info, self._form = target, info, form
        self._bare_text = bare_text
        self._renumber, self._planes = renumber, planes

    def path(self, number: int) -> Path:
        """Of the file of a frame."""
        return frame_path(self._target.out, number + self._renumber)

    def slot(self, before: Slot | None, payload: Payload | None) -> Slot:
        """A place for the network to write a frame of a shot to, out of the one `before` where that fits."""
        size = (self._info.height, self._info.width, 3)
        if self._target.suffix != ".exr":
            return before or Slot(np.empty(size, np.uint16 if self._form == "pq" else np.float32))
        if isinstance(before, _ExrSlot) and before.payload is payload:
            return before
        frames = self._exr(payload)
        buffer = frames.buffer()
        samples = buffer.rgb if self._form == "halves" else np.empty(size, np.float32)
        return _ExrSlot(samples, frames, buffer, payload)

    def write(self, rendered: Rendered, alpha: F32 | None, confidence: F32 | None) -> Written:
        """Write a frame that was measured. Raises InfrastructureError naming the file."""
        path, slot, levels = self.path(rendered.number), rendered.slot, rendered.levels
        assert levels is not None
        if isinstance(slot, _ExrSlot):
            if rendered.form == "nits":
                slot.exr.fill(np.asarray(slot.samples, np.float32), self._target.encoding)
            if "A" in slot.exr.planes:
                slot.exr.planes["A"][...] = 1 if alpha is None else alpha
            if CONFIDENCE in slot.exr.planes:
                slot.exr.planes[CONFIDENCE][...] = 1 if confidence is None else confidence
            size = slot.frames.write(
                path,
                slot.exr,
                max_cll=levels.max_cll,
                max_fall=levels.max_fall,
                timecode=self._timecode(rendered.number),
                text=self._own_text(rendered),
            )
            return Written(path, size)
        if rendered.form == "pq":
            codes: Codes = np.asarray(slot.samples, np.uint16)
            low = high = 0
        else:
            made = integer_codes(
                np.asarray(slot.samples, np.float32), self._target.encoding, self._target.bits
            )
            codes, low, high = made.codes, made.clipped_low, made.clipped_high
        size = self._write_codes(path, rendered, codes, alpha)
        return Written(path, size, low, high)

    def _write_codes(self, path: Path, rendered: Rendered, codes: Codes, alpha: F32 | None) -> int:
        target, levels = self._target, rendered.levels
        assert levels is not None
        light = LightLevels(levels.max_cll or None, levels.max_fall or None, target.target.mastering)
        if target.suffix == ".dpx":
            code = self._timecode(rendered.number)
            data = encode_dpx(
                *(codes.astype(np.uint16), target.encoding, target.bits, path),
                rate=self._info.rate,
                timecode=code,
            )
            return write_atomic(path, data)
        if alpha is not None:
            covered: Codes = np.empty((*codes.shape[:2], 4), codes.dtype)
            covered[:, :, :3], covered[:, :, 3] = codes, alpha_codes(alpha, target.bits)
            codes = covered
        text = self._text(rendered.payload) | self._own_text(rendered)
        if target.suffix == ".png":
            return write_atomic(path, encode_png(codes, target.encoding, levels=light, text=text))
        with atomic_path(path) as temporary:
            write_tiff(temporary, codes, target.encoding, levels=light, text=text, name=path)
            return temporary.stat().st_size

    def _exr(self, payload: Payload | None) -> ExrFrames:
        target, info = self._target, self._info
        return ExrFrames(
            info.height,
            info.width,
            target.encoding,
            bits=target.bits,
            compression=target.compression or "none",
            planes=self._planes,
            text=self._text(payload) | {"candela_picture": _PLAIN, "candela_forced": "0"},
            mastering_peak=target.target.mastering,
            rate=info.rate,
            timecode=info.timecode is not None,
        )

    def _timecode(self, number: int) -> str | None:
        return timecode_at(self._info.timecode, self._info.rate, number - self._info.first)

    def _own_text(self, rendered: Rendered) -> dict[str, str]:
        """What differs between frames, always of the same length."""
        source = rendered.source
        return {"candela_picture": source.digest.hex(), "candela_forced": str(int(source.altered))}

    def _text(self, payload: Payload | None) -> dict[str, str]:
        """What all frames of a shot say of themselves."""
        text = {"candela_version": __version__}
        if self._target.encoding.ocio_space is not None:
            text["colour_space"] = self._target.encoding.ocio_space
            if self._target.encoding.ocio_config:
                text["ocio_config"] = self._target.encoding.ocio_config
        if payload is None:
            return text | self._bare_text
        f = payload.fidelity
        text |= {
            "candela_model": payload.model,
            "candela_sdr_colour": state_label(payload.sdr),
            "candela_pu_psnr_db": f"{f.pu_psnr:.2f}",
            "candela_delta_e_itp_mean": f"{f.delta_e_mean:.2f}",
            "candela_provenance": payload.provenance,
        }
        if payload.frames is not None:
            text["candela_shot"] = f"{payload.frames[0]} to {payload.frames[1]}"
        if payload.sdr.ocio_config is not None:
            text["candela_sdr_ocio_config"] = payload.sdr.ocio_config
        return text
