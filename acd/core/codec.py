"""Facts and state as JSON-ready data and back, worked out from the types once.

Dataclasses become objects; those in a union carry `kind`, their class's name, which is therefore part of the
journal's format and never changes. Fields missing in old data take their defaults; unknown ones are passed
over.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from acd.core.errors import CodecError
from acd.core.facts import Fact

VERSION = 1
_Convert = Callable[[Any], Any]
_PLAIN = (str, int, float, bool)


def fact_to_json(fact: Fact) -> dict[str, Any]:
    """`{'kind': 'CallEntered', 'at': ..., ...}`: only dicts, lists, strings, numbers, booleans and None."""
    data: dict[str, Any] = _encoder(Fact)(fact)
    return data


def fact_from_json(data: Mapping[str, Any]) -> Fact:
    """The inverse of `fact_to_json`. CodecError if the data is no fact."""
    fact: Fact = from_json(Fact, data)
    return fact


def to_json(kind: Any, value: Any) -> Any:
    """`value` of the type `kind` as JSON-ready data."""
    return _encoder(kind)(value)


def from_json(kind: Any, data: Any) -> Any:
    """The value of the type `kind`. CodecError with the reason if the data does not fit."""
    try:
        return _decoder(kind)(data)
    except CodecError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CodecError(f"not a {getattr(kind, '__name__', kind)}: {error!r}") from error


def _same(value: Any) -> Any:
    return value


@cache
def _encoder(kind: Any) -> _Convert:
    kind = _bare(kind)
    if kind in _PLAIN:
        return _same
    if _is_union(kind):
        return _encode_union(kind)
    if is_dataclass(kind):
        return _encode_object(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: value.value
    origin, inner = get_origin(kind), get_args(kind)
    if origin is dict:
        return _encode_dict(*inner)
    if origin is tuple and inner[-1] is not Ellipsis:
        each = [_encoder(part) for part in inner]
        return lambda value: [code(part) for code, part in zip(each, value, strict=True)]
    if origin in (tuple, list, frozenset):
        item = _encoder(inner[0])
        return (lambda value: sorted(map(item, value))) if origin is frozenset else _listing(item)
    raise CodecError(f"no way to write {kind}")


def _listing(item: _Convert) -> _Convert:
    return list if item is _same else lambda value: [item(each) for each in value]


def _encode_dict(key: Any, value: Any) -> _Convert:
    code = _encoder(value)
    if get_origin(_bare(key)) is tuple:  # the value holds its key, see `_decode_dict`
        return lambda data: [code(each) for each in data.values()]
    return lambda data: {str(k): code(v) for k, v in data.items()}


def _encode_union(kind: Any) -> _Convert:
    options = [part for part in get_args(kind) if part is not type(None)]
    if not all(is_dataclass(part) for part in options):
        (option,) = options
        code = _encoder(option)
        return lambda value: None if value is None else code(value)
    encoders = {part: _encoder(part) for part in options}
    if len(options) == 1:
        return lambda value: None if value is None else encoders[options[0]](value)

    def encode(value: Any) -> Any:
        if value is None:
            return None
        return {"kind": type(value).__name__, **encoders[type(value)](value)}

    return encode


def _encode_object(kind: Any) -> _Convert:
    hints = get_type_hints(kind)
    parts = [(each.name, _encoder(hints[each.name])) for each in fields(kind)]
    plain = [name for name, code in parts if code is _same]
    coded = [(name, code) for name, code in parts if code is not _same]

    def encode(value: Any) -> dict[str, Any]:
        data = {name: getattr(value, name) for name in plain}
        for name, code in coded:
            data[name] = code(getattr(value, name))
        return data

    return encode


@cache
def _decoder(kind: Any) -> _Convert:
    kind = _bare(kind)
    if kind in _PLAIN:
        return _checked(kind)
    if _is_union(kind):
        return _decode_union(kind)
    if is_dataclass(kind):
        return _decode_object(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    origin, inner = get_origin(kind), get_args(kind)
    if origin is dict:
        return _decode_dict(*inner)
    if origin is tuple and inner[-1] is not Ellipsis:
        each = [_decoder(part) for part in inner]
        return lambda data: tuple(code(part) for code, part in zip(each, data, strict=True))
    if origin in (tuple, list, frozenset):
        item = _decoder(inner[0])
        return lambda data: origin(item(part) for part in data)
    raise CodecError(f"no way to read {kind}")


def _checked(kind: type) -> _Convert:
    allowed = (int, float) if kind is float else (kind,)

    def check(data: Any) -> Any:
        if not isinstance(data, allowed) or (isinstance(data, bool) and kind is not bool):
            raise CodecError(f"{data!r} is no {kind.__name__}")
        return kind(data)

    return check


def _decode_dict(key: Any, value: Any) -> _Convert:
    code = _decoder(value)
    if get_origin(_bare(key)) is tuple:
        return lambda data: {(each.caller, each.queue): each for each in map(code, data)}
    as_key: _Convert = int if _bare(key) is int else str
    return lambda data: {as_key(k): code(v) for k, v in data.items()}


def _decode_union(kind: Any) -> _Convert:
    options = [part for part in get_args(kind) if part is not type(None)]
    optional = len(options) < len(get_args(kind))
    if len(options) == 1:
        code = _decoder(options[0])
        return lambda data: None if data is None else code(data)
    decoders = {part.__name__: _decoder(part) for part in options}

    def decode(data: Any) -> Any:
        if data is None and optional:
            return None
        found = decoders.get(data["kind"])
        if found is None:
            raise CodecError(f"unknown kind {data['kind']!r}")
        return found(data)

    return decode


def _decode_object(kind: Any) -> _Convert:
    hints = get_type_hints(kind)
    parts = [(each.name, _decoder(hints[each.name]), _required(each)) for each in fields(kind)]

    def decode(data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise CodecError(f"{kind.__name__} is written as an object, not {type(data).__name__}")
        return kind(**{name: code(data[name]) for name, code, must in parts if must or name in data})

    return decode


def _required(each: "Field[Any]") -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _bare(kind: Any) -> Any:
    while isinstance(kind, NewType):
        kind = kind.__supertype__
    return kind


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)
