"""The contracts keep the house rules, and what is generated from them is in step."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kit.contracts import ContractError, check, comments, facts, files, rpcs
from proto.gen.minzheng.common.v1.access_pb import Access, PersonalClass, ext_personal
from tests.house.test_files import ROOT

SOME = rpcs()[0]
PERSONAL = (PersonalClass.P2, PersonalClass.P3)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (replace(SOME, access=Access()), "no access rule"),
        (replace(SOME, access=Access(action="x")), "no access rule"),
        (replace(SOME, routes=()), "http rule or internal"),
        (
            replace(SOME, access=Access(action="x", rows=SOME.access.rows, internal=True)),
            "http rule or internal",
        ),
        (replace(SOME, summary=""), "no comment"),
        (replace(SOME, workload="*"), "which workload"),
    ],
)
def test_an_unguarded_rpc_refuses_to_start(broken: object, sentence: str) -> None:
    with pytest.raises(ContractError, match=sentence):
        check(broken)  # type: ignore[arg-type]


def test_every_rpc_says_in_chinese_what_it_does() -> None:
    assert [rpc.id for rpc in rpcs() if not any("一" <= sign <= "鿿" for sign in rpc.summary)] == []


def test_every_mutating_rpc_carries_a_key_of_its_caller() -> None:
    for rpc in rpcs():
        names = [field.local_name for field in rpc.request.desc().fields]
        if rpc.changes:
            assert "request_id" in names or names[0].endswith("_id"), rpc.id


def test_facts_carry_no_personal_data() -> None:
    for fact in facts().values():
        for field in fact.desc().fields:
            options = field.proto.options
            if options is not None and ext_personal in options:
                assert options[ext_personal] not in PERSONAL, field.name


def test_everything_in_the_contracts_is_commented() -> None:
    known = comments()
    for file in files():
        for message in file.messages:
            assert message.type_name in known
            assert [
                f.name for f in message.fields if f"{message.type_name}.{f.name}" not in known
            ] == []


def test_the_generated_code_is_in_step(tmp_path: Path) -> None:
    command = [sys.executable, "proto/generate.py", "--check"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
