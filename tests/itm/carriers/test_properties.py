"""Any payload comes back; any damage gives an error or the right bytes, and never a file cut wrongly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from candela_engines.errors import CandelaError
from candela_engines.itm.carriers import (
    carrier_for,
    embed_payload,
    find_payload,
    read_payload,
    sidecar_path,
    strip_payload,
)
from candela_engines.itm.carriers._source import Edit, open_source

SMALL = ["png", "png_animated", "jpeg_progressive", "jpeg_ultra_hdr", "tiff_pages", "tiff_big", "tiff_odd"]
SMALL += ["tiff_ifd_last", "tiff_motorola_big", "exr", "exr_deep", "exr_parts_tiled", "dpx", "dpx_no_slack"]
SMALL += [
    "dpx_user_data",
    "dpx_no_industry",
    "avif",
    "heif_open_end",
    "mp4_fragments",
    "mkv",
    "mkv_fonts",
    "mkv_live",
    "jp2",
    "jxl",
    "jxl_bare",
]
SMALL += ["bmp"]
PAYLOAD = bytes(range(40, 140))

quick = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    sidecar_path(path).unlink(missing_ok=True)
    return path


# A payload and a reel are refused where the other belongs; tests of movies and of kinds are elsewhere.
opaque = st.binary(min_size=1, max_size=3000).filter(lambda data: data[:4] not in (b"CNDL", b"CNDR"))


@quick
@given(name=st.sampled_from(SMALL), payload=opaque, second=opaque)
def test_any_payload(
    name: str, payload: bytes, second: bytes, tmp_path: Path, sample_bytes: Callable[[str], bytes]
) -> None:
    original = sample_bytes(name)
    path = _write(tmp_path / "picture", original)
    embed_payload(path, path, payload)
    assert read_payload(path) == payload
    embed_payload(path, path, second)
    assert read_payload(path) == second
    assert strip_payload(path, path).exact
    assert path.read_bytes() == original


def _outcome(call: Callable[[], object]) -> object:
    try:
        return call()
    except CandelaError as error:
        assert str(error), "an error that says nothing"
        return error


damage = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "zero", "ones", "truncate", "repeat"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 255),
    ),
    min_size=1,
    max_size=4,
)


def _damaged(data: bytes, hits: list[tuple[str, float, int]], low: int, high: int) -> bytes:
    out = bytearray(data)
    for kind, where, value in hits:
        at = min(low + int(where * (high - low)), len(out) - 1)
        if at < 0:
            break
        match kind:
            case "flip":
                out[at] ^= value
            case "cut":
                del out[at : at + value % 17]
            case "insert":
                out[at:at] = bytes([value]) * (value % 17)
            case "zero":
                out[at : at + 4] = bytes(len(out[at : at + 4]))
            case "ones":
                out[at : at + 4] = b"\xff" * len(out[at : at + 4])
            case "truncate":
                del out[at:]
            case "repeat":
                out[at:at] = out[at : at + 8 * value]
    return bytes(out)


@pytest.mark.parametrize("region", ["anywhere", "head", "payload"])
@quick
@given(name=st.sampled_from(SMALL), hits=damage)
def test_any_damage(
    region: str,
    name: str,
    hits: list[tuple[str, float, int]],
    tmp_path: Path,
    sample_bytes: Callable[[str], bytes],
) -> None:
    original = sample_bytes(name)
    path = _write(tmp_path / "picture", original)
    embed_payload(path, path, PAYLOAD)
    found = find_payload(path)
    assert found is not None
    if found.path != path:
        return
    whole = path.read_bytes()
    low, high = {
        "anywhere": (0, len(whole)),
        "head": (0, 400),
        "payload": (max(0, found.spans[0].start - 48), found.spans[0].end + 32),
    }[region]
    damaged = _damaged(whole, hits, low, high)
    _write(path, damaged)
    out = _write(tmp_path / "out", b"untouched")

    read = _outcome(lambda: read_payload(path))
    assert isinstance(read, CandelaError) or read == PAYLOAD

    stripped = _outcome(lambda: strip_payload(path, out))
    if isinstance(stripped, CandelaError):
        assert out.read_bytes() == b"untouched"
    else:
        again = _outcome(lambda: find_payload(out))
        assert again is None or isinstance(again, CandelaError)

    _write(out, b"untouched")
    embedded = _outcome(lambda: embed_payload(path, out, b"another payload"))
    if isinstance(embedded, CandelaError):
        assert out.read_bytes() == b"untouched"
    else:
        assert read_payload(out) == b"another payload"
        assert strip_payload(out, out).exact
    assert path.read_bytes() == damaged
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".candela")]


@quick
@given(name=st.sampled_from(SMALL), where=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_one_wrong_byte_in_what_was_added(
    name: str, where: float, mask: int, tmp_path: Path, sample_bytes: Callable[[str], bytes]
) -> None:
    """Stripping then gives the original, or an error, or says that it does not: never a silent fragment."""
    original = sample_bytes(name)
    path = _write(tmp_path / "picture", original)
    embed_payload(path, path, PAYLOAD)
    whole = path.read_bytes()
    added = [at for at in range(len(whole)) if at >= len(original) or whole[at] != original[at]]
    if not added:
        return
    at = added[int(where * len(added))]
    spoiled = bytearray(whole)
    spoiled[at] ^= mask
    _write(path, bytes(spoiled))
    report = _outcome(lambda: strip_payload(path, path))
    if isinstance(report, CandelaError):
        assert path.read_bytes() == bytes(spoiled)
    elif report.exact:  # type: ignore[attr-defined]
        # What differs is not ours: a byte that only moved, or a number that moved with it.
        left = path.read_bytes()
        assert len(left) == len(original)
        wrong = [at for at in range(len(left)) if left[at] != original[at]]
        assert not wrong or wrong[-1] - wrong[0] < 8
    else:
        assert report.note  # type: ignore[attr-defined]


@quick
@given(data=st.binary(max_size=400), head=st.sampled_from([*SMALL, ""]), keep=st.integers(2, 200))
def test_any_bytes(
    data: bytes, head: str, keep: int, tmp_path: Path, sample_bytes: Callable[[str], bytes]
) -> None:
    path = _write(tmp_path / "picture", (sample_bytes(head)[:keep] if head else b"") + data)
    out = _write(tmp_path / "out", b"untouched")
    assert not isinstance(_outcome(lambda: carrier_for(path)), CandelaError)
    found = _outcome(lambda: find_payload(path))
    assert found is None or isinstance(found, CandelaError)
    embedded = _outcome(lambda: embed_payload(path, out, PAYLOAD))
    if not isinstance(embedded, CandelaError):
        assert read_payload(out) == PAYLOAD
        strip_payload(out, out)
        assert out.read_bytes() == path.read_bytes()


@quick
@given(
    data=st.binary(max_size=60),
    edits=st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 60), st.binary(max_size=9)), max_size=6, unique=True
    ),
    more=st.lists(st.tuples(st.integers(0, 30), st.binary(max_size=3)), max_size=3),
)
def test_edits_of_edits(
    data: bytes, edits: list[tuple[int, int, bytes]], more: list[tuple[int, bytes]], tmp_path: Path
) -> None:
    path = tmp_path / "bytes"
    path.write_bytes(data)
    good, expected, last = [], bytearray(), 0
    for start, length, new in sorted(edits):
        end = min(start + length, len(data))
        if last <= start <= end:
            good.append(Edit(start, end, new))
            expected += data[last:start] + new
            last = end
    expected += data[last:]
    with open_source(path) as source:
        view = source.edited(good)
        for at, new in more:
            if at <= len(expected):
                expected[at:at] = new
                view = view.edited([Edit(at, at, new)])
        assert (view.size, b"".join(view.chunks())) == (len(expected), bytes(expected))
        assert all(view.read(at, 1) == expected[at : at + 1] for at in range(view.size))
        assert view.same_as(view) and view.same_as(source) == (data == bytes(expected))
        assert view.same_as(source.edited([Edit(0, source.size, bytes(expected))]))
