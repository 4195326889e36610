"""YAML for other programs to read, and people to look through: lists are indented, and nothing is an alias."""

from __future__ import annotations

from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def encode(content: dict[str, Any], remark: str) -> str:
    """A document, below a comment that says where it comes from."""
    return f"# {remark}\n" + yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
