"""A listener without sound, for tests of what stands above it."""

from collections import deque
from collections.abc import Callable, Iterable

from acd.core.words import CallId
from ivr.asterisk.agi import AgiSession
from ivr.question import Outcome, Question

Answer = Outcome | Exception | Callable[[Question], Outcome]


class FakeListener:
    """Answers by the next of `answers`; an exception is raised. Implements `ivr.question.Asks`."""

    def __init__(self, answers: Iterable[Answer] = ()) -> None:
        self.answers = deque(answers)
        self.asked: list[Question] = []
        """Every question so far."""
        self.keys: list[tuple[CallId, str]] = []
        self.keys_in_stream: bool | None = None

    async def ask(self, agi: AgiSession, question: Question) -> Outcome:
        """AssertionError when there is no answer left."""
        self.asked.append(question)
        assert self.answers, f"question {len(self.asked)} was not expected"
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer(question) if callable(answer) else answer

    def key(self, call: CallId, key: str) -> bool:
        self.keys.append((call, key))
        return True
