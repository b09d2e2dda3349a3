"""What makes a plan a dialplan that loads: aliases followed, retries folded, circles closed."""

from ivr.importing.plan import Body, Place, Plan, map_targets, targets_of, tell_context
from ivr.importing.words import BUILT_IN, new_id

_GOODBYE = "goodbye"
_DEAF = ("play", "hours")
"""Kinds of imported steps in which nobody listens to the caller."""


def finish(plan: Plan, place: Place) -> None:
    """`place`: for what belongs to no line of a file."""
    _follow_aliases(plan)
    _fold_retries(plan)
    _break_circles(plan, place)
    if not plan.lines:
        _lines_to_queues(plan)
    _drop_unreached(plan)
    for operator in [name for name, body in plan.operators.items() if not body["queues"]]:
        del plan.operators[operator]


def _follow_aliases(plan: Plan) -> None:
    def real(target: str) -> str:
        seen = {target}
        while target in plan.aliases and plan.aliases[target] not in seen:
            target = plan.aliases[target]
            seen.add(target)
        return target if target in plan.steps or target in BUILT_IN else _GOODBYE

    for body in plan.steps.values():
        map_targets(body, real)
    for line in plan.lines.values():
        line["start"] = real(line["start"])


def _fold_retries(plan: Plan) -> None:
    """A menu that is played again after silence or a wrong key asks again by itself here."""
    for name, body in plan.steps.items():
        if "menu" in body:
            folded = [_fold(name, body, edge, plan) for edge in ("if-silent", "if-wrong-key")]
            if any(folded):
                body.pop("tries", None)


def _fold(name: str, body: Body, edge: str, plan: Plan) -> bool:
    target = body.get(edge)
    if target is None:
        return False
    if target == name:
        del body[edge]
        return True
    step = plan.steps.get(target, {})
    if "play" in step and step["then"] == name:
        del body[edge]
        body["say-again"] = {**body.get("say-again", {}), edge.removeprefix("if-"): step["play"]}
        return True
    return False


def _break_circles(plan: Plan, place: Place) -> None:
    """Walks deep first with a stack of its own; the step that closes a circle leads to goodbye instead."""
    done: set[str] = set()
    for start in list(plan.steps):
        way: dict[str, None] = {}
        ahead: list[tuple[str, list[str]]] = [("", [start])]
        while ahead:
            leader, followers = ahead[-1]
            if not followers:
                ahead.pop()
                way.pop(leader, None)
                done.add(leader)
                continue
            follower = followers.pop(0)
            if follower in way:
                _cut(plan, leader, follower, place)
            elif follower not in done and follower in plan.steps:
                way[follower] = None
                ahead.append((follower, _deaf_targets(plan.steps[follower])))


def _deaf_targets(body: Body) -> list[str]:
    return targets_of(body) if any(kind in body for kind in _DEAF) else []


def _cut(plan: Plan, leader: str, follower: str, place: Place) -> None:
    map_targets(plan.steps[leader], lambda target: _GOODBYE if target == follower else target)
    why = f"it led back to '{follower}' without listening to the caller; it ends with goodbye now"
    plan.tell(place, f"step {leader}", why, "lead it to a menu or queue")


def _lines_to_queues(plan: Plan) -> None:
    """Without a dialogue each queue gets a line of its own."""
    for queue in list(plan.queues):
        name = str(plan.queues[queue]["name"])
        step = new_id(f"queue-{queue}", plan.steps.keys() | plan.names, "step")
        plan.names.add(step)
        plan.steps[step] = {"queue": queue}
        plan.line(name, "", step, plan.queue_places[queue])
        if queue in plan.leave_contexts:
            context, place = plan.leave_contexts[queue]
            tell_context(plan, context, place)


def _drop_unreached(plan: Plan) -> None:
    ahead = [str(line["start"]) for line in plan.lines.values()]
    reached: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name in plan.steps and name not in reached:
            reached.add(name)
            ahead += targets_of(plan.steps[name])
    plan.steps = {name: body for name, body in plan.steps.items() if name in reached}
    plan.hours = {
        name: body
        for name, body in plan.hours.items()
        if any(step.get("hours") == name for step in plan.steps.values())
    }
