"""Alembic's scripts; run by `acd.storage.migrate` at every start."""
