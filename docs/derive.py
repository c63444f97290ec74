"""Write the tables in the docs that are derived from declarations: `python docs/derive.py`.

A page marks their places with `<!-- name -->` … `<!-- /name -->`. A test fails when one is out of date.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent


def settings() -> str:
    """Every setting of the server."""
    from aquifer_server.settings import Settings

    rows = ["| option | environment | default | what |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, ()) else f"`{_shown(field.default)}`"
        option = f"--{name.replace('_', '-')}"
        rows.append(f"| `{option}` | `AQUIFER_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)


TABLES: dict[str, Callable[[], str]] = {"settings": settings}


def derived(text: str) -> str:
    """The page with its derived tables written anew."""
    for name, table in TABLES.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        if re.search(pattern, text, re.DOTALL):
            text = re.sub(pattern, rf"\1{table().replace(chr(92), chr(92) * 2)}\n\2", text, flags=re.DOTALL)
    return text


def _shown(value: object) -> str:
    return " ".join(str(item) for item in value) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    for page in FOLDER.glob("*.md"):
        page.write_text(derived(page.read_text()))
