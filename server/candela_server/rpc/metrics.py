"""Prometheus metrics, on a loopback port of their own where the operator asks for them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from candela_engines import __version__
from candela_engines.errors import InputError
from candela_server.jobs.scheduler import Scheduler

__all__ = ["Metrics"]

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)


class Metrics:
    """Calls by name and status, their seconds, and what the scheduler has."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.registry = CollectorRegistry()
        self.calls = Counter(
            "candela_calls", "Calls that have ended.", ["call", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "candela_call_seconds", "Seconds of a call.", ["call"], buckets=_SECONDS, registry=self.registry
        )
        self.open = Gauge("candela_calls_open", "Calls that are being answered.", registry=self.registry)
        for name, text, value in (
            ("candela_jobs_waiting", "Jobs in the queue.", lambda: scheduler.waiting),
            ("candela_jobs_running", "Jobs that run.", lambda: len(scheduler.jobs) - scheduler.waiting),
            ("candela_memory_bytes", "Memory that running jobs may take.", lambda: scheduler.memory_used),
        ):
            Gauge(name, text, registry=self.registry).set_function(value)
        Gauge("candela_info", "Version.", ["version"], registry=self.registry).labels(__version__).set(1)

    def serve(self, port: int) -> int:
        """Answer on 127.0.0.1:port (0 for any); the port. InputError for one that is taken."""
        try:
            server, _ = start_http_server(port, "127.0.0.1", self.registry)
        except OSError as error:
            raise InputError(f"--metrics-port {port}: {error.strerror or error}; take another one") from error
        return int(server.server_port)
