"""What hosts can call, put together: the one place that knows all parts of the helper."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from candela_bridge.helper.colour import config_record, host_colour, resolve_config
from candela_bridge.helper.exporting import export
from candela_bridge.helper.given import Given
from candela_bridge.helper.job import Answer, Job
from candela_bridge.helper.judging import Judging
from candela_bridge.helper.looking import Looking
from candela_bridge.helper.marking import mark
from candela_bridge.helper.session import Work
from candela_bridge.helper.sidecar import SidecarLink
from candela_bridge.helper.store import Store, version
from candela_bridge.helper.work import Working

__all__ = ["Calls", "default_link"]

_MOST_SPACES = 200


class Calls:
    """link: to the sidecar. store: of results. looks: a folder for pictures that hosts fetch, None for one
    beside the store."""

    def __init__(self, link: SidecarLink, store: Store, looks: Path | None = None) -> None:
        self._link, self._store = link, store
        self._judging, self._working = Judging(link, store), Working(link)
        self._looking = Looking(link, looks or store.folder / "looks")

    def table(self) -> dict[str, Work]:
        """The calls by name."""
        judging, working = self._judging, self._working
        return {
            "ping": self.ping,
            "status": self.status,
            "engines": self.engines,
            "resolve": self.resolve,
            "inspect": working.inspect,
            "setup": working.setup,
            "recall": judging.recall,
            "score": judging.score,
            "compare": judging.compare,
            "shots": working.shots,
            "embed": working.embed,
            "reconstruct": working.reconstruct,
            "look": self._looking.look,
            "mark": mark,
            "export": export,
        }

    def ping(self, job: Job) -> Answer:
        """That the helper is there, and what it last heard of its sidecar. Starts none."""
        return {"version": version(), "process": os.getpid(), "sidecar": self._link.known()}

    def status(self, job: Job) -> Answer:
        """What the sidecar is at; it is started where there is none."""
        return self._link.use(job, lambda sidecar: _status(sidecar.status()))

    def engines(self, job: Job) -> Answer:
        """The engines, as the sidecar lists them."""
        fields = ("name", "version", "sha256", "colour_in", "colour_out", "precision", "provider")

        def ask(sidecar: Any) -> Answer:
            found = sidecar.engines()
            return {"engines": [{name: getattr(one, name) for name in fields} for one in found]}

        return self._link.use(job, ask)

    def resolve(self, job: Job) -> Answer:
        """A config as the host named it, and what its names of spaces are there.

        `{"config": …, "spaces": [{"asked": …, "name": …} or {"asked": …, "error": …}]}`. No sidecar is
        needed.
        """
        given = Given(job.given)
        names = job.given.get("spaces", [])
        if not isinstance(names, list) or len(names) > _MOST_SPACES:
            raise given.refuse("spaces", f"a list of at most {_MOST_SPACES} names is needed")
        config = config_record(resolve_config(given))
        return {"config": config, "spaces": [self._space(job, name) for name in names]}

    @staticmethod
    def _space(job: Job, name: Any) -> Answer:
        from candela_bridge.helper.job import Refused

        asked = {"config": job.given.get("config"), "space": name, "white_nits": job.given.get("white_nits")}
        try:
            found = host_colour(Given({"colour": asked}))
        except Refused as error:
            return {"asked": name, "error": str(error)}
        return {**(found.record or {}), "asked": name}


def _status(found: Any) -> Answer:
    """As `candela status --json` has it."""
    plain = (
        "version", "process_id", "serving", "queue_limit", "memory_used_bytes", "memory_limit_bytes",
        "regions", "uploads", "shared_memory", "workers", "workers_wanted",
    )  # fmt: skip
    jobs = [
        {
            "call": job.call,
            "running": job.running,
            "seconds": round(job.seconds, 3),
            "stage": job.progress.stage,
            "fraction": round(job.progress.fraction, 4),
        }
        for job in found.jobs
    ]
    return {
        "command": "status",
        **{name: getattr(found, name) for name in plain},
        "up_seconds": round(found.up_seconds, 3),
        "roots": list(found.roots),
        "trouble": found.trouble or None,
        "jobs": jobs,
    }


def default_link(folder: Path, address: str | None, roots: list[Path]) -> SidecarLink:
    """To the sidecar at $CANDELA_SIDECAR or where `candela serve` listens by itself; for an address on
    another machine none is started."""
    from candela_server.rpc.address import default_address, parse_address

    said = address or os.environ.get("CANDELA_SIDECAR")
    where = parse_address(said) if said else default_address()
    return SidecarLink(where.target, roots, folder, start=where.socket is not None)
