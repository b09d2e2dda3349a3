"""The pure distributor: `Center.apply(event) -> Outcome(commands, facts)`.

Standard library only. No clock, no await, no randomness, no input or output: time comes in with the event
(`at`, seconds since the Unix epoch, never going back within one run), deadlines come out as data.
"""
