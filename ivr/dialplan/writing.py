"""Groups of keys to the YAML of a dialplan, so that reading it gives the same groups."""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from ivr.dialplan.tree import DECIMAL_NUMBER, NULLS, TRUTHS

WIDTH = 4096
"""Lines are not folded: a folded text is hard to edit."""


def to_yaml(groups: dict[str, Any], remark: str = "") -> str:
    """A document: sections and their entries in block style, what is small within them on one line."""
    written = StringIO()
    yaml = YAML(typ="rt", pure=True)
    yaml.version = None
    yaml.width = WIDTH
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(_node(groups, 0), written)
    return "".join(f"# {line}\n" for line in remark.splitlines()) + written.getvalue()


def _node(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        entries = CommentedMap(
            (_text(str(key), key=True), _node(part, depth + 1)) for key, part in value.items()
        )
        if depth >= 3 or (depth >= 2 and _is_small(value)):
            entries.fa.set_flow_style()
        return entries
    if isinstance(value, list | tuple):
        items = CommentedSeq(_node(part, depth + 1) for part in value)
        if not any(isinstance(part, dict) for part in value) or depth >= 3:
            items.fa.set_flow_style()
        return items
    return _text(value) if isinstance(value, str) else value


def _is_small(group: dict[str, Any]) -> bool:
    return len(group) == 1 and all(not isinstance(part, dict) for part in group.values())


def _text(text: str, *, key: bool = False) -> str:
    """Quoted where the text would be read as something else, for instance the telephone number 0501234567."""
    if key and (text.isdigit() and text.isascii()):
        return int(text) if text == str(int(text)) else DoubleQuotedScalarString(text)  # type: ignore[return-value]
    looks_else = text in NULLS or text in TRUTHS or DECIMAL_NUMBER.fullmatch(text)
    return DoubleQuotedScalarString(text) if looks_else else text
