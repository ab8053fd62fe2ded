"""Calls that are stopped: cancelled, too late, or left by their client."""

from __future__ import annotations

import threading
from pathlib import Path

import grpc
import pytest

from candela_server.jobs.errors import CancelledError, DeadlineError
from candela_server.rpc.convert.requests import to_embed
from candela_server.rpc.errors import error_of
from candela_server.service import EmbedRequest
from candela_server.sidecar.asks import File

from ..pictures import make_pair
from .conftest import Running, wait_for


def long_fit(folder: Path, **more: object) -> EmbedRequest:
    """One that takes much longer than a test, if it is let."""
    pair = make_pair(folder / "long", 256, 256)
    return EmbedRequest(pair.sdr, folder / "never.png", pair.hdr, effort="best", **more)  # type: ignore[arg-type]


class TestStopping:
    def test_progress_comes_and_cancel_frees_the_work(self, shared: Running) -> None:
        request, seen = long_fit(shared.root), threading.Event()
        ended: list[object] = []
        with shared.client() as sidecar:

            def embed() -> None:
                message_id = [*sidecar.metadata, ("candela-request-id", "mine")]
                message = to_embed(
                    request, File(str(request.sdr)), File(str(request.hdr)), File(str(request.out))
                )
                try:
                    for event in sidecar.stub.Embed(message, metadata=message_id):
                        if event.WhichOneof("event") == "progress" and event.progress.stage != "read":
                            seen.set()
                except grpc.RpcError as error:
                    ended.append(error_of(error))

            thread = threading.Thread(target=embed)
            thread.start()
            assert seen.wait(30)
            assert sidecar.cancel("mine") and not sidecar.cancel("another")
            thread.join(30)
            assert isinstance(ended[0], CancelledError)
            wait_for(lambda: not sidecar.status().jobs)
        assert not request.out.exists() and not list(shared.root.glob(".*part*"))  # type: ignore[union-attr]

    def test_a_deadline_ends_the_work(self, shared: Running) -> None:
        request = long_fit(shared.root)
        with shared.client(seconds=1.0) as sidecar, pytest.raises(DeadlineError):
            sidecar.embed(request)
        with shared.client() as sidecar:
            wait_for(lambda: not sidecar.status().jobs)
        assert not request.out.exists()  # type: ignore[union-attr]

    def test_a_client_that_vanishes_takes_its_work_along(self, shared: Running) -> None:
        request = long_fit(shared.root)
        gone = threading.Event()

        def embed() -> None:
            with shared.client() as sidecar:

                def progress(stage: str, fraction: float) -> None:
                    gone.set()
                    sidecar.close()

                with pytest.raises(Exception):  # noqa: B017  whatever a closed channel says
                    sidecar.embed(request, progress)

        thread = threading.Thread(target=embed)
        thread.start()
        assert gone.wait(30)
        thread.join(30)
        with shared.client() as sidecar:
            wait_for(lambda: not sidecar.status().jobs)
