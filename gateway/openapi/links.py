"""Links of OpenAPI: what can be done with the thing a call has just created."""

import re
from collections.abc import Mapping

from gateway.openapi.schemas import Schema

VARIABLE = re.compile(r"\{(\w+)\}")


def add_links(paths: Mapping[str, Schema], components: Mapping[str, Schema]) -> None:
    """Link every create (its body names the new id) to the operations below that id."""
    for path, methods in paths.items():
        made = methods.get("post", {})
        for name in body_names(made, components):
            found = links(paths, f"{path}/{{{name}}}", name)
            if found:
                made["responses"]["200"]["links"] = found


def body_names(operation: Schema, components: Mapping[str, Schema]) -> list[str]:
    """Names of the required fields of the body."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    reference = content.get("schema", {}).get("$ref", "")
    return list(components.get(reference.rpartition("/")[2], {}).get("required", ()))


def links(paths: Mapping[str, Schema], below: str, name: str) -> Schema:
    """A link for each operation at or below a path."""
    return {
        operation["operationId"]: {
            "operationId": operation["operationId"],
            "parameters": {one: source(one, name) for one in VARIABLE.findall(path)},
        }
        for path, methods in paths.items()
        if path == below or path.startswith((f"{below}/", f"{below}:"))
        for operation in methods.values()
        if set(VARIABLE.findall(path)) == set(VARIABLE.findall(below))
    }


def source(variable: str, made: str) -> str:
    """Where a variable comes from: the body for the new id, the same path for its parents."""
    return f"$request.body#/{variable}" if variable == made else f"$request.path.{variable}"
