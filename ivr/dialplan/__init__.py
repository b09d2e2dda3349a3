"""YAML that admins edit -> `ivr.flow` and `acd.core.settings`, every mistake at its file, line and column."""
