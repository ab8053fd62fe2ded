"""Every frame is read once: hashed beside its decoding; and one that cannot be read sends nobody back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from candela_engines.media.sequence import SequenceClip
from candela_engines.qc import measuring, prints
from candela_server.service.qc import qc

from .test_sequences import light, request, write


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What is hashed and decoded from now on, by frame number, in order."""
    seen: list[tuple[str, int]] = []
    key, decode = prints.file_key, SequenceClip._decode_stored

    def hashed(path: Path) -> bytes:
        seen.append(("hash", int(path.stem.rpartition(".")[2])))
        return key(path)

    def decoded(self: SequenceClip, number: int) -> Any:
        seen.append(("decode", number))
        return decode(self, number)

    monkeypatch.setattr(prints, "file_key", hashed)
    monkeypatch.setattr(SequenceClip, "_decode_stored", decoded)
    return seen


def test_a_file_is_hashed_just_before_it_is_decoded(tmp_path: Path, events: list[tuple[str, int]]) -> None:
    pattern = write(tmp_path / "s", list(range(1001, 1025)))
    first = qc(request(pattern, work=tmp_path / "w")).result
    for number in range(1001, 1025):
        assert events.count(("hash", number)) == events.count(("decode", number)) == 1
        between = events[events.index(("hash", number)) : events.index(("decode", number))]
        assert 1 <= len(between) <= 8, "other files were read in between"
    events.clear()
    # Nothing is read again; of a file that was touched the hash, and nothing else.
    assert qc(request(pattern, work=tmp_path / "w")).result.clips == first.clips
    assert events == []
    (tmp_path / "s" / "plate.1005.exr").touch()
    assert qc(request(pattern, work=tmp_path / "w")).result.clips == first.clips
    assert events == [("hash", 1005)]
    # A new picture, and the one that is compared with it.
    events.clear()
    write(tmp_path / "s", [1009], {1009: light(7)})
    qc(request(pattern, work=tmp_path / "w"))
    assert sorted(number for what, number in events if what == "decode") == [1008, 1009, 1010]


def test_an_unreadable_frame_sends_nobody_back(
    tmp_path: Path, events: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pattern = write(tmp_path / "s", list(range(1001, 1017)))
    bad = tmp_path / "s" / "plate.1006.exr"
    bad.write_bytes(bad.read_bytes()[:400])

    def never(*_: object) -> Iterator[object]:
        raise AssertionError("all frames are decoded again for their shots")

    monkeypatch.setattr(measuring, "read_on", never)
    clip = qc(request(pattern, work=tmp_path / "w")).result.clips[0]
    assert clip.shots[0].frames_unread == (1006,)
    assert [f.code for f in clip.findings if f.group == "file"] == ["file.unreadable"]
    assert all(events.count(("decode", n)) == 1 for n in range(1001, 1017))
