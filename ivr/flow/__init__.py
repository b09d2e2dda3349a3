"""The pure dialogue with a caller: `step(session, input, now) -> Step(session, actions, trace)`.

Standard library only. The server, the checker and the scenario tests run this same interpreter.
"""
