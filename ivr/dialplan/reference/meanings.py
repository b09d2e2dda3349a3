"""The keys of a group with their meanings, read from the source of its class: no server pays for it."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic.fields import FieldInfo

from ivr.dialplan.fields import Duration, Group, example

LEFT_OUT = "Left out:"
MUST_BE_THERE = "must be there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a group."""

    name: str
    meaning: str
    left_out: str
    """What holds without it."""
    bounds: str
    """'1 to 10', '3 s to 2 min'; '' where there are none."""
    group: type[Group] | None
    """The class of the group that it holds."""

    @property
    def hover(self) -> str:
        """All of it, as a sentence or two."""
        bounds = f" ({self.bounds})" if self.bounds else ""
        begun = self.meaning[:1].upper() + self.meaning[1:]
        without = "Must be there." if self.left_out == MUST_BE_THERE else f"If left out: {self.left_out}."
        return f"{begun}{bounds}. {without}"


def meaning_of(group: type[Group]) -> str:
    """Of the group itself; '' where its class says nothing."""
    return " ".join((group.__doc__ or "").split())


def keys_of(group: type[Group]) -> tuple[Key, ...]:
    """In the order in which they are declared, inherited ones first."""
    texts = _texts(group)
    return tuple(_key(name, field, texts.get(name, "")) for name, field in group.model_fields.items())


def _key(name: str, field: FieldInfo, text: str) -> Key:
    meaning, _, left_out = text.partition(LEFT_OUT)
    annotations = tuple(_flat(field.annotation, field.metadata))
    return Key(
        name=field.alias or name,
        meaning=meaning.strip().rstrip("."),
        left_out=left_out.strip() or _default(field, Duration in annotations),
        bounds=_bounds(annotations),
        group=next((part for part in annotations if _is_group(part)), None),
    )


def _is_group(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, Group)


def _flat(annotation: Any, metadata: list[Any]) -> Iterator[Any]:
    """All types and constraints of one value, through unions; of a list or mapping, the groups in it."""
    yield from metadata
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from _flat(inner, list(more))
    elif get_origin(annotation) in (list, dict):
        yield from (part for part in get_args(annotation) if _is_group(part))
    elif get_args(annotation):
        for part in get_args(annotation):
            yield from _flat(part, [])
    else:
        yield annotation


def _default(field: FieldInfo, is_time: bool) -> str:
    if field.is_required():
        return MUST_BE_THERE
    value = field.get_default(call_default_factory=True)
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case float() if is_time:
            return f"`{example(value)}`"
        case int() | float():
            return f"{value:g}"
        case str() if value:
            return f"`{value}`"
        case _:
            return "none"


def _bounds(annotations: tuple[Any, ...]) -> str:
    limits: dict[str, Any] = {}
    for part in annotations:
        for limit in getattr(part, "metadata", [part]):
            limits |= {name: getattr(limit, name) for name in ("ge", "gt", "le") if hasattr(limit, name)}
    shown = example if Duration in annotations else _signed
    if "le" not in limits:
        return ""
    if "ge" not in limits or limits["ge"] == 0:
        return f"up to {shown(limits['le'])}"
    return f"{shown(limits['ge'])} to {shown(limits['le'])}"


def _signed(number: float) -> str:
    return f"{number:g}".replace("-", "−")


@cache
def _texts(group: type[Group]) -> dict[str, str]:
    """The text below each field, of the class and those it is made from."""
    found: dict[str, str] = {}
    for owner in reversed(group.__mro__):
        if issubclass(owner, Group):
            found |= _texts_in_source(owner)
    return found


def _texts_in_source(owner: type[Group]) -> dict[str, str]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = " ".join(text.split())
    return found
