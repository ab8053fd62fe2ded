"""The process behind the bridge: it speaks gRPC to the sidecar and OCIO for a host."""
