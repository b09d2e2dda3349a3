"""The JSON Schema of a dialplan file: completion, hover texts and first checks in editors.

Draft 7, which every editor knows. Each file may hold any of the sections, so none must be there.
"""

import json
import re
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from ivr.dialplan import forms
from ivr.dialplan.fields import Group, example, one_or_more
from ivr.dialplan.forms import Form
from ivr.dialplan.reference.meanings import keys_of, meaning_of
from ivr.dialplan.schema import SECTIONS, CenterGroup, HoursGroup, LineGroup, OperatorGroup, QueueGroup
from ivr.dialplan.schema_rules import CONDITIONS
from ivr.dialplan.schema_steps import STEPS

FORMAT = "http://json-schema.org/draft-07/schema#"
ENTRIES: dict[str, type[Group]] = {
    "lines": LineGroup,
    "hours": HoursGroup,
    "queues": QueueGroup,
    "operators": OperatorGroup,
}
"""Sections whose entries are groups of one class."""
MEANINGS = {
    "center": "What holds everywhere.",
    "lines": "What callers dial.",
    "hours": "When you are open.",
    "steps": "What happens to a caller.",
    "queues": "Where callers wait.",
    "operators": "Who answers.",
    "skills": "Names to show of skills.",
    "break-reasons": "Names to show of reasons for a break, in the order of their codes.",
    "switches": "Names to show of switches, which `dzvin switch` turns on and off.",
    "topics": "Names to show of what messages and call-backs were about, in the order of their keys.",
    "departments": "Names to show of departments that messages are forwarded to, in the order of their keys.",
}


def json_schema() -> Form:
    """Of one file of a dialplan."""
    whole = {
        "$schema": FORMAT,
        "title": "A file of a Dzvin dialplan",
        "type": "object",
        "properties": {name: _section(name) for name in SECTIONS},
        "additionalProperties": False,
    }
    definitions = _definitions()
    return {**whole, "definitions": _needed(whole, definitions)}


def _definitions() -> dict[str, Form]:
    generator = _Generator(ref_template="#/definitions/{model}")
    classes: list[type[Group]] = [CenterGroup, *ENTRIES.values(), *STEPS.values()]
    _, made = generator.generate_definitions(
        [(one, "validation", one.__pydantic_core_schema__) for one in classes]
    )
    definitions: dict[str, Form] = {name: _tidy(form) for name, form in made.items()}
    _finish_rules(definitions["RuleGroup"])
    _finish_exceptions(definitions["ExceptionGroup"])
    return {"Step": _step(), **definitions, **_NAMED}


def _needed(form: Form, definitions: dict[str, Form]) -> dict[str, Form]:
    """Those that are referred to, by others too."""
    found: dict[str, Form] = {}
    ahead = [form]
    while ahead:
        for name in re.findall(r'"#/definitions/([^"]+)"', json.dumps(ahead.pop())):
            if name not in found:
                found[name] = definitions[name]
                ahead.append(definitions[name])
    return dict(sorted(found.items()))


def as_text() -> str:
    """The file `dialplans/schema.json`."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def _section(name: str) -> Form:
    if name == "center":
        return {"description": MEANINGS[name], **_ref("CenterGroup")}
    entry = "Step" if name == "steps" else ENTRIES[name].__name__ if name in ENTRIES else "labels"
    return {
        "description": MEANINGS[name],
        "type": "object",
        "patternProperties": {forms.ID["pattern"]: _ref(entry)},
        "additionalProperties": False,
    }


def _step() -> Form:
    """A kind of step is told by the key that it must have."""
    return {
        "description": "A step does one thing.",
        "anyOf": [_ref(step.__name__) for step in STEPS.values()],
    }


def _ref(name: str) -> Form:
    return {"$ref": f"#/definitions/{name}"}


def _finish_rules(form: Form) -> None:
    """One condition or several, with the keys that go with them; a share stands alone."""
    form["anyOf"] = [{"required": [kind]} for kind in CONDITIONS]
    needs: dict[str, Any] = {more: [kind] for kind, keys in CONDITIONS.items() for more in sorted(keys)}
    for kind, keys in CONDITIONS.items():
        if keys:
            needs[kind] = {"anyOf": [{"required": [more]} for more in sorted(keys)]}
    needs["share"] = {"not": {"anyOf": [{"required": [kind]} for kind in CONDITIONS if kind != "share"]}}
    form["dependencies"] = dict(sorted(needs.items()))


def _finish_exceptions(form: Form) -> None:
    form["oneOf"] = [{"required": ["on"]}, {"required": ["every-month"]}, {"required": ["from", "to"]}]
    form["dependencies"] = {"from": ["to"], "to": ["from"]}


class _Generator(GenerateJsonSchema):
    """What validators take, not what they make of it."""

    def float_schema(self, schema: core_schema.FloatSchema) -> Form:
        """All decimal numbers without a form of their own are times."""
        return {_TIME: True}

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> Form:
        form = super().function_before_schema(schema)
        if schema["function"]["function"] is one_or_more:
            return {"anyOf": [form["items"], form]}
        return form

    def model_schema(self, schema: core_schema.ModelSchema) -> Form:
        form = super().model_schema(schema)
        group = schema["cls"]
        form |= {"description": text} if (text := meaning_of(group)) else {}
        for key in keys_of(group):
            form["properties"][key.name]["description"] = key.hover
        return form


_TIME = "is-time"
_BESIDE = ("description", "default")
"""What a use of a form may say of its own."""


def _tidy(form: Any) -> Any:
    """Times as they are written, no titles, nulls or empty defaults; forms by their names."""
    if isinstance(form, list):
        return [_tidy(part) for part in form]
    if not isinstance(form, dict):
        return form
    kept = {key: _tidy(value) for key, value in form.items() if key != "title" or not isinstance(value, str)}
    if "anyOf" in kept:
        kept = _without_null(kept)
    if kept.pop(_TIME, False):
        kept = _time(kept)
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    if "default" in kept and (isinstance(kept["default"], dict | list) or kept["default"] in (None, "")):
        del kept["default"]
    return _by_name(kept)


def _parts_named(form: Any) -> Any:
    """A named form, with names for the forms in it."""
    if isinstance(form, list):
        return [_by_name(_parts_named(part)) for part in form]
    if not isinstance(form, dict):
        return form
    return {key: _by_name(_parts_named(value)) for key, value in form.items()}


def _by_name(form: Any) -> Any:
    if not isinstance(form, dict):
        return form
    bare = {key: value for key, value in form.items() if key not in _BESIDE}
    beside = {key: value for key, value in form.items() if key in _BESIDE}
    return next(({**beside, **_ref(name)} for name, known in _NAMED.items() if bare == known), form)


_NAMED: dict[str, Form] = {}
for _name, _known in forms.NAMED.items():
    _NAMED[_name] = _parts_named(_known)


def _without_null(form: Form) -> Form:
    parts = [part for part in form["anyOf"] if part != {"type": "null"}]
    others = {key: value for key, value in form.items() if key != "anyOf"}
    return {**parts[0], **others} if len(parts) == 1 else {**others, "anyOf": parts}


def _time(form: Form) -> Form:
    low, high = form.pop("ge", form.get("gt")), form.pop("le", None)
    made = forms.duration(low, high, above=form.pop("gt", None) is not None)
    if isinstance(form.get("default"), float):
        form["default"] = example(form["default"])
    return {**form, **_parts_named(made)}
