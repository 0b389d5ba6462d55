"""From a resolved spec to the rules of a flat file: CSV columns and fixed-width records as places."""

from typing import Any

from hub.mapping.build_tree import TreeBuilder
from hub.mapping.flat import KEYS, ROW, Columns, Records
from hub.mapping.spec import Spec, Text, as_text, near, wrong
from hub.mapping.tree import Step, TreeRule, TreeScope


class ColumnBuilder(TreeBuilder):
    """Places are columns: `order_number`, as `columns:` names it."""

    keys = TreeBuilder.keys | (KEYS - {"record"})
    scalar = True

    def build(self) -> TreeScope:
        self.columns = Columns.of(self.spec)
        return super().build()

    def way(self, source: Text) -> list[Step]:
        name = source.strip()
        if name == ".":
            return []
        if self.columns.names and name not in self.columns.names and name != ROW:
            text = f'there is no column "{name}"{near(name, self.columns.names)}; `columns:` names them'
            raise wrong(source, "HUB-3003", text)
        return [Step(name)]


class RecordBuilder(TreeBuilder):
    """Places are records and characters: `HDR.4-15` is fifteen characters from the fourth on."""

    keys = TreeBuilder.keys | (KEYS - {"columns"})
    scalar = True

    def way(self, source: Text) -> list[Step]:
        if source.strip() == ".":
            return []
        return self.records.note(source, self._inside) if "." in source else [Step(source.strip())]

    def _rule(self, path: tuple[str, ...], kind: type, text: Text, at: Text) -> TreeRule:
        for place in text.partition(" | ")[0].split(" + "):
            if "." not in place:
                raise wrong(at, "HUB-3002", f'"{place}" is not a place; a place looks like HDR.4-15 (start-length)')
        return super()._rule(path, kind, text, at)

    def build(self) -> TreeScope:
        self.records = Records.of(self.spec)
        self._inside: str | None = None
        scope = super().build()
        group = as_text(self.spec.get(Text("group")), "group", self.spec)
        if group not in self.records.spans:
            text = f'no rule reads the record "{group}", with which a document begins{near(group, self.records.spans)}'
            raise wrong(group, "HUB-3010", text)
        return scope

    def _each(self, scope: TreeScope, path: tuple[str, ...], kind: Any, body: dict[Text, Spec]) -> None:
        tag = str(as_text(body[Text("each")], "each")).removesuffix("#1")
        before = self._inside
        if len(tag) > self.records.length:
            text = f'a record is named by {self.records.length} characters, and "{tag}" has {len(tag)}'
            raise wrong(body[Text("each")], "HUB-3002", text)
        if tag != ".":
            self.records.inside[tag] = before or ""
            self.records.lists.add(tag)
            self.records.spans.setdefault(tag, [])
            self._inside = tag
        super()._each(scope, path, kind, body)
        self._inside = before
