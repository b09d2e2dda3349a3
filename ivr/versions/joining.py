"""Settings for several versions at once: the live one, one on trial, and those that calls still go by.

A call stays with the version it began with, so a queue that a new version no longer has goes on until the
last call of the old one is over. What both versions have is as the live one says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace

from acd.core.settings import CenterSettings, OperatorSettings, QueueSettings
from acd.core.words import QueueId
from ivr.dialplan.loader import Loaded, Names, Phone


def joined(live: Loaded, tried: Loaded | None, ending: Sequence[Loaded] = ()) -> Loaded:
    """As `live`, with what `tried` and `ending` need beside it. Operators come with `tried`, never `ending`:
    whom the live version no longer names is let go.
    """
    whole = live
    for other, brings_operators in [*([(tried, True)] if tried else []), *((one, False) for one in ending)]:
        whole = replace(
            whole,
            settings=join_settings(whole.settings, other.settings, brings_operators=brings_operators),
            outside=replace(
                whole.outside,
                allowed_numbers=tuple(
                    dict.fromkeys(whole.outside.allowed_numbers + other.outside.allowed_numbers)
                ),
            ),
            names=_names(whole.names, other.names),
            media=replace(
                whole.media,
                languages=tuple(dict.fromkeys(whole.media.languages + other.media.languages)),
                prompts=whole.media.prompts | other.media.prompts,
                music=whole.media.music | other.media.music,
                messages_kept={**other.media.messages_kept, **whole.media.messages_kept},
            ),
            phones=_phones(whole, other) if brings_operators else whole.phones,
        )
    return whole


def _names(live: Names, other: Names) -> Names:
    """Queues that only the other version has are shown by name, and its switches can be turned.

    The live ones come first, for topics and departments have keys by their order.
    """
    both = {field.name: (getattr(live, field.name), getattr(other, field.name)) for field in fields(Names)}
    return Names(**{kind: {**ours, **theirs, **ours} for kind, (ours, theirs) in both.items()})


def _phones(live: Loaded, other: Loaded) -> tuple[Phone, ...]:
    taken = {phone.name for phone in live.phones} | {phone.operator for phone in live.phones}
    more = tuple(phone for phone in other.phones if phone.name not in taken and phone.operator not in taken)
    return (*live.phones, *more)


def join_settings(
    base: CenterSettings, other: CenterSettings, *, brings_operators: bool = False
) -> CenterSettings:
    """`base` and the queues that only `other` has, with the skills and the operators to serve them."""
    queues = {queue: settings for queue, settings in other.queues.items() if queue not in base.queues}
    skills = set(_skills(other)) - set(_skills(base))
    operators = {
        name: _with(operator, other.operators.get(name), queues, skills)
        for name, operator in base.operators.items()
    }
    if brings_operators:
        phones = {operator.phone for operator in base.operators.values()}
        operators |= {
            name: operator
            for name, operator in other.operators.items()
            if name not in operators and operator.phone not in phones
        }
    return replace(base, queues={**base.queues, **queues}, operators=operators)


def _with(
    operator: OperatorSettings,
    other: OperatorSettings | None,
    queues: Mapping[QueueId, QueueSettings],
    skills: set[str],
) -> OperatorSettings:
    """Skills whose name `base` does not know at all; one that it took from the operator stays taken."""
    if other is None:
        return operator
    more = {skill: level for skill, level in other.skills.items() if skill in skills}
    return replace(
        operator,
        queues=operator.queues | (other.queues & queues.keys()),
        skills={**more, **operator.skills},
    )


def _skills(settings: CenterSettings) -> Iterator[str]:
    for operator in settings.operators.values():
        yield from operator.skills
    for queue in settings.queues.values():
        yield from (need.skill for need in queue.needs)
