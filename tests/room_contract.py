"""The import-linter contract of a room: what it may import, and nothing else.

Lists what is allowed, where import-linter's own contracts list what is forbidden, so that a new
dependency of a room is always a decision. Configured in ``pyproject.toml``.
"""

from __future__ import annotations

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class RoomContract(Contract):
    """``room`` (without the modules of ``apart``) imports itself, the standard library and ``may_import``.

    ``any_package_but``: where it is given, every installed package may be imported too, except these.
    """

    type_name = "room"

    room = fields.StringField()
    may_import = fields.SetField(subfield=fields.StringField(), required=False, default=set())
    apart = fields.SetField(subfield=fields.StringField(), required=False, default=set())
    any_package_but = fields.SetField(subfield=fields.StringField(), required=False, default=None)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        inside = {self.room, *graph.find_descendants(self.room)}
        inside = {name for name in inside if not any(_below(name, other) for other in self.apart)}
        allowed = {*sys.stdlib_module_names, *self.may_import}
        if self.any_package_but is not None:
            outside = {name for name in graph.modules if graph.is_module_squashed(name)}
            allowed |= outside - self.any_package_but
        broken = [
            detail
            for importer in sorted(inside)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported not in inside and not any(_below(imported, name) for name in allowed)
            for detail in graph.get_import_details(importer=importer, imported=imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for detail in check.metadata["broken"]:
            output.print_error(
                f"{detail['importer']} imports {detail['imported']} (line {detail['line_number']})"
            )


def _below(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")
