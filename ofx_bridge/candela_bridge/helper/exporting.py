"""Networks written as code or LUTs for a host without the effect: in the helper, with the user's rights."""

from __future__ import annotations

from typing import Any

from candela_bridge.helper.given import Given
from candela_bridge.helper.job import Answer, Job

__all__ = ["export"]


def export(job: Job) -> Answer:
    """Write the network of `path` to `out`. kind: `dctl` or `cube`. shot: of a clip, from 1. The document of
    `candela export-dctl` or `export-cube`."""
    from candela_server.service.export_code import ExportCodeRequest, export_code
    from candela_server.service.export_cube import ExportCubeRequest, export_cube

    given = Given(job.given)
    path, out = given.path("path"), given.path("out")
    common: dict[str, Any] = {
        "shot": given.whole("shot", 1),
        "encoding": given.maybe_text("encoding") or "pq",
        "peak": given.number("peak_nits", 1, 10000),
        "force": given.flag("force"),
    }

    def heard(work: Any) -> None:
        fraction = work.done / work.total if work.total else 0.0
        job.progress(work.stage, fraction, f"{work.stage} {work.done:g} of {work.total:g} {work.unit}")

    if given.choice("kind", ("dctl", "cube"), "dctl") == "dctl":
        return export_code(ExportCodeRequest(path, out, "dctl", **common), heard).to_json()
    return export_cube(ExportCubeRequest(path, out, **common), heard).to_json()
