"""Sequences written frame by frame and read back: samples, tags, time, keeping, and what a failure leaves."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest
from numpy.typing import NDArray

from candela_engines.colour.names import NAMED
from candela_engines.colour.pq import eotf_codes
from candela_engines.errors import CandelaError, InfrastructureError, InputError
from candela_engines.media import write_frame
from candela_engines.media.mastering import MasteringDisplay
from candela_engines.media.still import read_still
from candela_engines.media.write_frame import EXR_COMPRESSIONS, is_complete
from candela_engines.media.write_sequence import frame_path, open_sequence_writer

LINEAR, PQ = NAMED["linear-rec2020"], NAMED["rec2100-pq"]
WIDTH, HEIGHT = 17, 11
SIZE = (WIDTH, HEIGHT)
RATE = Fraction(24000, 1001)


def nits(number: int, kind: Any = np.float16) -> NDArray[Any]:
    rng = np.random.default_rng(number)
    return (10_000 * rng.random((HEIGHT, WIDTH, 3)) ** 4).astype(kind)


def attributes(path: Path) -> dict[str, Any]:
    file = oiio.ImageInput.open(str(path))
    found = {a.name: a.value for a in file.spec().extra_attribs}
    file.close()
    return found


@pytest.mark.parametrize("compression", EXR_COMPRESSIONS)
@pytest.mark.parametrize("kind", [np.float16, np.float32])
@pytest.mark.parametrize("bits", [16, 32])
def test_exr_frames_hold_the_light(tmp_path: Path, compression: str, kind: Any, bits: int) -> None:
    confidence = np.linspace(0, 1, WIDTH * HEIGHT, dtype=np.float32).reshape(HEIGHT, WIDTH)
    with open_sequence_writer(
        tmp_path / "out.####.exr", size=SIZE, encoding=LINEAR, bits=bits, compression=compression,
        extra=("confidence",), rate=RATE, timecode="01:00:00:23", first=1001, max_cll=900, max_fall=100,
        mastering=MasteringDisplay(1000), metadata={"shot": "sh010"},
    ) as writer:  # fmt: skip
        for number in (1002, 1001, 1003):
            writer.write(number, nits(number, kind), {"confidence": confidence})
    assert writer.report is not None
    files = sorted(tmp_path.iterdir())
    assert [f.name for f in files] == ["out.1001.exr", "out.1002.exr", "out.1003.exr"]
    assert (writer.report.frames, writer.report.bytes) == (3, sum(f.stat().st_size for f in files))
    expected = np.float16 if bits == 16 else np.float32
    for number, file in enumerate(files, 1001):
        still = read_still(file)
        assert still.state == LINEAR
        assert still.codes.dtype == expected
        wanted = nits(number, kind).astype(expected)
        if compression.startswith("dwa"):
            np.testing.assert_allclose(still.codes.astype(float), wanted, rtol=0.2, atol=40)
        else:
            np.testing.assert_array_equal(still.codes, wanted)
        image = oiio.ImageInput.open(str(file))
        assert image.spec().channelnames == ("R", "G", "B", "confidence")
        plane = image.read_image("float")[:, :, 3]
        image.close()
        np.testing.assert_allclose(plane, confidence, atol=2e-3 if compression.startswith("dwa") else 5e-4)
        found = attributes(file)
        assert found["compression"].split(":")[0] == compression
        assert found["FramesPerSecond"] == (24000, 1001)
        assert found["smpte:TimeCode"][0] == {1001: 0x01000023, 1002: 0x01000100, 1003: 0x01000101}[number]
        assert (found["maxCLL"], found["maxFALL"], found["masteringPeak"]) == (900, 100, 1000)
        assert found["shot"] == "sh010"
        assert found["whiteLuminance"] == 1


def test_a_target_is_the_file_itself(tmp_path: Path) -> None:
    with open_sequence_writer(
        tmp_path / "a.%03d.exr", size=SIZE, encoding=LINEAR, extra=("confidence", "area"), threads=1
    ) as writer:
        for number in range(8):
            target = writer.target(number)
            assert target is not None
            assert target.rgb.shape == (HEIGHT, WIDTH, 3)
            target.rgb[...] = nits(number)
            target.extra["confidence"][...] = number / 8
            target.extra["area"][...] = 2.0
            writer.put(target)
        spare = writer.target(9)
        assert spare is not None
        writer.give_back(spare)
    with open_sequence_writer(
        tmp_path / "b.%03d.exr", size=SIZE, encoding=LINEAR, extra=("confidence", "area")
    ) as other:
        for number in range(8):
            planes = {
                "confidence": np.full((HEIGHT, WIDTH), number / 8),
                "area": np.full((HEIGHT, WIDTH), 2.0),
            }
            other.write(number, nits(number), planes)
    for number in range(8):
        assert (tmp_path / f"a.{number:03}.exr").read_bytes() == (
            tmp_path / f"b.{number:03}.exr"
        ).read_bytes()
    assert not (tmp_path / "a.009.exr").exists()


def test_plain_frames_are_those_of_openimageio(tmp_path: Path) -> None:
    """The same pixels and attributes as the library writes itself, but for where it puts them."""
    light = nits(3)
    with open_sequence_writer(tmp_path / "own.#.exr", size=SIZE, encoding=LINEAR) as writer:
        writer.write(1, light)
    theirs = tmp_path / "theirs.exr"
    file = oiio.ImageInput.open(str(tmp_path / "own.1.exr"))
    spec = file.spec()
    file.close()
    spec["DateTime"] = ""
    out = oiio.ImageOutput.create(str(theirs))
    assert out.open(str(theirs), spec)
    assert out.write_image(light)
    out.close()
    assert (tmp_path / "own.1.exr").stat().st_size == theirs.stat().st_size
    assert attributes(tmp_path / "own.1.exr") == attributes(theirs)
    np.testing.assert_array_equal(read_still(theirs).codes, light)


@pytest.mark.parametrize(
    ("suffix", "bits"), [(".dpx", 10), (".dpx", 12), (".dpx", 16), (".tif", 16), (".png", 16)]
)
def test_integer_frames_take_codes_and_light(tmp_path: Path, suffix: str, bits: int) -> None:
    codes = np.random.default_rng(1).integers(0, 1 << bits, (HEIGHT, WIDTH, 3)).astype(np.uint16)
    light = eotf_codes(codes, bits=bits)
    with open_sequence_writer(
        tmp_path / f"out.##{suffix}",
        size=SIZE,
        encoding=PQ,
        bits=bits,
        rate=Fraction(25),
        timecode="10:00:00:24",
    ) as writer:
        writer.write(0, codes)
        writer.write(1, light)
        assert writer.target(2) is None
    assert writer.report is not None
    assert (writer.report.clipped_low, writer.report.clipped_high, writer.report.nonfinite) == (0, 0, 0)
    for number in (0, 1):
        still = read_still(tmp_path / f"out.0{number}{suffix}")
        assert still.bits == bits
        assert still.state is not None
        assert (still.state.primaries, still.state.transfer, still.state.range) == ("bt2020", "pq", "full")
        np.testing.assert_array_equal(still.codes, codes)
    found = attributes(tmp_path / f"out.01{suffix}")
    if suffix == ".dpx":
        assert found["smpte:TimeCode"][0] == 0x10000100
        assert found["dpx:FrameRate"] == 25
    else:
        assert "10:00:01:00" in (found["ImageDescription"] if suffix == ".tif" else found["timecode"])


def test_finished_frames_are_kept(tmp_path: Path) -> None:
    pattern = tmp_path / "out.####.exr"
    with open_sequence_writer(pattern, size=SIZE, encoding=LINEAR) as writer:
        for number in range(4):
            assert writer.needs(number)
            writer.write(number, nits(number))
    whole = (tmp_path / "out.0001.exr").read_bytes()
    (tmp_path / "out.0001.exr").write_bytes(whole[:-20])
    (tmp_path / "out.0002.exr").write_bytes(b"")
    before = (tmp_path / "out.0000.exr").stat().st_mtime_ns
    with open_sequence_writer(pattern, size=SIZE, encoding=LINEAR, keep_finished=True) as writer:
        missing = [number for number in range(5) if writer.needs(number)]
        assert missing == [1, 2, 4]
        for number in missing:
            writer.write(number, nits(number))
    assert writer.report is not None
    assert (writer.report.frames, writer.report.kept) == (3, 2)
    assert (tmp_path / "out.0001.exr").read_bytes() == whole
    assert (tmp_path / "out.0000.exr").stat().st_mtime_ns == before
    assert not is_complete(tmp_path / "out.0001.exr", (WIDTH + 1, HEIGHT))


@pytest.mark.parametrize("suffix", [".exr", ".dpx", ".tif", ".png"])
def test_cut_files_are_not_complete(tmp_path: Path, suffix: str) -> None:
    state = LINEAR if suffix == ".exr" else PQ
    with open_sequence_writer(
        tmp_path / f"a.#{suffix}", size=SIZE, encoding=state, compression="zips"
    ) as writer:
        writer.write(0, nits(0))
    path = tmp_path / f"a.0{suffix}"
    data = path.read_bytes()
    assert is_complete(path, SIZE)
    for length in (0, 10, len(data) // 2, len(data) - 40):
        path.write_bytes(data[:length])
        assert not is_complete(path, SIZE), length


def test_an_error_of_a_thread_comes_back_and_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = write_frame.FrameWriter.write_plain

    def failing(self: Any, path: Path, frame: Any) -> Any:
        if path.name == "out.2.exr":
            raise InfrastructureError(
                f"{path}: cannot be written: No space left on device; nothing was changed"
            )
        return real(self, path, frame)

    monkeypatch.setattr(write_frame.FrameWriter, "write_plain", failing)
    for numbers in (range(3), range(50)):
        with (
            pytest.raises(InfrastructureError, match=r"out\.2\.exr: cannot be written: No space left"),
            open_sequence_writer(tmp_path / "out.#.exr", size=SIZE, encoding=LINEAR) as writer,
        ):
            for number in numbers:
                writer.write(number, nits(number))
        assert is_complete(tmp_path / "out.1.exr", SIZE)
        assert not [p for p in tmp_path.iterdir() if ".part" in p.name or p.name == "out.2.exr"]


def test_a_folder_that_is_gone_is_said_and_no_frame_is_half(tmp_path: Path) -> None:
    with (
        pytest.raises(CandelaError, match=r"out\.0\.exr: the folder .* does not exist"),
        open_sequence_writer(tmp_path / "none" / "out.#.exr", size=SIZE, encoding=LINEAR) as writer,
    ):
        writer.write(0, nits(0))


def test_an_interrupt_leaves_whole_frames(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        open_sequence_writer(tmp_path / "out.#.exr", size=SIZE, encoding=LINEAR) as writer,
    ):
        for number in range(5):
            writer.write(number, nits(number))
        raise KeyboardInterrupt
    assert writer.report is not None
    assert writer.report.frames == len(list(tmp_path.iterdir()))
    assert all(is_complete(path, SIZE) for path in tmp_path.iterdir())
    with pytest.raises(InputError, match="not open"):
        writer.write(9, nits(9))


def test_frames_in_flight_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, real = threading.Event(), write_frame.FrameWriter.write_plain
    monkeypatch.setattr(write_frame.FrameWriter, "write_plain", lambda *a: (gate.wait(10), real(*a))[1])
    with open_sequence_writer(tmp_path / "out.#.exr", size=SIZE, encoding=LINEAR, threads=2) as writer:
        targets = [writer.target(n) for n in range(3)]
        for target in targets:
            assert target is not None
            writer.put(target)
        blocked = threading.Thread(target=lambda: writer.write(3, nits(3)))
        blocked.start()
        blocked.join(0.2)
        assert blocked.is_alive()
        gate.set()
        blocked.join(10)
        assert not blocked.is_alive()
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pattern": "out.exr"}, r"one place .* as in name\.####\.exr"),
        ({"pattern": "a.#.b.##.exr"}, "one place"),
        ({"pattern": "out.#.jpg"}, r"written as \.exr, \.dpx, \.tif, \.tiff, \.png, not \.jpg"),
        ({"bits": 10}, r"\.exr has 16 or 32"),
        ({"compression": "lzw"}, "OpenEXR has none"),
        ({"pattern": "out.#.png"}, "linear light needs a float format"),
        ({"pattern": "out.#.png", "encoding": PQ, "extra": ("confidence",)}, r"in \.exr alone"),
        ({"extra": ("B",)}, "small letters"),
        ({"extra": ("a", "a")}, "different names"),
        ({"timecode": "01:00:00:00"}, "frames a second"),
        ({"timecode": "01:00:00:24", "rate": Fraction(24)}, "below 24"),
        ({"size": (0, 4)}, "0x4"),
    ],
)
def test_what_cannot_be_is_said_at_once(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    arguments: dict[str, Any] = {"size": SIZE, "encoding": LINEAR, **change}
    pattern = tmp_path / arguments.pop("pattern", "out.#.exr")
    with pytest.raises(InputError, match=said):
        open_sequence_writer(pattern, **arguments)


def test_frames_that_do_not_fit_are_named(tmp_path: Path) -> None:
    with open_sequence_writer(
        tmp_path / "o.#.exr", size=SIZE, encoding=LINEAR, extra=("confidence",)
    ) as writer:
        plane = np.zeros((HEIGHT, WIDTH))
        for light, extra, said in (
            (nits(0)[:-1], {"confidence": plane}, r"o\.7\.exr: a frame of shape \(10, 17, 3\)"),
            (nits(0).astype(np.float64), {"confidence": plane}, "float64"),
            (np.zeros((HEIGHT, WIDTH, 3), np.uint16), {"confidence": plane}, "codes are taken"),
            (nits(0), {}, "extra planes none where confidence"),
            (nits(0), {"confidence": plane[1:]}, r"confidence of shape \(10, 17\)"),
            (np.full((HEIGHT, WIDTH, 3), 7e4, np.float32), {"confidence": plane}, "write 32 bits"),
        ):
            with pytest.raises(InputError, match=said):
                writer.write(7, light, extra)
    with open_sequence_writer(tmp_path / "p.#.dpx", size=SIZE, encoding=PQ, bits=10) as other:
        other.write(0, np.full((HEIGHT, WIDTH, 3), 1023, np.uint16))
    with (
        pytest.raises(InputError, match=r"q\.0\.dpx: a code of 1024 in a sequence of 10 bits"),
        open_sequence_writer(tmp_path / "q.#.dpx", size=SIZE, encoding=PQ, bits=10) as last,
    ):
        last.write(0, np.full((HEIGHT, WIDTH, 3), 1024, np.uint16))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["p.0.dpx"]


def test_names_of_frames() -> None:
    for pattern, number, name in (
        ("out.####.exr", 7, "out.0007.exr"), ("out.#.exr", 12, "out.12.exr"),
        ("o%04d.dpx", 12345, "o12345.dpx"), ("o_%03d.png", -4, "o_-004.png"),
    ):  # fmt: skip
        assert frame_path(Path("a") / pattern, number) == Path("a") / name


def test_timecode_beyond_what_the_bits_hold_is_left_out_and_noted(tmp_path: Path) -> None:
    with open_sequence_writer(
        tmp_path / "o.#.exr", size=SIZE, encoding=LINEAR, rate=Fraction(60), timecode="01:00:00:00"
    ) as writer:
        writer.write(0, nits(0))
    assert writer.report is not None
    assert "timecode is left out" in writer.report.notes[0]
    assert "smpte:TimeCode" not in attributes(tmp_path / "o.0.exr")
