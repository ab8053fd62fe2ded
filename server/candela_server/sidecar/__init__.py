"""What the sidecar does, free of any transport: use cases on files, on uploads and on frames in memory."""
