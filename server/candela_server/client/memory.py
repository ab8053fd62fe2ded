"""Frames in memory that a sidecar on the same machine uses where it lies (Linux)."""

from __future__ import annotations

import mmap
import os
from types import TracebackType
from typing import Any

import grpc
import numpy as np
import numpy.typing as npt

from candela_engines.errors import InfrastructureError
from candela_server.client.frames import FrameStream, RenderedFrame
from candela_server.client.sidecar import Sidecar
from candela_server.frames.samples import SAMPLE_TYPES, MemoryFrame
from candela_server.proto.candela.v1 import sidecar_pb2 as pb
from candela_server.rpc.errors import error_of

__all__ = ["FixedFrame", "SharedFrames"]

_F_ADD_SEALS, _F_SEAL_SHRINK, _F_SEAL_GROW, _F_SEAL_WRITE = 1033, 2, 4, 8


class SharedFrames:
    """Memory for frames, registered with a sidecar for as long as this is open.

    array(...) gives room for a frame; `place` of an array is what calls name. InfrastructureError where the
    system has no anonymous files.
    """

    def __init__(self, sidecar: Sidecar, size: int) -> None:
        self._file = _anonymous("candela-frames")
        self._stream = FrameStream(sidecar)
        os.ftruncate(self._file, size)
        _seal(self._file, _F_SEAL_SHRINK | _F_SEAL_GROW)
        self._memory = mmap.mmap(self._file, size)
        self._used = 0
        self._held, self.region = _register(sidecar, self._file, size)

    def array(self, height: int, width: int, type_: str) -> tuple[npt.NDArray[Any], MemoryFrame]:
        """(H, W, 3) in the memory, and its place. type_: uint8, uint16, float16 or float32."""
        dtype = np.dtype(SAMPLE_TYPES[type_])
        start = -(-self._used // 64) * 64
        shape = (height, width, 3)
        array: npt.NDArray[Any] = np.ndarray(shape, dtype, self._memory, start)
        self._used = start + array.nbytes
        return array, MemoryFrame(self.region, start, width, height, 3, type_, dtype.itemsize * 8)

    def reconstruct(
        self,
        sdr: MemoryFrame,
        out: MemoryFrame,
        payload: bytes,
        *,
        encoding: str | None = None,
        force: bool = False,
        shot_frame: int | None = None,
    ) -> RenderedFrame:
        """The HDR of a frame into another. shot_frame: which frame of its shot it is, in the numbers of the
        payload, where that is a shot's and does not say it. Raises CandelaError as `service.reconstruct`.
        """
        return self._stream.reconstruct(
            sdr, out, payload, encoding=encoding, force=force, shot_frame=shot_frame
        )

    def close(self) -> None:
        """Take the memory back; arrays of it stay valid until they are let go."""
        if self._file >= 0:
            self._stream.close()
            self._held.cancel()
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> SharedFrames:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class FixedFrame:
    """A picture that nobody can change any more, so that the sidecar reads it where it lies.

    samples: (H, W, 3) uint8, uint16, float16 or float32. `place` is what calls name, while this is open.
    """

    def __init__(self, sidecar: Sidecar, samples: npt.NDArray[Any]) -> None:
        samples = np.ascontiguousarray(samples)
        self._file = _anonymous("candela-frame")
        view, done = samples.reshape(-1).view(np.uint8).data, 0
        while done < len(view):
            done += os.write(self._file, view[done:])
        _seal(self._file, _F_SEAL_SHRINK | _F_SEAL_GROW | _F_SEAL_WRITE)
        self._held, region = _register(sidecar, self._file, samples.nbytes)
        height, width = samples.shape[:2]
        kind = samples.dtype
        self.place = MemoryFrame(region, 0, width, height, 3, kind.name, kind.itemsize * 8)

    def close(self) -> None:
        """Take it back."""
        if self._file >= 0:
            self._held.cancel()
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> FixedFrame:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _anonymous(name: str) -> int:
    """A descriptor of memory that has no name. InfrastructureError where the system has none."""
    if not hasattr(os, "memfd_create"):
        raise InfrastructureError("shared memory that need not be copied is there on Linux alone; use files")
    return os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)


def _seal(file: int, seals: int) -> None:
    import fcntl  # not there on Windows, where nobody comes here

    fcntl.fcntl(file, _F_ADD_SEALS, seals)


def _register(sidecar: Sidecar, file: int, size: int) -> tuple[Any, str]:
    """The call that holds the region, and the region's id."""
    sealed = pb.SealedFile(process_id=os.getpid(), descriptor=file)
    request = pb.RegisterSharedMemoryRequest(sealed_file=sealed, size_bytes=size)
    stream = sidecar.stub.RegisterSharedMemory(request, metadata=tuple(sidecar.metadata))
    try:
        return stream, next(stream).region
    except grpc.RpcError as error:
        os.close(file)
        raise error_of(error) from None
