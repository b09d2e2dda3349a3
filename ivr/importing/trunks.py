"""The lines of an extensions.conf: which numbers callers dial, and where they come in."""

from ivr.importing.extensions import TRUNK, Extensions
from ivr.importing.plan import Plan
from ivr.importing.priorities import Context
from ivr.importing.words import telephone

MIN_DID = 3
"""Digits of a number that callers from outside dial; keys and short codes have fewer."""


def import_lines(contexts: dict[str, Context], plan: Plan) -> None:
    """Lines of all contexts that look like those of trunks, else of all with numbers, else of menus."""
    walk = Extensions(contexts, plan)
    trunks = [context for context in contexts.values() if TRUNK.fullmatch(context.name)]
    trunks = [context for context in trunks if context.name != "from-internal"]
    if not trunks:
        trunks = [context for context in contexts.values() if any(map(_is_did, context.extensions))]
    for context in trunks:
        _lines_of(context, walk, plan)
    walk.run()
    if not plan.lines:
        _lines_without_numbers(walk, plan)
        walk.run()
    for context in contexts.values():
        if context.name not in walk.visited and context.extensions:
            why, advice = "no line leads here", "lead a line or key to it and import again"
            plan.tell(context.place, f"[{context.name}]", why, advice)


def _is_did(extension: str) -> bool:
    return len(telephone(extension)) >= MIN_DID


def _lines_of(context: Context, walk: Extensions, plan: Plan) -> None:
    walk.visited.add(context.name)
    reached = _with_included(context, walk.contexts)
    for source, extension in reached:
        place = walk.contexts[source].extensions[extension][0].place
        if _is_did(extension):
            plan.line(f"line-{extension}", telephone(extension), walk.entry(context.name, extension), place)
        elif extension.startswith("_") or extension == "s":
            plan.line(f"{context.name}-{extension}", "", walk.entry(context.name, extension), place)


def _with_included(context: Context, contexts: dict[str, Context]) -> list[tuple[str, str]]:
    """Numbers of a trunk's context and of those it includes, each number once."""
    found: dict[str, str] = {}
    for name in (context.name, *(include.context for include in context.includes)):
        for extension in contexts[name].extensions if name in contexts else ():
            found.setdefault(extension, name)
    return [(source, extension) for extension, source in found.items()]


def _lines_without_numbers(walk: Extensions, plan: Plan) -> None:
    for context in walk.contexts.values():
        if "s" in context.extensions and context.name not in walk.visited:
            start = walk.entry(context.name, "s")
            plan.line(context.name, "", start, context.place)
            walk.run()
