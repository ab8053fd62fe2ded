"""The contract of the sidecar, and what protoc makes of it: `python -m candela_server.proto.generate`."""
