"""The job folder: finished work stays, what is damaged or of other work does not count, one process works."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candela_engines.errors import InputError
from candela_server.service.shots_job import Job, job_folder

FACTS = {"SDR clip": {"bytes": 12, "frames": [0, 9]}, "--seed": 0}
VALUE = {"payload": b"\x00CNDL", "frames": [0, 4], "worst": 41.25}


def stored(folder: Path, **facts: object) -> Job:
    job = Job(folder, {**FACTS, **facts})
    job.store("000-0-4", VALUE)
    return job


def test_what_was_stored_is_there_the_next_time(tmp_path: Path) -> None:
    with stored(tmp_path / "out.candela-job") as job:
        job.remember("cuts", [48, 97])
    with Job(tmp_path / "out.candela-job", FACTS) as job:
        assert job.load("000-0-4") == VALUE
        assert job.recall("cuts") == [48, 97]
        assert job.load("000-5-9") is None
        assert job.notes == []


def test_the_folder_is_named_after_the_output(tmp_path: Path) -> None:
    assert job_folder(tmp_path / "out.mov") == tmp_path / "out.mov.candela-job"
    here = Path().resolve()
    assert job_folder(Path()) == here.with_name(here.name + ".candela-job")


def test_other_facts_begin_anew_and_say_which(tmp_path: Path) -> None:
    with stored(tmp_path / "job"):
        pass
    with Job(tmp_path / "job", {**FACTS, "--seed": 1}) as job:
        assert job.load("000-0-4") is None
        assert len(job.notes) == 1 and "--seed" in job.notes[0] and "SDR clip" not in job.notes[0]
    assert [p.name for p in (tmp_path / "job").glob("*.shot")] == []


def test_loose_facts_count_until_writing_begins(tmp_path: Path) -> None:
    loose, other = frozenset({"SDR clip"}), {**FACTS, "SDR clip": {"bytes": 13}}
    with stored(tmp_path / "one") as job:
        job.begin_writing()
    with Job(tmp_path / "one", other, loose=loose) as job:
        assert job.load("000-0-4") == VALUE and job.writing
    with stored(tmp_path / "two"):
        pass
    with Job(tmp_path / "two", other, loose=loose) as job:
        assert job.load("000-0-4") is None and not job.writing


def test_not_resuming_begins_anew_without_a_word(tmp_path: Path) -> None:
    with stored(tmp_path / "job"):
        pass
    with Job(tmp_path / "job", FACTS, resume=False) as job:
        assert job.load("000-0-4") is None and job.notes == []


def test_done_work_leaves_nothing(tmp_path: Path) -> None:
    with stored(tmp_path / "job") as job:
        job.remove()
    assert not (tmp_path / "job").exists()


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    folder = tmp_path_factory.mktemp("entry") / "job"
    with stored(folder):
        pass
    path = folder / "000-0-4.shot"
    return path, path.read_bytes()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_entry_is_done_again(entry: tuple[Path, bytes], data: st.DataObject) -> None:
    path, good = entry
    at = data.draw(st.integers(0, len(good) - 1))
    kind = data.draw(st.sampled_from(["cut", "flip", "more"]))
    if kind == "cut":
        path.write_bytes(good[:at])
    elif kind == "more":
        path.write_bytes(good + b"\x00")
    else:
        path.write_bytes(good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :])
    with Job(path.parent, FACTS) as job:
        assert job.load("000-0-4") is None
        assert "damaged" in job.notes[0]
    path.write_bytes(good)
    with Job(path.parent, FACTS) as job:
        assert job.load("000-0-4") == VALUE


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 1, "facts": {}, "remembered": 3}']
)
def test_a_damaged_manifest_begins_anew(tmp_path: Path, text: str) -> None:
    with stored(tmp_path / "job"):
        pass
    (tmp_path / "job" / "job.json").write_text(text)
    with Job(tmp_path / "job", FACTS) as job:
        assert job.load("000-0-4") is None
        assert "job.json" in job.notes[0]


def test_an_entry_of_other_work_does_not_count(tmp_path: Path) -> None:
    with stored(tmp_path / "one", extra=1), stored(tmp_path / "two"):
        pass
    (tmp_path / "two" / "000-0-4.shot").write_bytes((tmp_path / "one" / "000-0-4.shot").read_bytes())
    with Job(tmp_path / "two", FACTS) as job:
        assert job.load("000-0-4") is None


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    folder.mkdir()
    (folder / "thesis.tex").write_text("x")
    with pytest.raises(InputError, match=r"thesis\.tex"):
        Job(folder, FACTS)
    assert [p.name for p in folder.iterdir()] == ["thesis.tex"]
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="not a folder"):
        Job(tmp_path / "file", FACTS)


def test_half_written_files_of_a_killed_process_go(tmp_path: Path) -> None:
    with stored(tmp_path / "job"):
        pass
    (tmp_path / "job" / ".000-5-9.0123456789ab.part.shot").write_bytes(b"half")
    with Job(tmp_path / "job", FACTS) as job:
        assert job.load("000-0-4") == VALUE
        job.remove()
    assert not (tmp_path / "job").exists()


HOLD = """
import sys, time
from pathlib import Path
from candela_server.service.shots_job import Job
with Job(Path(sys.argv[1]), {"SDR clip": {"bytes": 12, "frames": [0, 9]}, "--seed": 0}):
    print("held", flush=True)
    time.sleep(60)
"""


def test_another_process_is_told_apart_from_one_that_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    with stored(folder):
        pass
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="another process"):
            Job(folder, FACTS)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()  # type: ignore[union-attr]
    deadline = time.monotonic() + 10
    while True:
        try:
            with Job(folder, FACTS) as job:
                assert job.load("000-0-4") == VALUE
            break
        except InputError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
