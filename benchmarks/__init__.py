"""Speed of this package beside hand-written PyTorch and MXNet 1.9.1: ``python -m benchmarks``."""
