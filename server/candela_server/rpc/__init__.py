"""gRPC: a thin servicer, one mapper that knows protobuf, one table of errors, one composition root."""
