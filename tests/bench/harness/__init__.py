"""What `tests/bench/run` is made of: files, processes, our steps, the peers' steps, promises, report."""
