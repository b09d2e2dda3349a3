"""Dialplans of other systems to ours: Asterisk's queues.conf and extensions.conf, tables of FreePBX.

`reading` → `queues`, `extensions`, `freepbx` → `plan` → `finishing` → `folder`. Nothing of what is read is
executed or followed to another file; what cannot be carried over is told with its place.
"""
