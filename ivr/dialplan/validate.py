"""One group of keys against its schema: every mistake at its place, in words for an admin."""

import re
import types
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ivr.dialplan.fields import Group, example
from ivr.dialplan.problems import Report, advice, shown
from ivr.dialplan.salvage import salvage
from ivr.dialplan.tree import Node, spot_of, to_plain

G = TypeVar("G", bound=Group)
Path = tuple[str | int, ...]

EXPECTED = {
    "string_type": "a text is expected; put it into quotes",
    "int_type": "a whole number is expected",
    "float_type": "a number is expected",
    "bool_type": "true or false is expected",
    "dict_type": "a group of keys is expected, indented below",
    "model_type": "a group of keys is expected, indented below",
    "list_type": "a list is expected, like [one, two]",
    "too_long": "this list is too long",
    "too_short": "this is empty; at least one is needed",
}


def validate(schema: type[G], node: Node, report: Report) -> G | None:
    """The group. Mistakes go to the report; then it is what is left without them, or None."""
    try:
        return schema.model_validate(to_plain(node))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _tell(schema, node, detail, report)
        return salvage(schema, to_plain(node), error)


def _tell(schema: type[Group], node: Node, detail: ErrorDetails, report: Report) -> None:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    at_key = detail["type"] == "extra_forbidden" or "[key]" in detail["loc"]
    if detail["type"] == "missing":
        path, missing = path[:-1], str(path[-1])
        known = ", ".join(keys_at(schema, path))
        report.error(spot_of(node, path), f"the key {shown(missing)} is missing; the keys here are {known}")
        return
    report.error(spot_of(node, path, at_key=at_key), _words(schema, path, detail))


def _words(schema: type[Group], path: Path, detail: ErrorDetails) -> str:
    kind: str = detail["type"]
    context = detail.get("ctx", {})
    if detail["input"] is None:
        return "this has no value; write one, or delete the key"
    match kind:
        case "extra_forbidden":
            near = advice(str(path[-1]), keys_at(schema, path[:-1]))
            return f"the key {shown(path[-1])} is unknown here{near}"
        case "value_error":
            return str(context["error"])
        case "literal_error":
            known = re.findall(r"'([^']+)'", str(context["expected"]))
            return f"{shown(detail['input'])} is unknown here{advice(str(detail['input']), known)}"
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than":
            return _out_of_range(schema, path, detail)
        case _:
            return f"{EXPECTED.get(kind, detail['msg'])}, found {shown(detail['input'])}"


def _out_of_range(schema: type[Group], path: Path, detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    bound = next(context[name] for name in ("ge", "le", "gt", "lt") if name in context)
    is_time = isinstance(detail["input"], str) or isinstance(bound, float)
    limit = example(bound) if is_time else str(bound)
    side = {"greater_than_equal": "at least", "less_than_equal": "at most", "greater_than": "more than"}
    allowed = f"{side.get(detail['type'], 'less than')} {limit}"
    return f"{shown(detail['input'])} is out of range; {allowed} is allowed"


def keys_at(schema: type[BaseModel], path: Path) -> list[str]:
    """The keys that the group at `path` may have; [] where anything may be a key."""
    found: Any = schema
    for part in path:
        found = _inside(found, str(part))
        if found is None:
            return []
    return _keys_of(found) if isinstance(found, type) and issubclass(found, BaseModel) else []


def _keys_of(schema: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in schema.model_fields.items()]


def _inside(annotation: Any, part: str) -> Any:
    """The bare type of what lies at `part` of a value of this type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if (field.alias or name) == part:
                return _bare(field.annotation)
        return None
    if get_origin(annotation) in (dict, list):
        return _bare(get_args(annotation)[-1])
    return None


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        return _bare(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation
