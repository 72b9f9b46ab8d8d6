"""Every YAML file of the project: UTF-8, composed Unicode (NFC), one document, no key twice.

``python -m tests.yaml_sanity``; part of ``make lint``. What the files mean is checked by the rooms that
read them.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
# Written by the program or brought by it; `centre` holds a centre's own entries.
_NOT_OURS = {"var", "models", "centre", "node_modules"}


class _Loader(yaml.CSafeLoader):
    """Refuses a mapping that has a key twice, which YAML itself takes silently."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict:
    seen = set()
    for key, _ in node.value:
        if key.value in seen and key.value != "<<":
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key.value!r} twice", key.start_mark
            )
        seen.add(key.value)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def files() -> Iterator[Path]:
    for path in sorted([*ROOT.rglob("*.yml"), *ROOT.rglob("*.yaml")]):
        parts = path.relative_to(ROOT).parts
        if parts[0] not in _NOT_OURS and not any(part.startswith(".") for part in parts[:-1]):
            yield path


def problem(path: Path) -> str | None:
    """What is wrong with a file, or None."""
    try:
        text = path.read_text("utf-8")
        yaml.load(text, _Loader)
    except UnicodeDecodeError as error:
        return f"byte {error.start} is not UTF-8"
    except yaml.YAMLError as error:
        return " ".join(str(error).split())
    if not unicodedata.is_normalized("NFC", text):
        number = next(
            n for n, line in enumerate(text.splitlines(), 1) if not unicodedata.is_normalized("NFC", line)
        )
        return f"line {number} is not composed Unicode (NFC)"
    return None


def main() -> None:
    checked = {path: problem(path) for path in files()}
    found = [f"{path.relative_to(ROOT)}: {words}" for path, words in checked.items() if words]
    if found:
        sys.exit("\n".join(found))
    print(f"YAML: {len(checked)} files are sound.")


if __name__ == "__main__":
    main()
