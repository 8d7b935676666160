"""A cluster for development has the secrets that its pods mount, and each pod its own only."""

import pytest

from deploy.k8s.secrets import secrets
from kit.embedded.hand_out import hand_out
from kit.settings import Settings
from tests.k8s.rendering import SMALL, overlay


@pytest.mark.parametrize("name", SMALL)
def test_what_is_mounted_is_made(name, tmp_path):
    hand_out(tmp_path, Settings(events="kafka", sign_on="keycloak"))
    made = {(one["metadata"]["namespace"], one["metadata"]["name"]): one["data"] for one in secrets(tmp_path)}  # fmt: skip
    mounted = {
        (pod.namespace, row["secret"]["secretName"])
        for pod in overlay(f"overlays/{name}").pods()
        for row in pod.spec["volumes"]
        if "secret" in row
    }
    assert made.keys() == mounted
    assert made["minzheng-core", "migrate-filing"].keys() == {"postgres_minzheng_filing_owner"}
    assert "postgres_superuser" not in made["minzheng-core", "filing"]
    assert "internal_key.pem" not in made["minzheng-core", "filing"]
