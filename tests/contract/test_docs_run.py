"""Python and commands of docs/start run: each block, in its order, against the real application.

A page is one program. Where the other side has to act, the page holds a comment that readers do
not see, `<!-- stage: name -->`, and the method of that name below acts. Requests go through the
client's whole stack and a requests adapter into the application; the key is the page's own,
registered as the operator does it.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import text

from openredress import PrivateKey
from openredress.cli.commands import main
from openredress.client import Client
from openredress_api import access
from openredress_webhooks.signing import Secret, sign
from tests.contract.test_sdk_over_imports import Working
from tests.contract.test_sdk_over_the_server import ISSUER
from tests.contract.walk import Walk, done
from tests.factories.parties import Party
from tests.factories.remediation import SAID

START = Path(__file__).parents[2] / "docs" / "start"
PARTS = re.compile(r"^<!-- stage: (\w+) -->$|^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def walk(installation: Any) -> Iterator[Walk]:
    """A world in which the main loop was walked once, figures and all."""
    made = Walk(installation)
    made.whole()
    yield made
    made.world.app.extensions["openredress"].dispose()


class Stage:
    """The other side of a page: the operator, the institute, the delivery worker."""

    def __init__(self, walk: Walk, party: Party, variables: dict[str, Any]) -> None:
        self.walk, self.party, self.variables = walk, party, variables

    def registered(self) -> None:
        """The operator registers the public key of the page's reader."""
        if not Path("key.pem").exists():
            key = PrivateKey.generate()
            key.to_file("key.pem")
            Path("public.jwk").write_text(json.dumps(key.public_jwk()), encoding="utf-8")
        with self.walk.world.installation.as_owner() as connection:
            client_id, _ = access.add_client(
                connection,
                self.party.organisation_id,
                name="docs",
                person_id=self.party.person_id,
                scopes=sorted(access.SCOPES_BY_ROLE[self.party.kind]),
                jwk=json.loads(Path("public.jwk").read_text(encoding="utf-8")),
                is_sandbox=False,
            )
        self.variables["environment"].setenv("OPENREDRESS_CLIENT_ID", client_id)

    def typed(self, lines: str) -> None:
        """The page's reader types commands; what they print and return is printed."""
        for word, *more in map(shlex.split, lines.splitlines()):
            if word == "export":
                self.variables["environment"].setenv(*more[0].split("="))
            else:
                assert word == "openredress"
                done = CliRunner().invoke(main, more)
                sys.stdout.write(f"{done.output}code {done.exit_code}\n")

    def delivered(self) -> None:
        """The page's receiver takes a signed event twice and refuses a forged one."""
        body = (START.parents[1] / "openapi/examples/remediation.requested.json").read_bytes()
        secret = Secret.parse(self.variables["secret"])
        headers = sign([secret], json.loads(body)["id"], int(time.time()), body)
        inbox = self.variables["inbox"]
        assert [inbox.respond("POST", headers, body).status for _ in range(2)] == [204, 204]
        assert inbox.respond("POST", headers, body + b" ").status == 401

    def asked(self) -> None:
        """The institute asks for a remedy at the page's site."""
        site = self.variables["site"].id
        self.walk.ask(self.walk.case(site), site)

    def agreed(self) -> None:
        """The institute agrees to the plan."""
        done(self.walk.institute.post(f"{self._request()}/plan/agree"))

    def validated(self) -> None:
        """The institute reads the claim, and workers confirm it."""
        for verb, body in (("review", {}), ("await-validation", {}), ("validations", SAID)):
            done(self.walk.institute.post(f"{self._request()}/{verb}", body))

    def _request(self) -> str:
        return f"/v1/remediation-requests/{self.variables['request'].id}"

    def referred(self) -> None:
        """The institute offers a case to the page's agency."""
        self.case = self.walk.case(self.walk.world.site(self.walk.supplier, "TH-02"))
        self.walk.offer(self.case, self.party)

    def sheltered(self) -> None:
        """The institute refers a case to the page's organisation for workers."""
        self.site = self.walk.world.site(self.walk.supplier, "TH-04")
        self.case = self.walk.case(self.site)
        self.walk.offer(self.case, self.party, purpose="shelter")

    def gone_on(self) -> None:
        """The institute refers the case to another one, as was asked."""
        asked = {"onward_request": self.variables["asked"].id, "purpose": "reintegration"}
        self.walk.offer(self.case, self.walk.other_cso, **asked)

    def claimed(self) -> None:
        """A supplier says that the remedy of the case is done; its workers are to be asked."""
        path = self.walk.ask(self.case, self.site)
        for party, verb, body in self.walk.straight()[:-2]:
            done(party.post(f"{path}/{verb}", body))

    def invited(self) -> None:
        """The institute asks the page's brand to stand behind a remedy at its site."""
        site = self.walk.world.site(self.walk.supplier, "TH-03")
        self.case = self.walk.case(site)
        self.consented("share_brand_aggregate", "granted")
        path = f"{self.walk.ask(self.case, site)}/sponsors"
        done(self.walk.institute.post(path, {"brand": self.party.id}))

    def unsaid(self) -> None:
        """The worker takes back the consent to share with organisations for workers."""
        self.consented("share_cso", "withdrawn")

    def withdrawn(self) -> None:
        """The worker takes back what the referral rests on."""
        self.consented("share_agency", "withdrawn")

    def consented(self, scope: str, state: str) -> None:
        """The worker of the case answers the question of one scope."""
        answer = {"scope": scope, "state": state, "method": "spoken", "language": "my"}
        done(self.walk.institute.post(f"/v1/cases/{self.case}/consents", answer))
        with self.walk.world.installation.as_owner() as connection:
            connection.execute(text("SELECT gate.sequence_events()"))


def played(
    walk: Walk, role: str, folder: Path, monkeypatch: pytest.MonkeyPatch, page: str = ""
) -> tuple[dict[str, Any], int]:
    """Run the page of a role; returns its variables and the number of blocks."""
    story = START / f"{page or role}.md"

    def session() -> requests.Session:
        made = requests.Session()
        made.mount(ISSUER, Working(walk.world.app))
        return made

    monkeypatch.chdir(folder)
    monkeypatch.setenv("OPENREDRESS_URL", ISSUER)
    monkeypatch.setattr("openredress.client.Client", partial(Client, session_factory=session))
    variables: dict[str, Any] = {"environment": monkeypatch}
    stage = Stage(walk, getattr(walk, role), variables)
    blocks = 0
    for act, language, code in PARTS.findall(story.read_text(encoding="utf-8")):
        if act:
            getattr(stage, act)()
        elif language == "sh":
            stage.typed(code)
        else:
            exec(compile(code, story.name, "exec"), variables)  # noqa: S102 - our own pages
            blocks += 1
    return variables, blocks


def test_a_suppliers_first_hour(
    walk: Walk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The supplier's page runs from an empty folder to a remedy that workers confirmed in full."""
    variables, blocks = played(walk, "supplier", tmp_path, monkeypatch)
    said = capsys.readouterr().out
    assert blocks == 15
    assert "created unchanged" in said
    assert variables["mechanism"].outcome == "created"
    assert "/category not_in_list" in said
    assert 'line 4, Category: "wages":' in said
    assert "grievances.csv.corrections.xlsx\nchecked, nothing is stored" in said
    assert "3 rows: 2 new, 1 refused" in said
    assert "done: the good rows are stored\ncode 1" in said
    assert variables["pushed"].counts.new == 3
    assert "remediation.requested" in said
    assert variables["request"].status == "validated_full"
    assert [each.result for each in variables["request"].results] == ["full"]


def test_an_agencys_first_hour(
    walk: Walk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The agency's page states and corrects a placement, answers a referral and loses it again."""
    variables, blocks = played(walk, "agency", tmp_path, monkeypatch)
    said = capsys.readouterr().out
    assert blocks == 7
    assert "placements.xlsx\ncode 0" in said
    assert "line 4, Pseudonym:" in said
    assert "3 rows: 2 new, 1 refused\n" in said
    assert (variables["again"].outcome, variables["again"].status) == ("updated", "working")
    assert variables["again"].contract_match == "worse"
    assert "['Made-up Recruiters Pvt. Ltd.']" in said
    assert variables["licence"].outcome == "created"
    assert "response_submitted" in said
    assert "410 delete by" in said
    assert "confirmed" in said


def test_a_first_hour_for_workers(
    walk: Walk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The page takes a referral on, asks it onward, validates a remedy and confirms a deletion."""
    variables, blocks = played(walk, "cso", tmp_path, monkeypatch)
    said = capsys.readouterr().out
    assert blocks == 6
    assert "shelter ['wages.withheld'] None" in said
    assert {"asked", "referred", "full"} <= set(said.splitlines())
    assert "410 delete by" in said
    receipt = walk.institute.get(f"/v1/referrals/{variables['referral'].id}").json
    assert receipt["deletion_confirmed_at"] is not None


def test_a_brand_analysts_first_hour(
    walk: Walk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The brand's page confirms a relation, reads a figure of 40 workers and writes a table."""
    site = walk.world.site(walk.supplier, "TH-03", name="Cutting hall")
    relation = {"site": site, "partner": walk.brand.id, "valid_from": "2026-01-01"}
    done(walk.supplier.post("/v1/relations", relation))
    variables, blocks = played(walk, "brand", tmp_path, monkeypatch)
    said = capsys.readouterr().out
    assert blocks == 8
    assert "Cutting hall" in said
    assert "2026-Q3 40 workers_counted_per_case None" in said
    assert "workers_remediated,40" in variables["table"].getvalue()
    assert "metrics.published 2026-Q3" in said
    assert "accepted wages_paid issued" in said


def test_a_case_workers_first_day(
    walk: Walk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The case worker's page goes from a call to a worker who comes back with a receipt code."""
    variables, blocks = played(walk, "institute", tmp_path, monkeypatch, "case-worker")
    said = capsys.readouterr().out
    assert blocks == 8
    assert "s2_severe ['indicators_observed']" in said
    assert "2 contacts" in said
    assert "in_work We have asked for your passport." in said
    assert "worker I have it back." in said
    assert "answer_worker" in said
    assert "reopened" in said
    assert variables["merged"].merged_into == variables["case"]
