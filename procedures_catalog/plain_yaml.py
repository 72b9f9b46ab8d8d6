"""YAML as entries are written, read in half the time: the library's own parser, and nothing it builds between
its events and the values.

What is unusual (anchors, tags, merged keys, several documents) and what is wrong is left to the library
whole, so that the values and the words of errors are always its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import yaml
from yaml.constructor import SafeConstructor
from yaml.cyaml import CParser
from yaml.resolver import Resolver

_PLAIN = frozenset(
    f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "timestamp", "str")
)


class _Unusual(Exception):
    """Not read here."""


def load(text: str) -> object:
    """What ``yaml.safe_load`` makes of ``text``.

    Raises:
        yaml.YAMLError: it is no YAML, or holds a date that there cannot be; with its line.
    """
    try:
        return _document(CParser(text))
    except (_Unusual, yaml.YAMLError, ValueError, TypeError, RecursionError):
        try:
            return yaml.load(text, Loader=yaml.CSafeLoader)
        except ValueError as error:
            raise _at_its_line(text, error) from error


def _at_its_line(text: str, error: ValueError) -> Exception:
    """The error with the line of the value that there cannot be ("2026-02-30"), where it is found."""
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
            try:
                _plain(event.value)
            except ValueError as impossible:
                problem = f"there is no {event.value!r} ({impossible})"
                return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
            except _Unusual:
                continue
    return error


def _document(parser: CParser) -> object:
    next_event = parser.get_event
    next_event()  # the stream begins
    if not isinstance(next_event(), yaml.DocumentStartEvent):
        raise _Unusual
    found = _value(next_event(), next_event)
    next_event()  # the document ends
    if not isinstance(next_event(), yaml.StreamEndEvent):
        raise _Unusual
    return found


def _value(event: yaml.Event, next_event: Callable[[], yaml.Event]) -> object:
    kind = type(event)
    if kind is yaml.ScalarEvent:
        if event.anchor is not None or event.tag is not None:
            raise _Unusual
        return _plain(event.value) if event.implicit[0] else event.value
    if kind is yaml.AliasEvent or event.anchor is not None or event.tag is not None:
        raise _Unusual
    if kind is yaml.SequenceStartEvent:
        rows: list[object] = []
        while type(event := next_event()) is not yaml.SequenceEndEvent:
            rows.append(_value(event, next_event))
        return rows
    mapping: dict[object, object] = {}
    while type(event := next_event()) is not yaml.MappingEndEvent:
        key = _value(event, next_event)
        mapping[key] = _value(next_event(), next_event)
    return mapping


def _plain(text: str) -> object:
    """What a scalar without quotes means."""
    if text and text[0] not in Resolver.yaml_implicit_resolvers:
        return text
    return _resolved(text)


@lru_cache(maxsize=4096)
def _resolved(text: str) -> object:
    tag = Resolver().resolve(yaml.ScalarNode, text, (True, False))
    if tag not in _PLAIN:
        raise _Unusual
    return SafeConstructor().construct_object(yaml.ScalarNode(tag, text))
