"""extensions.conf: the dialogue that callers from outside walk, as menus, questions, queues and transfers.

Each place that is led to (context, extension, priority) becomes a step; what only leads on becomes an alias.
Sources of the applications' arguments: https://docs.asterisk.org/
"""

import re
from collections import deque

from ivr.importing import answers
from ivr.importing.hours import hours_named
from ivr.importing.plan import Body, Place, Plan, tell_context
from ivr.importing.priorities import Context, Found, Priority, look_up, split
from ivr.importing.words import device_number, seconds, telephone, written_time

KEYS = "1234567890*#"
TRUNK = re.compile(r"(from|in|incoming|inbound|external|did|dids|public)([-_].*)?", re.IGNORECASE)
_SILENT_APPS = frozenset({"answer", "noop", "verbose", "wait", "progress", "ringing", "resetcdr", "log",
                          "proceeding", "mixmonitor", "stopmixmonitor", "startmusiconhold"})  # fmt: skip
"""What Dzvin does by itself, or what callers do not notice."""
_ENDS = frozenset({"hangup", "congestion", "busy"})
_GOODBYE = "goodbye"


class Extensions:
    """One walk through contexts from the numbers that are dialled."""

    def __init__(self, contexts: dict[str, Context], plan: Plan) -> None:
        self.contexts = contexts
        self.plan = plan
        self.known: dict[tuple[str, str, int], str] = {}
        self.work: deque[tuple[str, str, int]] = deque()
        self.waits: dict[str, str] = {}
        """By context: `TIMEOUT(response)`."""
        self.visited: set[str] = set()

    # What is led to

    def at(self, context: str, extension: str, index: int = 0) -> str:
        """The step of this place, to be written later."""
        key = (context, extension, index)
        if key not in self.known:
            if self.plan.full:
                place = self.contexts[context].place
                self.plan.tell(place, f"[{context}]", "too many steps", "import the files in parts")
                return _GOODBYE
            tail = "" if extension == "s" else f"-{_spoken(extension)}"
            name = f"{context}{tail}" if index == 0 else f"{context}{tail}-{index + 1}"
            self.known[key] = self.plan.reserve(name)
            self.work.append(key)
        return self.known[key]

    def entry(self, context: str, extension: str, otherwise: str = "") -> str:
        """The step for an extension of a context, its conditional includes as opening hours; '': none."""
        step = otherwise
        for found in reversed(look_up(self.contexts, context, extension)):
            step = self._under(found, step or _GOODBYE)
        return step

    def _under(self, found: Found, otherwise: str) -> str:
        target = self.at(found.context, found.extension)
        if not found.condition:
            return target
        hours = hours_named(found.condition, found.place, self.plan)
        if not hours or self.plan.full:
            return otherwise
        step = self.plan.reserve(f"{found.context}-hours")
        self.plan.steps[step] = {"hours": hours, "if-open": target, "if-closed": otherwise}
        return step

    def goto(self, words: list[str], here: tuple[str, str], priority: Priority) -> str:
        """Where `Goto(context,extension,priority)` leads, parts in front left out."""
        context, extension = here
        given = [word.replace("${EXTEN}", extension).replace("${CONTEXT}", context) for word in words if word]
        if len(given) >= 3:
            context, extension, label = given[0], given[1], given[2]
        elif len(given) == 2:
            extension, label = given
        else:
            label = given[0] if given else "1"
        for found in look_up(self.contexts, context, extension)[:1]:
            index = self._index(found, label)
            if index == 0:
                return self.entry(context, extension)
            if index is not None:
                return self.at(found.context, found.extension, index)
        self.tell(priority, "it leads to a place that is not in the files", "lead it on by hand; goodbye now")
        return _GOODBYE

    def _index(self, found: Found, label: str) -> int | None:
        """The priority of this label or number; 0 when nothing happens before it."""
        priorities = self.contexts[found.context].extensions[found.extension]
        for index, priority in enumerate(priorities):
            if label in {priority.label, str(priority.number)} and label:
                quiet = all(before.app in _SILENT_APPS | {"set"} for before in priorities[:index])
                return 0 if quiet else index
        return None

    def tell(self, priority: Priority, why: str, advice: str) -> None:
        self.plan.tell(priority.place, priority.written, why, advice)

    # What is written

    def run(self) -> None:
        while self.work:
            key = self.work.popleft()
            self._write(*key)

    def _write(self, context: str, extension: str, index: int) -> None:
        self.visited.add(context)
        step = self.known[context, extension, index]
        priorities = self.contexts[context].extensions[extension]
        sounds: list[str] = []
        listening = False
        while index < len(priorities):
            priority = priorities[index]
            if priority.app in {"playback", "background"}:
                sounds += self.plan.prompts(priority.words[0].split("&"), priority.place)
                listening = listening or priority.app == "background"
            elif priority.app == "set":
                self._set(context, priority)
            elif priority.app == "waitexten":
                self._menu(step, context, sounds, priority, priority.words[0])
                return
            elif self._leads_on(priority):
                self._end(step, (context, extension, index), sounds, listening)
                return
            elif priority.app not in _SILENT_APPS:
                self._tell_strange(priority)
            index += 1
        if listening:
            self._menu(step, context, sounds, priorities[-1], "")
        else:
            self.plan.steps[step] = {"hang-up": self.plan.said(sounds, priorities[-1].place)}

    def _leads_on(self, priority: Priority) -> bool:
        return priority.app in _ENDS | {"goto", "gotoiftime", "queue", "dial", "read"} or (
            priority.app == "gotoif" and answers.is_test(priority)
        )

    def _end(self, step: str, key: tuple[str, str, int], sounds: list[str], listening: bool) -> None:
        """A priority after which the dialogue goes on elsewhere, with the prompts before it."""
        context, extension, index = key
        priority = self.contexts[context].extensions[extension][index]
        prompts = self.plan.said(sounds, priority.place)
        if priority.app in _ENDS and not listening:
            self.plan.steps[step] = {"hang-up": prompts}
        elif priority.app == "read" and not listening:
            answers.read(self, step, key, prompts)
        elif not prompts:
            self._lead_on(step, key, priority)
        else:
            following = self.at(context, extension, index)
            if not listening or not self._keys(context):
                self.plan.steps[step] = {"play": prompts, "then": following}
            else:
                self._menu(step, context, prompts, priority, "1", silent=following)

    def _lead_on(self, step: str, key: tuple[str, str, int], priority: Priority) -> None:
        match priority.app:
            case "goto":
                self.plan.aliases[step] = self.goto(priority.words, key[:2], priority)
            case "gotoiftime":
                self._by_time(step, key, priority)
            case "queue":
                self.plan.steps[step] = self._queue(key, priority)
            case "dial":
                self._dial(step, key, priority)
            case "gotoif":
                answers.unasked(self, step, key)
            case "read":
                answers.read(self, step, key, [])
            case _:
                self.plan.steps[step] = {"hang-up": []}

    def following(self, key: tuple[str, str, int], count: int = 1) -> str:
        """The step of the priority after this one; goodbye when it is the last."""
        context, extension, index = key
        last = index + count >= len(self.contexts[context].extensions[extension])
        return _GOODBYE if last else self.at(context, extension, index + count)

    def _set(self, context: str, priority: Priority) -> None:
        match = re.fullmatch(r"TIMEOUT\((\w+)\)\s*=\s*([0-9.]+)", priority.data.strip('"'), re.ASCII)
        if match is None:
            self.tell(priority, "values are not carried over", "see the step 'set' of the reference")
        elif match[1].lower() == "response":
            self.waits[context] = match[2]

    def _tell_strange(self, priority: Priority) -> None:
        if priority.app in {"voicemail", "voicemailmain"}:
            self.tell(
                priority, "voicemail is not carried over", "ask with `for: utterance`, see the reference"
            )
        elif priority.app in {"gotoif", "execif", "execiftime", "while"}:
            self.tell(priority, "the condition is not carried over; the call goes on", "use 'choose'")
        elif priority.app in {"system", "trysystem", "agi", "eagi", "fastagi", "asyncagi", "externalivr"}:
            self.tell(priority, "programs are not carried over and were not run", "use a web service")
        else:
            self.tell(priority, "this application is not carried over; the call goes on", "see the reference")

    # Menus

    def _keys(self, context: str) -> dict[str, str]:
        found = {key: self.entry(context, key) for key in KEYS}
        return {key: step for key, step in found.items() if step}

    def _menu(
        self, step: str, context: str, sounds: list[str], priority: Priority, wait: str, silent: str = ""
    ) -> None:
        keys = self._keys(context)
        prompts = self.plan.said(sounds, priority.place)
        silent = silent or self.entry(context, "t")
        if not keys:
            self.tell(priority, f"no single key is in [{context}]", "give the menu keys")
            self._say(step, prompts, silent)
            return
        self._tell_numbers(context)
        if not prompts:
            prompts = self.plan.prompts([f"{context}-menu"], priority.place)
            self.tell(priority, "the menu says nothing before it waits", "record what it shall say")
        body: Body = {"menu": prompts or [_GOODBYE], "keys": keys}
        value, _ = seconds(wait or self.waits.get(context, ""), 1.0, 60.0)
        if value is not None:
            body["wait"] = written_time(value)
        wrong = self.entry(context, "i")
        if silent or wrong:
            body["tries"] = 1
        body |= {"if-silent": silent} if silent else {}
        body |= {"if-wrong-key": wrong} if wrong else {}
        self.plan.steps[step] = body

    def _say(self, step: str, prompts: list[str], then: str) -> None:
        if then and prompts:
            self.plan.steps[step] = {"play": prompts, "then": then}
        elif then:
            self.plan.aliases[step] = then
        else:
            self.plan.steps[step] = {"hang-up": prompts}

    def _tell_numbers(self, context: str) -> None:
        for extension, priorities in self.contexts[context].extensions.items():
            if (extension.startswith("_") or len(extension) > 1) and priorities:
                why = "menus take one key; longer numbers and patterns are not carried over"
                self.plan.tell(priorities[0].place, f"exten => {extension}", why, "ask with `for: digits`")

    # Where a call goes

    def _by_time(self, step: str, key: tuple[str, str, int], priority: Priority) -> None:
        condition, _, branches = priority.data.partition("?")
        open_, _, closed = branches.partition(":")
        after = self.following(key)
        hours = hours_named(",".join(split(condition)[:4]), priority.place, self.plan)
        here = key[:2]
        if_closed = self.goto(split(closed), here, priority) if closed.strip() else after
        if not hours:
            self.plan.aliases[step] = if_closed
            return
        if_open = self.goto(split(open_), here, priority) if open_.strip() else after
        self.plan.steps[step] = {"hours": hours, "if-open": if_open, "if-closed": if_closed}

    def _queue(self, key: tuple[str, str, int], priority: Priority) -> Body:
        words = [*priority.words, "", "", "", ""]
        name = words[0].replace("${EXTEN}", key[1])
        queue = self.plan.queue(name or "queue", priority.place)
        if not queue:
            return {"hang-up": [_GOODBYE]}
        longest, _ = seconds(words[4], 5.0, 86400.0)
        if longest is not None:
            self.plan.queues[queue].setdefault("max-wait", written_time(longest))
        after = self.following(key)
        body: Body = {"queue": queue}
        leaving = self._leave_keys(queue)
        body |= {"leave-keys": leaving} if leaving else {}
        if after != _GOODBYE:
            body |= {"if-full": after, "if-waited-too-long": after, "if-nobody-logged-in": after}
        return body

    def _leave_keys(self, queue: str) -> dict[str, str]:
        context, place = self.plan.leave_contexts.get(queue, ("", Place("", 0)))
        if not context:
            return {}
        if context not in self.contexts:
            tell_context(self.plan, context, place)
            return {}
        self.visited.add(context)
        return self._keys(context)

    def _dial(self, step: str, key: tuple[str, str, int], priority: Priority) -> None:
        words = [*priority.words, ""]
        devices = words[0].replace("${EXTEN}", key[1]).split("&")
        number = device_number(devices[0]) or telephone(devices[0])
        after = self.following(key)
        if not number:
            self.tell(priority, "no telephone number is in it", "write the transfer by hand")
            self.plan.aliases[step] = after
            return
        if len(devices) > 1:
            self.tell(priority, f"only {number} is called; several phones are a queue's work", "use a queue")
        self.plan.transfers.add(number)
        body: Body = {"transfer": number}
        ring, _ = seconds(words[1], 3.0, 120.0)
        body |= {"ring": written_time(ring)} if ring is not None else {}
        body |= {"if-not-answered": after} if after != _GOODBYE else {}
        self.plan.steps[step] = body


def _spoken(extension: str) -> str:
    return {"*": "star", "#": "hash", "t": "silent", "i": "wrong"}.get(extension, extension)
