"""The sidecar from Python: the use cases of `candela_server.service`, elsewhere.

    with Sidecar("unix:/run/user/1000/candela/sidecar.sock") as sidecar:
        result = sidecar.embed(EmbedRequest(sdr=Path("/shots/grade.png"), hdr=..., out=...))

Requests and results are those of the use cases; errors are `CandelaError` of the same class as local ones.
"""

from candela_server.client.frames import RenderedFrame
from candela_server.client.memory import FixedFrame, SharedFrames
from candela_server.client.sidecar import Sidecar

__all__ = ["FixedFrame", "RenderedFrame", "SharedFrames", "Sidecar"]
