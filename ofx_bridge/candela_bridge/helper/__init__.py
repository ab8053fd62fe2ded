"""The process behind the bridge: it speaks gRPC to the sidecar and OCIO for a host.

Of the project it imports the sidecar's client and the OCIO configs, and of both nothing before the first call
needs them: hosts are answered at once. It never imports the engines by itself.
"""

from candela_bridge.helper.run import run

__all__ = ["run"]
