"""inspect, strip and verify; formats."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from candela_engines.colour.names import NAMED
from candela_engines.itm import payload as payload_format
from candela_engines.itm.carriers import embed_payload, read_payload, strip_payload
from candela_engines.itm.reel import encode_reel
from candela_engines.media import write_hdr, write_sdr_png

from .conftest import Candela
from .pictures import Pair


def test_inspect(candela: Candela, carrying: Path) -> None:
    seen = candela("inspect", carrying, "--json").json
    data = read_payload(carrying)
    assert seen["payload_bytes"] == len(data) == sum(seen["parts_bytes"].values())
    ((start, end),) = seen["payload_at_bytes"]
    assert data in carrying.read_bytes()[start:end]
    assert seen["carrier"] == "png" and seen["copies"] == 1
    assert (seen["width_px"], seen["height_px"], seen["sdr_bits"]) == (96, 64, 8)
    assert seen["sdr_colour"]["name"] == "rec709" and seen["hdr_colour"]["name"] == "linear-rec2020"
    assert seen["picture"] == "same" and seen["provenance"] == "fitted"
    assert seen["model"] == "default" and seen["architecture"]["domain"] in ("pq", "gain")


def test_inspect_for_people(candela: Candela, carrying: Path) -> None:
    out = candela("inspect", carrying).out
    for part in ("96x64", "rec709", "linear-rec2020", "PU-PSNR", "ΔE_ITP", "network", "the picture that it"):
        assert part in out


def test_inspect_nothing(candela: Candela, pair: Pair) -> None:
    assert candela("inspect", pair.sdr).code == 2


def test_inspect_a_bare_payload_file(candela: Candela, carrying: Path, tmp_path: Path) -> None:
    embed_payload(carrying, tmp_path / "x.png", read_payload(carrying), carrier="sidecar")
    (tmp_path / "x.png").unlink()
    seen = candela("inspect", tmp_path / "x.png.candela", "--json")
    assert seen.code == 0 and seen.json["picture"] == "not checked"


def test_inspect_marks_figures_of_another_picture(
    candela: Candela, carrying: Path, pair: Pair, tmp_path: Path
) -> None:
    assert candela("inspect", carrying, "--json").json["fidelity_holds"] is True
    assert "original picture" not in candela("inspect", carrying).out
    graded = tmp_path / "graded.png"
    write_sdr_png(graded, pair.codes // 2 * 2, state=NAMED["rec709"])
    embed_payload(graded, graded, read_payload(carrying))
    assert candela("inspect", graded, "--json").json["fidelity_holds"] is False
    line = next(line for line in candela("inspect", graded).out.splitlines() if "PU-PSNR" in line)
    assert line.endswith("of the original picture and not of this one")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("notes.txt", "Grüße vom Set\n".encode() * 60, "is text"),
        ("a.pdf", b"%PDF-1.7\n\x80\x81", "a PDF document"),
        ("a.webp", b"RIFF\x24\0\0\0WEBPVP8 ", "a WebP"),
        ("a.bin", bytes(range(7, 200)), "does not know"),
        ("a.png", b"", "empty"),
    ],
)
@pytest.mark.parametrize("command", ["inspect", "reconstruct", "verify"])
def test_what_is_no_picture_is_named(
    candela: Candela, tmp_path: Path, command: str, name: str, data: bytes, kind: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    said = candela(command, path, *(["-o", tmp_path / "o.exr"] if command == "reconstruct" else []))
    assert said.code == 2 and kind in said.err and "candela embed" not in said.err, said.err


def test_verify_speaks_of_no_option_that_it_lacks(
    candela: Candela, carrying: Path, pair: Pair, tmp_path: Path
) -> None:
    write_sdr_png(tmp_path / "graded.png", pair.codes // 2 * 2, state=NAMED["rec709"])
    embed_payload(tmp_path / "graded.png", tmp_path / "graded.png", read_payload(carrying))
    said = candela("verify", tmp_path / "graded.png", "--hdr", pair.hdr)
    assert said.code == 2 and "re-graded" in said.err and "--force" not in said.err
    assert all(f" {code} " in candela("verify", "--help").out for code in (0, 1, 2, 3))


def test_strip_is_byte_identical(candela: Candela, carrying: Path, pair: Pair, tmp_path: Path) -> None:
    said = candela("strip", carrying, "-o", tmp_path / "s.png", "--json")
    assert said.code == 0 and said.json["exact"] is None
    assert "cannot be known" in said.json["exact_text"] and said.json["notes"] == []
    assert (tmp_path / "s.png").read_bytes() == pair.sdr.read_bytes()
    assert said.json["removed_bytes"] == carrying.stat().st_size - pair.sdr.stat().st_size


def test_strip_in_place(candela: Candela, carrying: Path, pair: Pair) -> None:
    assert candela("strip", carrying, "-o", carrying).code == 0
    assert carrying.read_bytes() == pair.sdr.read_bytes()


def test_strip_after_another_program(candela: Candela, carrying: Path, pair: Pair, tmp_path: Path) -> None:
    """The chunk is kept, but moved: so the file was rewritten, and may not be what it was."""
    data, payload = carrying.read_bytes(), read_payload(carrying)
    at = data.index(payload) - 8
    chunk = data[at : at + len(payload) + 12]
    carrying.write_bytes(data[:33] + chunk + data[33:at] + data[at + len(chunk) :])
    said = candela("strip", carrying, "-o", tmp_path / "s.png", "--json")
    assert said.code == 0 and said.json["exact"] is False
    assert any("another program" in note for note in said.json["notes"])
    assert "another program" in candela("strip", carrying, "-o", tmp_path / "s.png").out


def test_strip_tells_of_sidecars(
    candela: Candela, carrying: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file beside the picture is easily overlooked, and serves the stripped picture as well."""
    monkeypatch.chdir(tmp_path)
    payload, plain = read_payload(carrying), tmp_path / "plain.png"
    strip_payload(carrying, plain)
    for name in ("a.png", "b.png"):
        embed_payload(plain, name, payload, carrier="sidecar")
    both = Path("a.png.candela").read_bytes()
    carrying.rename("a.png")
    said = candela("strip", "a.png", "-o", "b.png", "--json")
    assert said.code == 0 and Path("b.png").read_bytes() == plain.read_bytes()
    assert said.json["notes"] == [
        "a.png.candela stays there, and holds a payload",
        "b.png.candela, which held a payload, was removed",
    ]
    assert Path("a.png.candela").read_bytes() == both and not Path("b.png.candela").exists()
    said = candela("strip", "a.png", "-o", "a.png")
    assert "a.png.candela, which held a payload, was removed" in said.out
    assert not Path("a.png.candela").exists()


def test_strip_nothing(candela: Candela, pair: Pair, tmp_path: Path) -> None:
    said = candela("strip", pair.sdr, "-o", tmp_path / "s.png")
    assert said.code == 2 and not (tmp_path / "s.png").exists()


def test_verify_passes(candela: Candela, carrying: Path, pair: Pair) -> None:
    said = candela("verify", carrying, "--hdr", pair.hdr, "--min-psnr", 15, "--max-delta-e", 100, "--json")
    assert said.code == 0 and said.json["passed"] is True and said.json["findings"] == []
    assert said.json["measured"]["pu_psnr_db"] == pytest.approx(said.json["claimed"]["pu_psnr_db"], abs=0.01)


@pytest.mark.parametrize(
    ("limit", "code"), [(("--min-psnr", 99), "below-min-psnr"), (("--max-delta-e", 0), "above-max-delta-e")]
)
def test_a_missed_limit_is_a_finding(
    candela: Candela, carrying: Path, pair: Pair, limit: tuple[str, float], code: str
) -> None:
    said = candela("verify", carrying, "--hdr", pair.hdr, *limit, "--json")
    assert said.code == 1 and said.json["passed"] is False
    assert [finding["code"] for finding in said.json["findings"]] == [code]
    assert candela("verify", carrying, "--hdr", pair.hdr, *limit).out.endswith("fail\n")


def test_a_false_claim_is_a_finding(candela: Candela, carrying: Path, pair: Pair) -> None:
    from dataclasses import replace

    payload = payload_format.decode(read_payload(carrying))
    boasting = replace(payload.fidelity, pu_psnr=payload.fidelity.pu_psnr + 0.5)
    embed_payload(carrying, carrying, payload_format.encode(replace(payload, fidelity=boasting)))
    said = candela("verify", carrying, "--hdr", pair.hdr, "--json")
    assert said.code == 1
    assert [finding["code"] for finding in said.json["findings"]] == ["claim-differs"]


def test_another_master_is_a_finding(candela: Candela, carrying: Path, pair: Pair, tmp_path: Path) -> None:
    other = tmp_path / "other.exr"
    write_hdr(other, pair.nits * 1.5, encoding=NAMED["linear-rec2020"])
    assert candela("verify", carrying, "--hdr", other).code == 1


def test_verify_asks_for_the_state_of_an_untagged_master(
    candela: Candela, carrying: Path, pair: Pair, tmp_path: Path
) -> None:
    from .pictures import write_plain

    plain = write_plain(tmp_path / "plain.exr", pair.nits)
    said = candela("verify", carrying, "--hdr", plain)
    assert said.code == 2 and "--hdr-colour" in said.err and "linear-rec2020" in said.err
    assert candela("verify", carrying, "--hdr", plain, "--hdr-colour", "linear-rec2020").code == 0


def test_verify_without_a_master(candela: Candela, carrying: Path) -> None:
    said = candela("verify", carrying)
    assert said.code == 2 and "--hdr" in said.err


def test_formats(candela: Candela) -> None:
    said = candela("formats", "--json")
    assert said.code == 0
    assert ".exr" in said.json["written_bits"] and "png" in said.json["read"]
    assert "sidecar" in candela("formats").out or "anything else" in candela("formats").out


def test_formats_says_what_carries_reels(candela: Candela) -> None:
    holds = {c["name"]: c["holds"] for c in json.loads(candela("formats", "--json").out)["carriers"]}
    assert holds["exr"] == "payload" and holds["sidecar"] == "either"
    assert {name for name, held in holds.items() if held == "reel"} == {"mp4", "matroska"}


def test_a_movie_without_a_picture_is_named(candela: Candela, carrying: Path, tmp_path: Path) -> None:
    payload = payload_format.decode(read_payload(carrying))
    shots = [payload_format.encode(replace(payload, frames=frames)) for frames in ((0, 9), (10, 24))]
    movie = tmp_path / "movie.mov"
    movie.write_bytes(b"\0\0\0\x10moov" + bytes(8))
    embed_payload(movie, movie, encode_reel(shots))
    for call in (
        ("inspect", movie),
        ("reconstruct", movie, "-o", tmp_path / "out.####.exr"),
        ("verify", movie, "--hdr", carrying),
    ):
        said = candela(*call)
        assert said.code == 2
        assert "movie.mov" in said.err and "no video" in said.err


def numbers(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in numbers(inner, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for inner in value for found in numbers(inner, path)]
    return [(path, value)]


def test_json_has_bare_numbers(candela: Candela, carrying: Path, pair: Pair, tmp_path: Path) -> None:
    """No number hides in a string, no string is something like "12 dB", and nothing is NaN or Infinity."""
    for arguments in (
        ("inspect", carrying),
        ("verify", carrying, "--hdr", pair.hdr),
        ("reconstruct", carrying, "-o", tmp_path / "o.exr"),
        ("strip", carrying, "-o", tmp_path / "s.png"),
    ):
        said = candela(*arguments, "--json")
        document = json.loads(said.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        for path, value in numbers(document):
            last = path.rsplit(".", 1)[-1]
            if last.endswith(("_db", "_nits", "_px", "_bytes", "_seconds", "_samples", "_bits")):
                assert value is None or (isinstance(value, int | float) and not isinstance(value, bool)), path
            if isinstance(value, str):
                with pytest.raises(ValueError, match="could not convert"):
                    float(value if "hash" not in last else "x")
