"""Recognition of callers' words with Vosk, in worker processes of its own, and the detection of a voice."""

from pathlib import Path

TEST_MODELS = Path(__file__).parent / "test_models"
"""Shipped for tests and the demo, by language: they understand synthetic voices only."""
