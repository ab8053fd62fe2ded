"""Results in words, one fact a line."""

from __future__ import annotations

from collections.abc import Iterator

from candela_engines.itm.payload import Fidelity
from candela_engines.itm.quality import TILE
from candela_engines.media import state_label
from candela_server.cli.lines import CARRIERS as _CARRIERS
from candela_server.cli.lines import db
from candela_server.cli.lines import line as _line
from candela_server.cli.lines import notes as _notes
from candela_server.service import (
    EmbedResult,
    ExportTritonResult,
    InspectResult,
    ReconstructResult,
    RuntimeResult,
    StripResult,
    VerifyResult,
)
from candela_server.service.formats import FormatsResult

__all__ = [
    "db",
    "embed_measured",
    "embed_written",
    "exported",
    "format_lists",
    "inspected",
    "reconstructed",
    "runtime",
    "stripped",
    "verified",
]

_OF = {
    "altered": ", of the original picture and not of this one",
    "resized": ", of the original picture and not of this one",
    "not checked": ", of the picture that it was made for",
}


def _fidelity(f: Fidelity, of: str = "") -> Iterator[str]:
    yield _line("PU-PSNR", f"{db(f.pu_psnr)} (peak 256){of}")
    yield _line("ΔE_ITP", f"{f.delta_e_mean:.2f} mean, {f.delta_e_p99:.2f} at the 99th percentile")
    yield _line(
        "worst tile", f"{db(f.worst_pu_psnr)} in the {TILE}x{TILE} at x={f.worst_left}, y={f.worst_top}"
    )


def embed_measured(r: EmbedResult) -> Iterator[str]:
    """What embedding found, before it writes."""
    yield _line("SDR", f"{r.sdr}, {r.width}x{r.height}, {r.bits} bit, {state_label(r.sdr_state)}")
    yield _line("HDR", f"{r.hdr}, {state_label(r.hdr_state)}")
    yield from _notes(r.notes)
    yield from _fidelity(r.fidelity)
    yield _line("payload", f"{r.payload_bytes:,} bytes, {r.model}, fitted in {r.seconds:.1f} s")


def embed_written(r: EmbedResult) -> Iterator[str]:
    """Where embedding wrote."""
    if r.written is None:
        yield _line("written", "nothing: this was a dry run")
        return
    how = "replaces the payload that was there; " if r.replaced else ""
    carrier = _CARRIERS.get(r.carrier, r.carrier)
    if r.carrier != "sidecar":
        yield _line("written", f"{r.written} ({how}{r.growth_bytes:,} bytes more than the SDR; {carrier})")
        return
    yield _line("written", f"{r.out} (the SDR as it was, byte for byte)")
    yield _line("", f"{r.written} ({how}{r.growth_bytes:,} bytes; {carrier})")


def reconstructed(r: ReconstructResult) -> Iterator[str]:
    """What was reconstructed."""
    what = "Ultra HDR: SDR base and gain map" if r.encoding is None else state_label(r.encoding)
    yield _line("written", f"{r.out}, {r.payload.width}x{r.payload.height}, {r.report.bits} bit, {what}")
    if r.levels is not None:
        yield _line("light", f"MaxCLL {r.levels.max_cll:.1f} nit, MaxFALL {r.levels.max_fall:.1f} nit")
        yield from _promised(r)
    total = 3 * r.payload.width * r.payload.height
    short = "an Ultra HDR JPEG on this SDR base" if r.encoding is None else what
    for count, where in (
        (r.report.clipped_high, f"above what {short} holds"),
        (r.report.clipped_low, f"outside the gamut of {short}"),
    ):
        if count:
            yield _line("clipped", f"{count:,} samples ({100 * count / total:.2g} %) are {where}")
    yield from _notes(r.notes)


def _promised(r: ReconstructResult) -> Iterator[str]:
    if r.forced:
        yield _line("fidelity", "unknown: the picture is not the one that the payload was made for")
        return
    f = r.payload.fidelity
    then = "at embedding" if r.rolled_off_from is None else "at embedding, before the roll-off"
    yield _line("fidelity", f"PU-PSNR {db(f.pu_psnr)}, ΔE_ITP {f.delta_e_mean:.2f}, measured {then}")


def inspected(r: InspectResult) -> Iterator[str]:
    """What is inside."""
    p = r.payload
    where = _CARRIERS.get(r.found.carrier, r.found.carrier)
    at = ", ".join(f"{span.start:,}..{span.end:,}" for span in r.found.spans)
    copies = f", {r.found.copies} copies" if r.found.copies > 1 else ""
    yield _line("file", f"{r.found.path}, {where}, bytes {at}{copies}")
    yield _line("picture", f"{p.width}x{p.height}, {p.bits} bit, hash {p.picture_hash.hex()[:12]}")
    yield _line("", r.picture_text)
    yield _line("SDR", state_label(p.sdr))
    yield _line("HDR", state_label(p.hdr))
    if p.sdr.ocio_config is not None:
        yield _line("OCIO config", f"{p.sdr.ocio_config}, of the SDR: needed to reconstruct")
    if p.hdr.ocio_config is not None:
        yield _line("OCIO config", f"{p.hdr.ocio_config}, of the HDR master")
    to = ", to the up-conversion that it was distilled from" if p.provenance == "distilled" else ""
    yield from _fidelity(p.fidelity, to + _OF.get(r.picture, ""))
    parts = ", ".join(f"{name} {size:,}" for name, size in r.parts.items())
    yield _line("payload", f"{len(r.found.payload):,} bytes: {parts}")
    yield _line("model", f"{p.model}, {_architecture(r.architecture)}")
    made = {"fitted": "fitted to an HDR master", "distilled": "distilled, without an HDR master"}
    frames = "" if p.frames is None else f", frames {p.frames[0]} to {p.frames[1]}"
    yield _line("provenance", f"{made.get(p.provenance, p.provenance)}, payload version {p.version}{frames}")


def runtime(r: RuntimeResult) -> Iterator[str]:
    """What computes, here."""
    yield _line("native code", r.native)
    yield _line("streams", r.streams)
    yield _line("network", r.network)
    yield _line("ONNX Runtime", r.onnx_runtime)
    yield _line("ONNX engines", r.provider)
    yield _line("versions", ", ".join(f"{name} {number}" for name, number in r.versions.items()))


def _architecture(a: dict[str, int | str]) -> str:
    if "domain" not in a:
        return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in a.items())
    words = (
        f"domain {a['domain']}, {a['hidden_layers']} hidden x {a['hidden_width']}, "
        f"{a['inputs']} inputs, {a['weights']:,} weights of {a['weight_bits']} bit"
    )
    if a["plane_channels"]:
        words += f", guide plane {a['plane_width_px']}x{a['plane_height_px']}x{a['plane_channels']}"
    return words


def stripped(r: StripResult) -> Iterator[str]:
    """What was stripped."""
    yield _line("written", f"{r.out}, {r.out_bytes:,} bytes")
    yield _line("removed", f"{r.removed_bytes:,} bytes ({_CARRIERS.get(r.carrier, r.carrier)})")
    yield _line("other bytes", r.exact_text)
    yield from _notes(r.notes)


def verified(r: VerifyResult) -> Iterator[str]:
    """How a file stood up to its master."""
    yield _line("HDR", str(r.hdr))
    yield from _notes(r.notes)
    yield from _fidelity(r.measured)
    yield _line("claimed", f"{db(r.claimed.pu_psnr)}, ΔE_ITP {r.claimed.delta_e_mean:.2f} mean")
    for finding in r.findings:
        yield _line("finding", finding.text)
    yield _line("result", "pass" if r.passed else "fail")


def exported(r: ExportTritonResult) -> Iterator[str]:
    """What was written for another server."""
    yield _line("written", f"{r.folder}{', for TensorRT' if r.tensorrt else ''}")
    for number, engine in enumerate(r.engines):
        what = f"{engine.name} {engine.version}, SHA-256 {engine.sha256[:12]}"
        yield _line("" if number else "engines", what)


def format_lists(r: FormatsResult) -> Iterator[str]:
    """What can be read, written and carried."""
    yield _line("read", ", ".join(r.read))
    depths: dict[str, list[str]] = {}
    for suffix, bits in r.written.items():
        depths.setdefault(_depth(suffix, bits), []).append(suffix)
    for number, (depth, suffixes) in enumerate(depths.items()):
        yield _line("" if number else "written", f"{', '.join(suffixes)}: {depth}")
    for number, carrier in enumerate(r.carriers):
        kinds = ", ".join(carrier.formats)
        more = "" if number else " on top of the payload"
        yield _line("" if number else "carried in", f"{kinds}: {carrier.overhead}{more}")
    yield _line("colours", ", ".join(r.colours) + ", and any colour space of the OCIO config")


def _depth(suffix: str, bits: tuple[int, ...]) -> str:
    """How deep a format is written, its default first."""
    if suffix in (".jpg", ".jpeg"):
        return "Ultra HDR, an 8-bit SDR base and a gain map"
    words = " or ".join(filter(None, [", ".join(map(str, bits[:-1])), str(bits[-1])]))
    return f"{words} bit{' float' if suffix == '.exr' else ''}, the first by default"
