"""YAML that admins edit -> `ivr.flow` and `acd.core.settings`, with every mistake at its file, line and column."""
