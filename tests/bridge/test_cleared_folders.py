"""Helpers whose folder somebody clears, as a cron job does with temporary files; and what dead ones leave."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

from candela_bridge.client import Bridge
from candela_bridge.place import Place

from .conftest import end_helper, lives, toy, wait_for

LONG = 60.0


def process(bridge: Bridge) -> int:
    """Of its helper."""
    bridge.call("echo").result(LONG)
    assert bridge.helper is not None
    number: int = bridge.helper["process"]
    return number


def test_the_way_in_is_made_anew_and_nobody_is_sent_away(place: Place) -> None:
    with Bridge(launch=toy(place), place=place) as first, Bridge(launch=toy(place), place=place) as second:
        there = process(first)
        (place.door if place.unix else place.card).unlink()
        assert process(second) == there == process(first)
        end_helper(first)


def test_a_folder_that_is_gone_is_another_helpers(place: Place) -> None:
    """The old one serves who is with it, and takes nothing of the new one's away when it ends."""
    with Bridge(launch=toy(place), place=place) as second:
        with Bridge(launch=toy(place), place=place) as first:
            old = process(first)
            shutil.rmtree(place.folder)
            place.folder.mkdir(mode=0o700)
            new = process(second)
            assert new != old and process(first) == old
        wait_for(lambda: not lives(old))
        assert (place.door if place.unix else place.card).exists() and process(second) == new
        end_helper(second)


def test_what_a_dead_one_left_is_no_hindrance(place: Place) -> None:
    place.lock.write_text("")
    if place.unix:
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(place.door))  # nobody listens, as after a kill
    else:
        place.card.write_text('{"port": 1, "token": "' + "t" * 64 + '"}')
    with Bridge(launch=toy(place), place=place) as bridge:
        assert process(bridge)
        end_helper(bridge)


def test_no_child_is_left_unburied(folder: Path) -> None:
    """A host that runs for days starts many helpers: those that ended are taken leave of."""
    place = Place(folder, True)
    with Bridge(launch=toy(place), place=place) as bridge:
        for _ in range(3):
            process(bridge)
            end_helper(bridge)
            wait_for(lambda: bridge.helper is None)
        process(bridge)
        mine = os.getpid()

        def dead() -> list[str]:
            found = []
            for path in Path("/proc").glob("[0-9]*/stat"):
                try:
                    fields = path.read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                found += [path.parent.name] if fields[0] == "Z" and int(fields[1]) == mine else []
            return found

        wait_for(lambda: not dead())
        end_helper(bridge)
