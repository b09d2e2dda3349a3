"""`dzvin demo`: the shipped post office at work, with real calls and real sound, without owning a phone.

A real Asterisk, the whole server, the example of a company's own service, and baresip softphones as operators
and callers. Callers press keys or speak with the voices of espeak-ng, which the shipped test models
understand; once they talk, every phone sends a tone of its own, and the recordings say who heard whom.
"""

from ivr.demo.show import show

__all__ = ["show"]
