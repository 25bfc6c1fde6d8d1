"""Tests on a pretended GPU: mistakes of devices show on machines that have none."""
