"""The reader's last step: a struct from what its rules have read."""

from typing import Any

from hub.mapping.emit_read_slots import SlotReader
from hub.mapping.fields import required
from hub.mapping.plan import Path, Scope
from hub.mapping.source import field_tree, nested_class

_SMALL = 8
"""So many fields are given to a struct when it is made; of one with more, most are absent, and set where they are not.
"""


class StructReader(SlotReader):
    """Emits the making of structs; the base of the reader's emitter."""

    def construct(self, scope: Scope) -> None:
        """Emits the end of a scope's function: its struct, or None where a main part is missing."""
        out = self.out
        arguments = self._arguments(field_tree(scope), scope, scope.cls, ())
        fixed = {path[0]: rule.constant for path, rule in scope.constants if len(path) == 1}
        missing = [name for name in required(scope.cls) if name in arguments and name not in fixed]
        if missing:
            out.add(1, f"if {' or '.join(f'{arguments[name]} is None' for name in missing)}:", "    return None")
        for name in required(scope.cls):
            if name not in arguments:
                if name not in scope.given:
                    out.add(1, "return None")
                    return
                arguments[name] = "''"
        small = len(arguments) <= _SMALL or scope.cls.__struct_config__.frozen  # type: ignore[attr-defined]
        at_once = list(arguments) if small else [*required(scope.cls), *fixed]
        parts = [
            f"{name}={f'{source} or []' if source.startswith('l_') else source}"
            for name, source in arguments.items()
            if name in at_once
        ]
        if small and scope.own_ext:
            parts.append("ext={MAPPING: x} if x else x")
        if small:
            out.add(1, f"return {scope.cls.__name__}({', '.join(parts)})")
            return
        out.add(1, f"o = {scope.cls.__name__}({', '.join(parts)})")
        for name, source in arguments.items():
            if name not in at_once:
                there = source if source.startswith("l_") else f"{source} is not None"
                out.add(1, f"if {there}: o.{name} = {source}")
        if scope.own_ext:
            out.add(1, "if x: o.ext = {MAPPING: x}")
        out.add(1, "return o")

    def _arguments(self, tree: dict[str, Any], scope: Scope, cls: type, path: Path) -> dict[str, str]:
        """Field name -> source of its value, emitting the nested structs first."""
        arguments = {}
        for name, part in tree.items():
            if isinstance(part, dict):
                arguments[name] = self._nested(part, scope, (*path, name))
            else:
                arguments[name] = self._leaf_variable(scope, part)
        return arguments

    def _leaf_variable(self, scope: Scope, path: Path) -> str:
        constant = next((rule.constant for known, rule in scope.constants if known == path), None)
        if constant is not None:
            return repr(constant)
        if path in scope.lists:
            return list_name(path)
        rule = next(rule for rule in scope.rules if rule.path == path and rule.one_way != "write")
        return list_name(path) if rule.many else f"f{rule.id}"

    def _nested(self, tree: dict[str, Any], scope: Scope, path: Path) -> str:
        """Emits the making of a nested struct; its name. A struct without its main part is not made, its parts are
        kept.
        """
        out, cls = self.out, nested_class(scope.cls, path)
        arguments = self._arguments(tree, scope, cls, path)
        name = out.fresh("s")
        constants = {known[-1] for known, _ in scope.constants if known[:-1] == path}
        needed = [arguments[field] for field in required(cls) if field in arguments]
        defaults = {f"f{rule.id}" for rule in scope.rules if rule.default is not None}
        some = [source for field, source in arguments.items() if field not in constants and source not in defaults]
        present = " or ".join(source if source.startswith("l_") else f"{source} is not None" for source in some)
        whole = " and ".join(f"{source} is not None" for source in needed) or f"({present})"
        given = [(field, f"{one} or []" if one.startswith("l_") else one) for field, one in arguments.items()]
        making = f"{cls.__name__}({', '.join(f'{field}={source}' for field, source in given)})"
        out.add(1, f"if {whole}:", f"    {name} = {making}", "else:", f"    {name} = None")
        if needed and len(some) > 1:
            out.add(2, f"if {present}:")
            rules = tuple(rule.id for rule in scope.rules if rule.path[: len(path)] == path)
            out.add(3, f"M.orphan(x, p, {rules!r})" if self.careful else "M.stop()")
        return name


def list_name(path: Path) -> str:
    """The variable that gathers a list."""
    return "l_" + "_".join(path)
