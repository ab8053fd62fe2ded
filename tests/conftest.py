"""Examples of property tests are the same in every run: a red run is of the change, not of the dice.

`CANDELA_EXAMPLES=search pytest …` draws new ones: what it finds becomes an `@example` or a test of its own.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("search", settings.get_profile("default"))
settings.load_profile(os.environ.get("CANDELA_EXAMPLES", "same"))

# Tests start processes from one in which gRPC has threads, and gRPC's handlers of a fork can end the new one
# before it becomes what it is to be.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

# Temporary folders lie in memory where the system has room for them there. What writes files waits until they
# are on the disk, as it should, and a busy disk had some tests wait twenty times as long as they work.
MEMORY = Path("/dev/shm")
if os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free > 4 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

SCHEDULED = os.sched_getscheduler(0) if hasattr(os, "sched_getscheduler") else None


@pytest.fixture(autouse=True)
def scheduled_as_before() -> Iterator[None]:
    """Tests that make AV1 by PyAV alone leave a real-time thread where they run as root.

    The sidecars that later tests start would inherit it, and two cores stand still.
    """
    yield
    if SCHEDULED is not None and os.sched_getscheduler(0) != SCHEDULED:
        os.sched_setscheduler(0, SCHEDULED, os.sched_param(0))


@pytest.fixture(scope="module")
def short_schedules() -> Iterator[None]:
    """Networks of shots by a fifth of the steps: pictures of a test are small.

    What commands and sidecars in processes of their own fit, they fit by all of them.
    Not where it matters how many shots come of it: one that is fitted worse is split.
    """
    from candela_engines.itm.shot_learn import EFFORTS, ShotEffort

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(EFFORTS, "fast", ShotEffort(12, 24_000, 120, 10_000, 600, 400, 0, False))
        patch.setitem(EFFORTS, "normal", ShotEffort(16, 48_000, 150, 16_000, 800, 600, 3, True, 1, 300))
        yield
