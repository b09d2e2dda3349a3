"""Names in scenarios: each must be one of the dialplan, of the right kind, and possible there."""

from collections.abc import Collection, Iterator, Mapping

from acd.core.settings import QueueSettings
from acd.core.words import QueueId
from ivr.dialplan.loader import Loaded
from ivr.dialplan.problems import Report, Spot, advice, shown
from ivr.dialplan.salvage import PLACEHOLDERS
from ivr.flow.model import CallBack, Choose, Hook, Line, TransferOut, Voicemail
from ivr.flow.said import Said
from ivr.rehearsal.lots import shared_targets
from ivr.rehearsal.scenario import Doing, Scenario
from ivr.rehearsal.schema import ExpectGroup, ExpectStep, PromiseGroup, WebGroup


class References:
    """`prompts`: ids of all that have a text, beside those that the dialplan names."""

    def __init__(self, loaded: Loaded, prompts: Collection[str], report: Report) -> None:
        self._report = report
        self._plan = loaded.dialplan
        self._queues: Mapping[QueueId, QueueSettings] = loaded.settings.queues
        self._switches = loaded.names.switches
        self._prompts = frozenset(prompts) | loaded.media.prompts
        steps = loaded.dialplan.steps.values()
        self._hooks = {step.id: step for step in steps if isinstance(step, Hook)}
        self._numbers = {step.number for step in steps if isinstance(step, TransferOut)}
        self._promising = {step.queue for step in steps if isinstance(step, Voicemail | CallBack)}
        self._shares = {
            step.id: shared_targets(step)
            for step in steps
            if isinstance(step, Choose) and shared_targets(step)
        }

    def check(self, scenario: Scenario) -> None:
        group = scenario.group
        line = self._line(scenario)
        if line is not None and group.language is not None and group.language not in line.languages:
            spoken = ", ".join(line.languages)
            self._tell(
                scenario.spot("language"),
                f"the line {shown(line.id)} does not speak {shown(group.language)}; it speaks {spoken}",
            )
        for place, name in enumerate(group.closed if isinstance(group.closed, tuple) else ()):
            self._known(name, self._plan.hours, "there are no opening hours", scenario.spot("closed", place))
        for place, name in enumerate(group.switches):
            self._known(name, self._switches, "there is no switch", scenario.spot("switches", place))
        self._draws(scenario)
        self._web(scenario)
        self._queue_ends(scenario)
        for number in group.transfers:
            spot = scenario.spot("transfers", number, at_key=True)
            self._known(number, self._numbers, "no step transfers to", spot)
        for name in scenario.group.promises:
            spot = scenario.spot("promises", name, at_key=True)
            self._known(name, self._promising, "no step promises anything for the queue", spot)
        for doing in scenario.doings:
            if isinstance(doing.group, ExpectStep):
                self._expected(doing, doing.group.expect)

    def _line(self, scenario: Scenario) -> Line | None:
        called = scenario.group.call
        line = self._plan.find_line(called)
        if line is None:
            self._known(called, self._plan.lines, "there is no line", scenario.spot("call"))
        return line

    def _draws(self, scenario: Scenario) -> None:
        for step, target in scenario.group.draws.items():
            spot = scenario.spot("draws", step, at_key=True)
            if self._known(step, self._shares, "no step shares calls out that is called", spot):
                spot = scenario.spot("draws", step)
                self._known(target, self._shares[step], f"{shown(step)} shares no calls out to", spot)

    def _web(self, scenario: Scenario) -> None:
        for name, answers in scenario.group.web.items():
            spot = scenario.spot("web", name, at_key=True)
            if not self._known(name, self._hooks, "no step asks a web service that is called", spot):
                continue
            for place, answer in enumerate(answers):
                self._web_answer(scenario, self._hooks[name], place, answer)

    def _web_answer(self, scenario: Scenario, hook: Hook, place: int, answer: WebGroup) -> None:
        path = scenario.answer("web", hook.id, place)
        spot = scenario.spot(*path, "go")
        if answer.go is not None and not answer.down:
            self._known(answer.go, {*hook.answers}, f"the step {shown(hook.id)} knows no answer", spot)
        elif answer.down and answer.model_fields_set - {"down"}:
            self._tell(spot, "a service that is down answers nothing; delete the rest, or 'down'")
        for index, said in enumerate(answer.say or ()):
            self._prompt(said, scenario.spot(*path, "say", index))

    def _queue_ends(self, scenario: Scenario) -> None:
        for name, queue in scenario.group.queues.items():
            spot = scenario.spot("queues", name, at_key=True)
            if not self._known(name, self._queues, "there is no queue", spot):
                continue
            settings = self._queues[QueueId(name)]
            spot = scenario.spot("queues", name)
            if "full" in queue.ends and settings.max_waiting is None:
                self._tell(spot, f"the queue {shown(name)} is never full, it has no 'max-waiting'")
            if "waited-too-long" in queue.ends and settings.max_wait_for is None:
                self._tell(spot, f"nobody waits too long in the queue {shown(name)}, it has no 'max-wait'")
            if "nobody-logged-in" in queue.ends and not settings.leave_if_nobody_logged_in:
                self._tell(
                    spot, f"callers stay in the queue {shown(name)}: 'leave-if-nobody-logged-in' is false"
                )

    def _expected(self, doing: Doing, expect: ExpectGroup) -> None:
        if doing.is_empty("expect"):
            self._tell(doing.spot("expect"), f"nothing is expected; known: {', '.join(_keys())}")
        if expect.step is not None:
            self._known(expect.step, self._plan.steps, "there is no step", doing.spot("expect", "step"))
        if expect.queue is not None:
            self._known(expect.queue, self._queues, "there is no queue", doing.spot("expect", "queue"))
        if expect.transfer is not None:
            spot = doing.spot("expect", "transfer")
            self._known(expect.transfer, self._numbers, "no step transfers to", spot)
        self._promise(doing, "voicemail", expect.voicemail, Voicemail)
        self._promise(doing, "call-back", expect.call_back, CallBack)
        for name in expect.sent or ():
            spot = doing.spot("expect", "sent", name)
            self._known(name, self._hooks, "no step asks a web service that is called", spot)
        for index, said in enumerate(expect.hears or ()):
            self._prompt(said, doing.spot("expect", "hears", index))

    def _promise(
        self, doing: Doing, key: str, promise: PromiseGroup | None, kind: type[Voicemail | CallBack]
    ) -> None:
        if promise is not None and promise.queue is not None:
            known = {step.queue for step in self._plan.steps.values() if isinstance(step, kind)}
            spot = doing.spot("expect", key)
            self._known(promise.queue, known, f"no step is a {key} for the queue", spot)

    def _prompt(self, said: Said, spot: Spot) -> None:
        if isinstance(said, str):
            self._known(said, self._prompts, "no step says the prompt", spot, list_all=False)

    def _known(
        self, name: str, known: Collection[str], refusal: str, spot: Spot, *, list_all: bool = True
    ) -> bool:
        if name in known or name in PLACEHOLDERS:
            return name in known
        hint = advice(name, known)
        self._tell(spot, f"{refusal} {shown(name)}{hint if list_all or hint.startswith('; did') else ''}")
        return False

    def _tell(self, spot: Spot, text: str) -> None:
        self._report.error(spot, text)


def _keys() -> Iterator[str]:
    return (field.alias or name for name, field in ExpectGroup.model_fields.items())
