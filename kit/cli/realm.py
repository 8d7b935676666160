"""`minzheng realm apply`: bring a running Keycloak's realm to the realm file, without losing anybody.

An import happens once only. Here the file is compared with the server, every difference is said,
and with `--yes` set right: by merging, never by deleting, so people, sessions and secrets stay.
Flows go by their alias: a changed flow gets a new alias in the file and is switched to.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kit.embedded.issuer.realm import filled
from kit.embedded.real.keycloak import ADMIN
from kit.settings import Settings, settings

if TYPE_CHECKING:
    from keycloak import KeycloakAdmin

LISTS = frozenset(
    {"realm", "roles", "clients", "users", "components", "scopeMappings", "browserFlow",
     "authenticationFlows", "authenticatorConfig", "identityProviders", "identityProviderMappers"}
)  # fmt: skip
"""Keys of the file that have a way of their own, or none: people are never touched."""
SET_AT_BIRTH = frozenset({"secret", "defaultClientScopes", "optionalClientScopes"})
"""What a client keeps from its making; secrets are rotated elsewhere."""
PROFILE = "org.keycloak.userprofile.UserProfileProvider"
app = typer.Typer(help="The realm of Keycloak.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class Change:
    """A difference in words, and what removes it."""

    text: str
    do: Callable[[], object]


@app.command()
def apply(
    yes: Annotated[bool, typer.Option("--yes", help="change it; otherwise only say")] = False,
) -> None:
    """Compare the realm file with the running Keycloak; with --yes, set right what differs.

    Example: `minzheng realm apply`, then `minzheng realm apply --yes`
    """
    found = 0
    for change in changes(wanted(settings()), connect(settings())):
        found += 1
        typer.echo(change.text)
        if yes:
            change.do()
    done = "已更改 changed" if yes else "仅比较，加 --yes 执行 only compared, --yes changes"
    typer.echo(f"{found} 处不同 differences({done})" if found else "无差异 no difference")


def connect(config: Settings) -> "KeycloakAdmin":
    """The administration of the issuer's realm."""
    from keycloak import KeycloakAdmin  # a second of importing that no other verb should wait for

    base, _, realm = config.issuer_inside.partition("/realms/")
    return KeycloakAdmin(
        server_url=base,
        realm_name=realm,
        user_realm_name="master",
        client_id=ADMIN,
        client_secret_key=config.secret("keycloak_admin"),
        grant_type="client_credentials",
    )


def wanted(config: Settings) -> dict[str, Any]:
    """The realm file, its placeholders filled as Keycloak's import fills them."""
    urls = {"MINZHENG_PUBLIC_URL": config.public_url}
    if config.gateway_url:
        urls["MINZHENG_GATEWAY_URL"] = config.gateway_url
    return filled(config.realm_file, {**os.environ, **urls})


def changes(file: Mapping[str, Any], admin: "KeycloakAdmin") -> Iterator[Change]:
    """Every difference, in the order in which they must be removed."""
    name = file["realm"]
    realm = admin.get_realm(name)
    for key in sorted(file.keys() - LISTS):
        if not within(file[key], realm.get(key)):
            text = f"realm {key}: {realm.get(key)} → {file[key]}"
            yield Change(text, partial(admin.update_realm, name, {key: file[key]}))
    yield from roles(file, admin)
    yield from clients(file, admin)
    yield from profile(file, admin)
    yield from flows(file, realm, admin)
    yield from providers(file, admin)


def roles(file: Mapping[str, Any], admin: "KeycloakAdmin") -> Iterator[Change]:
    """Roles of the realm that are missing or described otherwise."""
    known = {role["name"]: role for role in admin.get_realm_roles()}
    for role in file["roles"]["realm"]:
        name = role["name"]
        if name not in known:
            yield Change(f"role {name}: new", partial(admin.create_realm_role, role))
        elif not within(role, known[name]):
            yield Change(f"role {name}: {role}", partial(admin.update_realm_role, name, role))


def clients(file: Mapping[str, Any], admin: "KeycloakAdmin") -> Iterator[Change]:
    """Clients that are missing or set otherwise; an update replaces the mappers as a whole."""
    known = {client["clientId"]: client for client in admin.get_clients()}
    for client in file["clients"]:
        name = client["clientId"]
        if name not in known:
            yield Change(f"client {name}: new", partial(admin.create_client, client))
            continue
        now = known[name]
        parts = {k: v for k, v in client.items() if k not in SET_AT_BIRTH}
        differ = {k: v for k, v in parts.items() if not within(v, now.get(k))}
        surplus = mappers(now) - mappers(client)
        if differ or surplus:
            text = f"client {name}: {', '.join(sorted(differ) or ['protocolMappers'])}"
            full = {"protocolMappers": [], **parts}
            yield Change(text, partial(admin.update_client, now["id"], full))


def mappers(client: Mapping[str, Any]) -> set[str]:
    """Names of a client's mappers."""
    return {mapper["name"] for mapper in client.get("protocolMappers", ())}


def profile(file: Mapping[str, Any], admin: "KeycloakAdmin") -> Iterator[Change]:
    """What may be known of a person."""
    [component] = file["components"][PROFILE]
    new = json.loads(component["config"]["kc.user.profile.config"][0])
    if not within(new, admin.get_realm_users_profile()):
        yield Change("user profile", partial(admin.update_realm_users_profile, new))


def flows(
    file: Mapping[str, Any], realm: Mapping[str, Any], admin: "KeycloakAdmin"
) -> Iterator[Change]:
    """Flows are built under a new alias; that of signing on is then switched to."""
    known = {flow["alias"] for flow in admin.get_authentication_flows()}
    for flow in file["authenticationFlows"]:
        if flow["topLevel"] and flow["alias"] not in known:
            yield Change(f"flow {flow['alias']}: new", partial(build, file, flow, admin))
    alias = file["browserFlow"]
    if realm["browserFlow"] != alias:
        text = f"realm browserFlow: {realm['browserFlow']} → {alias}"
        yield Change(text, partial(admin.update_realm, file["realm"], {"browserFlow": alias}))


def providers(file: Mapping[str, Any], admin: "KeycloakAdmin") -> Iterator[Change]:
    """Other places to sign on at, and what is taken over from them."""
    known = {provider["alias"]: provider for provider in admin.get_idps()}
    for provider in file.get("identityProviders", ()):
        alias, now = provider["alias"], known.get(provider["alias"])
        parts = plain(provider)
        if now is None:
            yield Change(f"identity provider {alias}: new", partial(admin.create_idp, parts))
        elif not within(open_part(parts), now):
            yield Change(
                f"identity provider {alias}", partial(admin.update_idp, alias, now | parts)
            )
    for mapper in file.get("identityProviderMappers", ()):
        alias, name = mapper["identityProviderAlias"], mapper["name"]
        there = {m["name"]: m for m in admin.get_idp_mappers(alias)} if alias in known else {}
        text = f"identity provider {alias}, mapper {name}"
        if name not in there:
            yield Change(f"{text}: new", partial(admin.add_mapper_to_idp, alias, mapper))
        elif not within(mapper, there[name]):
            changed = there[name] | mapper
            yield Change(text, partial(admin.update_mapper_in_idp, alias, changed["id"], changed))


def plain(provider: Mapping[str, Any]) -> dict[str, Any]:
    """A provider of the file, its placeholder of a switch read as one."""
    return {**provider, "enabled": str(provider["enabled"]).lower() == "true"}


def open_part(provider: Mapping[str, Any]) -> dict[str, Any]:
    """What can be compared: the server never tells a secret, and keeps nothing that is empty."""
    config = {k: v or None for k, v in provider["config"].items() if k != "clientSecret"}
    return {**provider, "config": config}


def build(file: Mapping[str, Any], top: Mapping[str, Any], admin: "KeycloakAdmin") -> None:
    """Make a top flow, then level by level what is in it."""
    known = {flow["alias"]: flow for flow in file["authenticationFlows"]}
    admin.create_authentication_flow({**top, "authenticationExecutions": []})
    settings_of = {item["alias"]: item for item in file["authenticatorConfig"]}
    fill(admin, top, known, settings_of)


def fill(
    admin: "KeycloakAdmin",
    flow: Mapping[str, Any],
    known: Mapping[str, Mapping[str, Any]],
    settings_of: Mapping[str, Any],
) -> None:
    """Give a flow its steps: each is made disabled, then required as the file says, then set up."""
    alias = flow["alias"]
    for step in flow["authenticationExecutions"]:
        below = known.get(step.get("flowAlias", ""))
        before = {row["id"] for row in admin.get_authentication_flow_executions(alias)}
        if below:
            child = {"alias": below["alias"], "type": "basic-flow", "provider": "registration-page-form"}  # fmt: skip
            child["description"] = below["description"]
            admin.create_authentication_flow_subflow(child, alias)
        else:
            admin.create_authentication_flow_execution({"provider": step["authenticator"]}, alias)
        rows = admin.get_authentication_flow_executions(alias)
        [made] = [row for row in rows if row["id"] not in before]
        made |= {"requirement": step["requirement"], "priority": step["priority"]}
        admin.update_authentication_flow_executions(made, alias)
        if "authenticatorConfig" in step:
            admin.create_execution_config(made["id"], settings_of[step["authenticatorConfig"]])
        if below:
            fill(admin, below, known, settings_of)


def within(new: Any, now: Any) -> bool:
    """Whether the server has all that the file says; it adds defaults of its own everywhere."""
    if isinstance(new, dict):
        return isinstance(now, dict) and all(within(v, now.get(k)) for k, v in new.items())
    if isinstance(new, list):
        return isinstance(now, list) and all(any(within(v, w) for w in now) for v in new)
    return bool(new == now)
