"""The one place that knows protobuf, for the server and for the client: messages to values, values to
messages."""
