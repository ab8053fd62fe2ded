"""Regions of shared memory: everything that can be wrong with one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np
import pytest

from candela_server.frames.samples import MemoryFrame, read_samples, sample_room
from candela_server.frames.segments import Regions
from candela_server.jobs.errors import FrameMemoryError, NotSupportedError, TooLargeError


@pytest.fixture
def segment() -> Iterator[SharedMemory]:
    memory = SharedMemory(create=True, size=1 << 20)
    yield memory
    memory.close()
    memory.unlink()


@pytest.fixture
def regions() -> Regions:
    return Regions(enabled=True, most=1 << 24)


def frame(region: str, **more: object) -> MemoryFrame:
    about: dict[str, object] = {
        "offset": 0,
        "width": 96,
        "height": 64,
        "channels": 3,
        "type": "uint8",
        "bits": 8,
        "stride": 0,
    }
    return MemoryFrame(region, **(about | more))  # type: ignore[arg-type]


def vars_of(where: MemoryFrame) -> dict[str, object]:
    return {name: getattr(where, name) for name in where.__dataclass_fields__}


def test_posix_segments_are_read_and_written(regions: Regions, segment: SharedMemory) -> None:
    region = regions.register_posix(segment.name, 1 << 20)
    made = np.ndarray((64, 96, 3), np.uint8, segment.buf)
    made[...] = np.arange(made.size, dtype=np.uint8).reshape(made.shape)
    np.testing.assert_array_equal(read_samples(regions, frame(region.id)), made)
    room, flush = sample_room(regions, frame(region.id, offset=200_000))
    room[...] = 7
    flush()
    assert bytes(segment.buf[200_000 : 200_000 + made.size]) == b"\x07" * made.size
    del made


def test_strides_and_a_fourth_channel(regions: Regions, segment: SharedMemory) -> None:
    region = regions.register_posix(segment.name, 1 << 20)
    made = np.ndarray((4, 5, 4), np.uint16, segment.buf, 6, (64, 8, 2))
    made[...] = np.arange(80, dtype=np.uint16).reshape(4, 5, 4)
    where = MemoryFrame(region.id, 6, 5, 4, 4, "uint16", 16, 64)
    np.testing.assert_array_equal(read_samples(regions, where), made[:, :, :3])
    del made


@pytest.mark.parametrize(
    "more",
    [
        {"offset": 1 << 20},
        {"offset": (1 << 20) - 96 * 64 * 3 + 1},
        {"offset": 2**64 - 1},
        {"offset": 2**63},
        {"width": 0},
        {"height": 0},
        {"width": 2**32 - 1, "height": 2**32 - 1},
        {"height": 131_072},
        {"channels": 1},
        {"channels": 2**32 - 1},
        {"stride": 287},
        {"stride": 2**64 - 1},
        {"stride": 2**63},
        {"bits": 0},
        {"bits": 7},
        {"bits": 9},
        {"type": "float64"},
        {"type": ""},
        {"type": "uint16", "bits": 16, "offset": 1},
        {"type": "uint16", "bits": 16, "stride": 577},
        {"region": "0" * 32},
        {"region": ""},
        {"region": "x" * 10_000},
    ],
    ids=str,
)
def test_frames_that_cannot_lie_there(
    regions: Regions, segment: SharedMemory, more: dict[str, object]
) -> None:
    region = regions.register_posix(segment.name, 1 << 20)
    where = MemoryFrame(**({**vars_of(frame(region.id))} | more))  # type: ignore[arg-type]
    for use in (read_samples, sample_room):
        with pytest.raises(FrameMemoryError):
            use(regions, where)


def test_the_last_byte_belongs_to_it(regions: Regions, segment: SharedMemory) -> None:
    region = regions.register_posix(segment.name, 1 << 20)
    assert read_samples(regions, frame(region.id, offset=(1 << 20) - 96 * 64 * 3)).shape == (64, 96, 3)


@pytest.mark.parametrize("name", ["", "..", "/", "a/b", "../etc/passwd", "x" * 300, "a b", "nul\0", "ü"])
def test_names_that_are_none(regions: Regions, name: str) -> None:
    with pytest.raises(FrameMemoryError):
        regions.register_posix(name, 100)


def test_sizes_that_cannot_be(regions: Regions, segment: SharedMemory) -> None:
    with pytest.raises(FrameMemoryError):
        regions.register_posix(segment.name, 0)
    with pytest.raises(FrameMemoryError, match="has"):
        regions.register_posix(segment.name, (1 << 20) + 8192)
    with pytest.raises(TooLargeError):
        regions.register_posix(segment.name, 2**63)


def test_off_is_off(segment: SharedMemory) -> None:
    closed = Regions(enabled=False, most=1 << 24)
    for ask in (
        lambda: closed.register_posix(segment.name, 100),
        lambda: closed.register_sealed(os.getpid(), 0, 100),
        lambda: closed.get("x"),
    ):
        with pytest.raises(NotSupportedError, match="--shared-memory"):
            ask()


def test_a_segment_that_is_shrunk_is_an_error_and_no_crash(regions: Regions, segment: SharedMemory) -> None:
    region = regions.register_posix(segment.name, 1 << 20)
    room, flush = sample_room(regions, frame(region.id, offset=500_000))
    handle = os.open(f"/dev/shm/{segment.name}", os.O_RDWR)
    os.ftruncate(handle, 4096)
    os.close(handle)
    room[...] = 1
    for use in (
        lambda: read_samples(regions, frame(region.id)),
        lambda: sample_room(regions, frame(region.id)),
        flush,
    ):
        with pytest.raises(FrameMemoryError, match="shrunk"):
            use()
    assert Path(f"/dev/shm/{segment.name}").stat().st_size == 4096, "it is not grown again"


def test_only_memory_that_cannot_shrink_is_mapped(regions: Regions, tmp_path: Path) -> None:
    free = os.memfd_create("free", os.MFD_ALLOW_SEALING)
    os.ftruncate(free, 4096)
    with pytest.raises(FrameMemoryError, match="F_SEAL_SHRINK"):
        regions.register_sealed(os.getpid(), free, 4096)
    (tmp_path / "file").write_bytes(bytes(4096))
    plain = os.open(tmp_path / "file", os.O_RDWR)
    reading, writing = os.pipe()
    for handle in (plain, reading, writing, 999_999):
        with pytest.raises(FrameMemoryError):
            regions.register_sealed(os.getpid(), handle, 4096)
    for process in (2**32 - 1, 0):
        with pytest.raises(FrameMemoryError):
            regions.register_sealed(process, free, 4096)
    for handle in (free, plain, reading, writing):
        os.close(handle)
    assert len(regions) == 0
