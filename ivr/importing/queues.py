"""queues.conf: queues and the operators who are their members.

Source of the keys: https://docs.asterisk.org/ , the sample queues.conf of Asterisk.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ivr.importing.plan import MAX_PEOPLE, Body, Place, Plan
from ivr.importing.reading import Section, Setting
from ivr.importing.words import device_number, label, latin, new_id, seconds, written_time

YES = frozenset({"yes", "true", "y", "t", "1", "on"})
NO = frozenset({"no", "false", "n", "f", "0", "off"})
_RELAX_AFTER = 15
"""Seconds after which members of the next penalty may be called; Asterisk asks who is free instead."""
_QUIET = frozenset({"min-announce-frequency", "announce-round-seconds", "setinterfacevar", "setqueuevar",
                    "setqueueentryvar", "eventwhencalled", "eventmemberstatus", "autofill", "shared_lastcall",
                    "persistentmembers", "monitor-type", "ringinuse", "retry"})  # fmt: skip
"""Without meaning here, or as Dzvin does by itself."""
_STRATEGIES = {
    "ringall": "one phone rings at a time, that of the operator who is free for the longest time",
    "rrmemory": "the operator who is free for the longest time is called",
    "rrordered": "the operator who is free for the longest time is called",
    "linear": "there is no fixed order; the operator who is free for the longest time is called",
    "fewestcalls": "calls are not counted; the operator who is free for the longest time is called",
    "random": "nothing is left to chance; the operator who is free for the longest time is called",
    "wrandom": "nothing is left to chance; the operator who is free for the longest time is called",
}


@dataclass(frozen=True, slots=True)
class _Member:
    operator: str
    penalty: int


def import_queues(sections: Sequence[Section], plan: Plan) -> None:
    for section in sections:
        if section.name != "general" and not section.template and section.name not in plan.queue_ids:
            queue = plan.new_queue(section.name, section.place)
            if queue:
                _import_queue(queue, section, plan)


def _import_queue(queue: str, section: Section, plan: Plan) -> None:
    body = plan.queues[queue]
    announce: Body = {}
    found: dict[str, Setting] = {}
    members: list[_Member] = []
    for setting in section.settings:
        if setting.key == "member":
            members += _member(setting, queue, plan)
        else:
            found[setting.key] = setting
    for key, setting in found.items():
        if key in _TAKERS:
            _TAKERS[key](setting, body, plan)
        elif key in _ANNOUNCERS:
            _ANNOUNCERS[key](setting, announce, plan)
        elif key == "context":
            plan.leave_contexts[queue] = (setting.value, setting.place)
        elif key not in _QUIET and key not in {"joinempty", "leavewhenempty", "autopause"}:
            _tell(setting, plan, "there is no such key here", "see the keys of queues in the reference")
    if found.keys() & {"joinempty", "leavewhenempty"}:
        body["leave-if-nobody-logged-in"] = _leaves(found, plan)
    else:
        why = "Asterisk lets callers wait where nobody is logged in unless told otherwise; here they leave"
        plan.tell(section.place, f"[{section.name}]", why, "see leave-if-nobody-logged-in")
    if announce.keys() - {"music"} and "every" not in announce:
        announce["every"] = "60 s"
    if announce:
        body["announce"] = announce
    _rank(queue, members, section, plan)


def _tell(setting: Setting, plan: Plan, why: str, advice: str) -> None:
    plan.tell(setting.place, f"{setting.key}={setting.value}", why, advice)


def _leaves(found: dict[str, Setting], plan: Plan) -> bool:
    """One answer for joining and staying; a key that is left out lets callers in, or stay."""
    given = [found[key] for key in ("joinempty", "leavewhenempty") if key in found]
    turns_away = {"joinempty": found.get("joinempty"), "leavewhenempty": found.get("leavewhenempty")}
    join, leave = turns_away["joinempty"], turns_away["leavewhenempty"]
    refused = join is not None and join.value.lower() not in YES
    left = leave is not None and leave.value.lower() not in NO
    for setting in given:
        if setting.value.lower() not in YES | NO:
            why = "only logged-out operators and absent phones count as nobody"
            _tell(setting, plan, why, "see leave-if-nobody-logged-in")
    if (refused != left and len(given) == 2) or (refused and leave is None):
        why = "those who join and those who wait are treated alike: both leave when nobody is logged in"
        _tell(given[0], plan, why, "see leave-if-nobody-logged-in")
    return refused or left


def _time(key: str, low: float, high: float) -> Callable[[Setting, Body, Plan], None]:
    def take(setting: Setting, body: Body, plan: Plan) -> None:
        value, changed = seconds(setting.value, low, high)
        if value is None:
            _tell(setting, plan, "this is no time in seconds", f"write '{key}' by hand")
        elif float(setting.value) > 0 or low == 0:
            body[key] = written_time(value)
            if changed:
                why = f"it must be {written_time(low)} to {written_time(high)}; it became {body[key]}"
                _tell(setting, plan, why, f"see '{key}'")

    return take


def _whole(setting: Setting, low: int, high: int, plan: Plan) -> int | None:
    if not re.fullmatch(r"-?[0-9]{1,9}", setting.value, re.ASCII):
        _tell(setting, plan, "this is no whole number", "write it by hand")
        return None
    kept = min(max(int(setting.value), low), high)
    if kept != int(setting.value):
        _tell(setting, plan, f"it must be {low} to {high}; it became {kept}", "see the reference")
    return kept


def _max_waiting(setting: Setting, body: Body, plan: Plan) -> None:
    most = _whole(setting, 0, 10_000, plan)
    if most:
        body["max-waiting"] = most


def _priority(setting: Setting, body: Body, plan: Plan) -> None:
    priority = _whole(setting, -100, 100, plan)
    if priority:
        body["priority"] = priority


def _strategy(setting: Setting, body: Body, plan: Plan) -> None:
    name = setting.value.lower()
    if name != "leastrecent":
        why = _STRATEGIES.get(name, "there is no such strategy here")
        _tell(setting, plan, why, "nothing, or give operators skills")


def _whisper(setting: Setting, body: Body, plan: Plan) -> None:
    prompts = plan.prompts([setting.value], setting.place)
    if prompts:
        body["whisper"] = prompts[0]


def _music(setting: Setting, announce: Body, plan: Plan) -> None:
    name = latin(setting.value)
    if name and name[0].isalpha() and name != "default":
        announce["music"] = name
        _tell(setting, plan, "the music itself is not carried over", f"copy it as the class '{name}'")


def _flag(key: str, yes: frozenset[str]) -> Callable[[Setting, Body, Plan], None]:
    def take(setting: Setting, announce: Body, plan: Plan) -> None:
        if setting.value.lower() in yes:
            announce[key] = True
        if setting.value.lower() in yes - YES:
            _tell(setting, plan, "it is said at every announcement", f"see '{key}'")

    return take


def _say(setting: Setting, announce: Body, plan: Plan) -> None:
    prompts = plan.said(plan.prompts(setting.value.split(","), setting.place), setting.place)
    if prompts:
        announce["say"] = prompts


def _periodic(setting: Setting, announce: Body, plan: Plan) -> None:
    if "every" in announce:
        _tell(setting, plan, "one time holds for all announcements of a queue", "see 'every'")
    else:
        _time("every", 5.0, 3600.0)(setting, announce, plan)


_TAKERS: dict[str, Callable[[Setting, Body, Plan], None]] = {
    "timeout": _time("ring", 3.0, 120.0),
    "wrapuptime": _time("wrap-up", 0.0, 3600.0),
    "servicelevel": _time("answer-within", 1.0, 3600.0),
    "maxlen": _max_waiting,
    "weight": _priority,
    "strategy": _strategy,
    "announce": _whisper,
}
_ANNOUNCERS: dict[str, Callable[[Setting, Body, Plan], None]] = {
    "musicclass": _music,
    "music": _music,
    "announce-frequency": _time("every", 5.0, 3600.0),
    "periodic-announce-frequency": _periodic,
    "announce-position": _flag("position", YES | {"limit", "more"}),
    "announce-holdtime": _flag("expected-wait", YES | {"once"}),
    "periodic-announce": _say,
}


def _member(setting: Setting, queue: str, plan: Plan) -> list[_Member]:
    """`PJSIP/701,1,Olena,hint:701@ext`: interface, penalty, name; the rest is asked for by Dzvin itself."""
    interface, penalty, name = ([part.strip() for part in setting.value.split(",")] + ["", ""])[:3]
    number = device_number(interface)
    if not number:
        _tell(setting, plan, "no telephone number is in it", "add the operator by hand")
        return []
    operator = operator_of(number, name, setting.place, plan)
    if not operator:
        return []
    queues = plan.operators[operator]["queues"]
    if queue not in queues:
        queues.append(queue)
    level = int(penalty) if re.fullmatch(r"[0-9]{1,6}", penalty, re.ASCII) else 0
    return [_Member(operator, level)]


def operator_of(number: str, name: str, place: Place, plan: Plan) -> str:
    """The id of the operator at this phone, new if there is none yet; '': too many."""
    for known, body in plan.operators.items():
        if body["phone"]["number"] == number:
            return known
    if len(plan.operators) >= MAX_PEOPLE:
        plan.tell(place, number, f"more than {MAX_PEOPLE} operators", "import the files in parts")
        return ""
    found = new_id(name or f"operator-{number}", plan.operators, "operator")
    plan.operators[found] = {"name": label(name or number, found), "phone": {"number": number}, "queues": []}
    return found


def _rank(queue: str, members: Sequence[_Member], section: Section, plan: Plan) -> None:
    """Penalties as levels of a skill: the queue asks for less after a while, as penalties are climbed."""
    penalties = sorted({member.penalty for member in members})
    if len(penalties) < 2:
        return
    skill = new_id(queue, plan.skills.keys() | {plan.language, "caller-language"}, "skill")
    plan.skills[skill] = plan.queues[queue]["name"]
    levels = {penalty: max(1, 10 - place) for place, penalty in enumerate(penalties)}
    for member in members:
        skills = plan.operators[member.operator].setdefault("skills", {})
        skills[skill] = max(levels[member.penalty], skills.get(skill, 0))
    asked = sorted(set(levels.values()), reverse=True)
    relax = [
        {"after": f"{_RELAX_AFTER * count} s", "level": level} for count, level in enumerate(asked[1:], 1)
    ]
    plan.queues[queue]["skills"] = {skill: {"level": asked[0], "relax": relax}}
    why = f"penalties became levels of the skill '{skill}'; the next ones are called after {_RELAX_AFTER} s"
    plan.tell(section.place, f"[{section.name}] member penalties", why, "see 'relax' of the queue")
