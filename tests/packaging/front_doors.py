"""A contract for import-linter: a room is entered by its front door, its `__init__.py`.

One contract for all rooms, so that a new room is guarded before anybody remembers to say so;
import-linter's own `protected` contract would have to be written once per room.
"""

from __future__ import annotations

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.application.contract_utils import AlertLevel, remove_ignored_imports_and_report


class FrontDoors(Contract):
    """Children of `house` are rooms; only `open_rooms` may be entered by any of their files.

    Inside a room its own front door is not used either: that is a circle.
    """

    type_name = "front_doors"

    house: Any = fields.StringField()
    open_rooms: Any = fields.SetField(subfield=fields.StringField())
    ignore_imports: Any = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001, ARG002 - import-linter's signature
        """Find imports that climb through a window, and rooms that enter themselves."""
        removal = remove_ignored_imports_and_report(
            graph=graph, ignore_imports=self.ignore_imports, unmatched_alerting=AlertLevel.NONE
        )
        found = [
            (importer, imported, graph.get_import_details(importer=importer, imported=imported))
            for imported in sorted(graph.find_descendants(self.house))
            for importer in sorted(graph.find_modules_that_directly_import(imported))
            if self._is_breach(importer, imported)
        ]
        return ContractCheck(
            kept=not found,
            warnings=list(removal.warnings),
            ignored_import_count=removal.ignored_import_count,
            metadata={"found": found},
        )

    def _is_breach(self, importer: str, imported: str) -> bool:
        room, _, inside = imported.removeprefix(f"{self.house}.").partition(".")
        if room in self.open_rooms:
            return False
        door = f"{self.house}.{room}"
        at_home = importer == door or importer.startswith(f"{door}.")
        return not at_home if inside else at_home

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name importer, imported and line."""
        for importer, imported, details in check.metadata["found"]:
            lines = ", ".join(str(one["line_number"]) for one in details)
            output.print_error(f"- {importer} -> {imported} (l.{lines})", bold=False)
