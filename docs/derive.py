"""Write the tables in the docs that are derived from declarations: `python docs/derive.py`.

A page marks their places with `<!-- name -->` … `<!-- /name -->`. A test fails when one is out of date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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


def metrics() -> str:
    """Every metric that Prometheus is told."""
    from aquifer_cluster.cloud import form_cloud
    from aquifer_cluster.jobs import Jobs
    from aquifer_cluster.store import Store
    from aquifer_server.coordinator import Coordinator
    from aquifer_server.settings import Settings
    from aquifer_server.telemetry import Telemetry

    cloud = form_cloud("docs", threads=1, memory=1 << 20)
    coordinator = Coordinator(cloud, Store(), Jobs(cloud), Settings(), Path())
    found = sorted(Telemetry(coordinator).registry.collect(), key=lambda metric: metric.name)
    cloud.close()
    rows = ["| metric | type | what |", "|---|---|---|"]
    rows += [f"| `{metric.name}` | {metric.type} | {metric.documentation} |" for metric in found]
    return "\n".join(rows)


def routes() -> str:
    """Every route of the server."""
    from aquifer_server.application import ROUTERS
    from fastapi.routing import APIRoute

    found = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    rows = ["| route | what |", "|---|---|"]
    for route in sorted(found, key=lambda route: (route.path, sorted(route.methods))):
        summary = (route.endpoint.__doc__ or "").strip().splitlines()[0]
        rows.append(f"| `{' '.join(sorted(route.methods))} {route.path}` | {summary} |")
    return "\n".join(rows)


def primitives() -> str:
    """Every primitive of the expression language."""
    from aquifer_server.rapids.primitives import PRIMITIVES

    rows = ["| expression | gives | what |", "|---|---|---|"]
    for primitive in PRIMITIVES.values():
        signature = primitive.signature.replace("|", "\\|")
        rows.append(f"| `{signature}` | {primitive.result} | {primitive.summary} |")
    return "\n".join(rows)


def date_codes() -> str:
    """Every code of a date format."""
    from aquifer_cluster.transform.date_formats import FIELDS, SHORTHANDS

    rows = ["| code | reads |", "|---|---|"]
    rows += [f"| `%{code}` | {field.meaning} |" for code, field in FIELDS.items()]
    rows += [f"| `%{code}` | {_of_code(text)} |" for code, text in SHORTHANDS.items()]
    return "\n".join(rows)


def _of_code(text: str) -> str:
    return {"\n": "a line break", "\t": "a tab"}.get(text, f"`{text}`")


def sources() -> str:
    """Every kind of place that data comes from."""
    from aquifer_cluster.ingest import SCHEMES

    rows = ["| place | address | credentials |", "|---|---|---|"]
    for scheme in SCHEMES:
        beginnings = ", ".join(f"`{beginning}`" for beginning in scheme.beginnings)
        rows.append(f"| {scheme.title} (`{scheme.name}`) | {beginnings} | {scheme.credentials} |")
    return "\n".join(rows)


def compressions() -> str:
    """Every compression that is undone."""
    from aquifer_cluster.ingest.compression import COMPRESSIONS

    return ", ".join(compression.name for compression in COMPRESSIONS)


def formats() -> str:
    """Every format that can be imported."""
    from aquifer_cluster.ingest import READERS

    rows = ["| format | `parse_type` | what is read |", "|---|---|---|"]
    rows += [f"| {reader.title} | `{reader.parse_type}` | {reader.summary} |" for reader in READERS]
    return "\n".join(rows)


def encodings() -> str:
    """Every encoding of chunks."""
    from aquifer_cluster.chunk import TITLES

    return "\n".join(
        ["| encoding | what |", "|---|---|", *(f"| `{name}` | {title} |" for name, title in TITLES.items())]
    )


def categorical_encodings() -> str:
    """Every encoding of the levels of categorical columns."""
    from aquifer_algos.encoding import ENCODINGS

    rows = ["| `categorical_encoding` | a column becomes |", "|---|---|"]
    rows += [f"| `{name}` | {encoding.summary} |" for name, encoding in ENCODINGS.items()]
    return "\n".join(rows)


def parameters() -> str:
    """Every parameter of deep learning that works."""
    rows = ["| parameter | default | may be | what |", "|---|---|---|---|"]
    for name, specification, declared in _parameters():
        if declared.supported != (specification.default,):
            default, valid = _default(specification.default), _valid(specification, declared)
            rows.append(f"| `{name}` | {default} | {valid} | {specification.help} |")
    return "\n".join(rows)


def fixed_parameters() -> str:
    """Every parameter that must stay the same when training goes on from a model."""
    from aquifer_algos.deeplearning.validation.checkpoint import FIXED

    return ", ".join(f"`{name}`" for name in FIXED)


def missing_parameters() -> str:
    """Every parameter of deep learning with values that this release refuses."""
    rows = ["| parameter | works so far |", "|---|---|"]
    for name, _, declared in _parameters():
        if declared.supported:
            rows.append(f"| `{name}` | {', '.join(_default(value) for value in declared.supported)} |")
    return "\n".join(rows)


_TYPES = {
    "boolean": "`True`, `False`",
    "int": "a whole number",
    "long": "a whole number",
    "float": "a number",
    "double": "a number",
    "string": "text",
    "string[]": "names",
    "VecSpecifier": "a column's name",
    "Key<Model>": "a model's key",
    "Key<Frame>": "a frame's key",
    "Key<Frame>[]": "frames' keys",
}
"""The protocol's types in words."""

TABLES: dict[str, Callable[[], str]] = {
    "settings": settings,
    "metrics": metrics,
    "routes": routes,
    "primitives": primitives,
    "sources": sources,
    "compressions": compressions,
    "date codes": date_codes,
    "formats": formats,
    "encodings": encodings,
    "categorical encodings": categorical_encodings,
    "parameters": parameters,
    "fixed parameters": fixed_parameters,
    "missing parameters": missing_parameters,
}


def derived(text: str) -> str:
    """The page with its derived tables written anew."""
    for name, table in TABLES.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        if re.search(pattern, text, re.DOTALL):
            text = re.sub(pattern, rf"\1{table().replace(chr(92), chr(92) * 2)}\n\2", text, flags=re.DOTALL)
    return text


def _parameters() -> Iterator[tuple[str, Any, Any]]:
    from aquifer_algos.deeplearning.params import DeepLearningParameters
    from aquifer_algos.params import declaration, specifications

    for name, specification in specifications(DeepLearningParameters).items():
        yield name, specification, declaration(DeepLearningParameters, name)


def _valid(specification: Any, declared: Any) -> str:
    """What a parameter may be: its choices, or the range of its number or numbers, or its type."""
    if specification.values:
        return ", ".join(f"`{value}`" for value in declared.supported or specification.values)
    if declared.interval:
        return f"{'numbers ' if declared.type.endswith('[]') else ''}{declared.interval}"
    return _TYPES[declared.type]


def _default(value: object) -> str:
    if value is None:
        return "not set"
    return f"`{list(value) if isinstance(value, tuple) else value}`"


def _shown(value: object) -> str:
    return " ".join(str(item) for item in value) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    for page in FOLDER.glob("*.md"):
        page.write_text(derived(page.read_text()))
