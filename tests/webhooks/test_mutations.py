"""A hundred thousand spoilt requests among ten thousand good ones: a verdict for each.

The seed is printed; `SEED=<number>` plays the same requests again.
"""

from __future__ import annotations

import base64
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, get_args

from openredress_webhooks import events, signing
from openredress_webhooks.events import Event
from openredress_webhooks.problems import ForgedWebhook, Reason, UnreadableWebhook, WebhookError
from openredress_webhooks.signing import Secret, SigningKey, VerifyKey

SPOILT, GOOD_AMONG, UNREADABLE_AMONG = 100_000, 10, 20
NOW = 1_800_000_000
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
NAMES = (ID, TIMESTAMP, SIGNATURE)
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
RUBBISH = ["\0", "\n", "\r\n", "\t", "\x7f", "\x1b", "é", "١", "１", "\u202e", "\udcff", "😀"]  # noqa: RUF001 - digits that are none
Signer = Secret | SigningKey


class Pairs(Mapping[str, str]):
    """Headers as some frameworks keep them: the same name can stand there twice."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def __getitem__(self, name: str) -> str:
        return dict(self._pairs)[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def items(self) -> Any:
        """All of them."""
        return list(self._pairs)


@dataclass(frozen=True)
class Request:
    """A request, the keys that signed it and the keys that its receiver trusts."""

    signers: tuple[Signer, ...]
    trusted: tuple[Secret | VerifyKey, ...]
    headers: Mapping[str, str]
    body: bytes

    def with_header(self, name: str, value: str) -> Request:
        """The same with another value."""
        return replace(self, headers={**self.headers, name: value})

    def with_items(self, change: Callable[[str], str]) -> Request:
        """The same with every signature changed, as one that stays good would be accepted."""
        items = self.headers[SIGNATURE].split(" ")
        return self.with_header(SIGNATURE, " ".join(map(change, items)))

    def resigned(
        self, message_id: str | None = None, seconds: str | None = None, body: bytes | None = None
    ) -> Request:
        """The same with other parts, signed by the right keys all the same."""
        said = self.headers[ID] if message_id is None else message_id
        when = self.headers[TIMESTAMP] if seconds is None else seconds
        what = self.body if body is None else body
        message = b".".join((said.encode("utf-8", "surrogatepass"), when.encode(), what))
        signature = " ".join(key.sign(message) for key in self.signers)
        return replace(self, headers={ID: said, TIMESTAMP: when, SIGNATURE: signature}, body=what)


class Spoiler:
    """Makes good requests and spoils them; whatever it spoils must not verify."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the seed makes a run repeatable
        self.ways = [
            getattr(self, name) for name in sorted(vars(Spoiler)) if name.startswith("_spoil_")
        ]
        self._stranger = self._keys()

    def _keys(self) -> tuple[tuple[Signer, ...], tuple[Secret | VerifyKey, ...]]:
        octets = self.chance.randbytes(32)
        secret = Secret.parse("whsec_" + base64.b64encode(octets).decode())
        signer = SigningKey._of(octets)
        both = ((secret, signer), (secret, signer.public))
        return self.chance.choice([((secret,), (secret,)), ((signer,), (signer.public,)), both])

    def good(self) -> tuple[Request, Event]:
        """A request that must verify, and its event."""
        chance = self.chance
        signers, trusted = self._keys()
        made = Event(
            id="evt_" + "".join(chance.choices(LETTERS, k=chance.randint(1, 100))),
            type="referral.offered",
            timestamp=datetime(2026, 3, 2, tzinfo=timezone.utc) + timedelta(chance.random()),
            schema_version=1,
            subject="ref_1",
            subject_seq=chance.randint(0, 2**40),
            data_class="restricted",
            data={"id": "ref_1", "status": "offered"},
            links={"self": "https://api.example.org/v1/referrals/ref_1"},
        )
        members = {**vars(made), "timestamp": made.timestamp.isoformat(), "note": "ทดสอบ\u202e"}
        body = json.dumps(members, ensure_ascii=chance.random() < 0.5).encode()
        seconds = NOW + chance.randint(-300, 300)
        return Request(signers, trusted, signing.sign(signers, made.id, seconds, body), body), made

    def dressed(self, request: Request) -> Request:
        """The same request in another way that must not matter."""
        chance, headers = self.chance, dict(request.headers)
        strangers = [f"v2,{'A' * 43}=", "v1", "v1,", ",", "v1,a,b", "v1a,!!!", "", "é"]
        items = [*headers[SIGNATURE].split(" "), *chance.sample(strangers, chance.randint(0, 4))]
        chance.shuffle(items)
        headers[SIGNATURE] = " ".join(items)
        case = chance.choice([str.lower, str.upper, str.title])
        more = {"host": "é", "x-webhook-id": "evt_2", "webhook-signature-2": "v1,x"}
        trusted = [*request.trusted, Secret.generate()]
        chance.shuffle(trusted)
        dressed = {**more, **{case(name): value for name, value in headers.items()}}
        return replace(request, headers=dressed, trusted=tuple(trusted))

    def _inserted(self, text: str, piece: str) -> str:
        place = self.chance.randint(0, len(text))
        return text[:place] + piece + text[place:]

    def _flipped(self, text: str, last: int) -> str:
        place = self.chance.randrange(last)
        other = self.chance.choice([one for one in LETTERS if one != text[place]])
        return text[:place] + other + text[place + 1 :]

    # Each of these takes a good request and returns one that must be refused.

    def _spoil_missing(self, one: Request) -> Request:
        gone = self.chance.choice(NAMES)
        return replace(one, headers={k: v for k, v in one.headers.items() if k != gone})

    def _spoil_empty(self, one: Request) -> Request:
        return one.with_header(self.chance.choice(NAMES), "")

    def _spoil_repeated(self, one: Request) -> Request:
        name = self.chance.choice(NAMES)
        value = self.chance.choice([one.headers[name], "evt_2", ""])
        return replace(one, headers={**one.headers, name.title(): value})

    def _spoil_repeated_alike(self, one: Request) -> Request:
        name = self.chance.choice(NAMES)
        return replace(one, headers=Pairs([*one.headers.items(), (name, one.headers[name])]))

    def _spoil_misnamed(self, one: Request) -> Request:
        name = self.chance.choice(NAMES)
        other = self.chance.choice(
            [name.replace("-", "_"), name + " ", "svix" + name[7:], name[1:]]
        )
        return replace(one, headers={{name: other}.get(k, k): v for k, v in one.headers.items()})

    def _spoil_swapped_case(self, one: Request) -> Request:
        changed = one.with_items(str.swapcase)
        return (
            changed
            if self.chance.random() < 0.5
            else one.with_header(ID, one.headers[ID].swapcase())
        )

    def _spoil_rubbish(self, one: Request) -> Request:
        piece = self.chance.choice(RUBBISH)
        name = self.chance.choice(NAMES)
        if name == SIGNATURE:
            return one.with_items(lambda item: self._inserted(item, piece))
        return one.with_header(name, self._inserted(one.headers[name], piece))

    def _spoil_huge(self, one: Request) -> Request:
        more = self.chance.choice(["A", "9", "=", "/"]) * self.chance.choice([200, 5_000])
        name = self.chance.choice(NAMES)
        if name == SIGNATURE:
            return one.with_items(lambda item: item + more)
        return one.with_header(name, one.headers[name] + more)

    def _spoil_cut(self, one: Request) -> Request:
        name, cut = self.chance.choice(NAMES), self.chance.randint(1, 20)
        if name == SIGNATURE:
            return one.with_items(lambda item: item[:-cut])
        return one.with_header(name, one.headers[name][: -min(cut, len(one.headers[name]))])

    def _spoil_flipped(self, one: Request) -> Request:
        name = self.chance.choice(NAMES)
        if name == SIGNATURE:  # the last letters before the padding hold bits of no meaning
            return one.with_items(lambda item: self._flipped(item, len(item) - 4))
        return one.with_header(name, self._flipped(one.headers[name], len(one.headers[name])))

    def _spoil_timestamp(self, one: Request) -> Request:
        seconds = one.headers[TIMESTAMP]
        other = self.chance.choice([
            f"{seconds}.0", f"{seconds}.9abc", f"0{seconds}", f"+{seconds}", f"-{seconds}",
            f" {seconds}", f"{seconds} ", f"{seconds}\n", f"{int(seconds):_}", "1.8e9", "nan",
            hex(int(seconds)), str(10**20), str(10**400), "-1", "-0", "00", "１８", f"{seconds}é",  # noqa: RUF001 - digits that are none
        ])  # fmt: skip
        return one.resigned(seconds=other)

    def _spoil_stale(self, one: Request) -> Request:
        away = self.chance.choice([301, 3_600, 10**6, NOW - 1])
        return one.resigned(seconds=str(NOW + self.chance.choice([-away, away])))

    def _spoil_id(self, one: Request) -> Request:
        known = one.headers[ID]
        other = self.chance.choice([
            "", ".", f"{known}.1", f".{known}", f"{known} ", f" {known}", f"{known}\n", "é",
            "\udcff", "a" * 129, f"{known}-", f"{known}\0", "evt/1", "٣",
        ])  # fmt: skip
        return one.resigned(message_id=other)

    def _spoil_moved_stop(self, one: Request) -> Request:
        """The same signed octets, cut at another full stop."""
        seconds, body = one.headers[TIMESTAMP], b"1." + one.body
        signed = one.resigned(message_id=f"{one.headers[ID]}", seconds=seconds, body=body)
        return replace(
            signed,
            headers={**signed.headers, ID: f"{one.headers[ID]}.{seconds}", TIMESTAMP: "1"},
            body=one.body,
        )

    def _spoil_spelling(self, one: Request) -> Request:
        def misspelt(item: str) -> str:
            version, _, encoded = item.partition(",")
            return self.chance.choice([
                encoded, f"{version}{encoded}", f"{version}={encoded}", f"{version},{encoded},",
                f"{version},,{encoded}", f",{item}", f"{version};{encoded}", f"{item},{item}",
                f'"{item}"', f"{version}, {encoded}", f"{version}\t{encoded}",
                item.replace("v", "V", 1), f"v0,{encoded}", f"v2,{encoded}", f"v1b,{encoded}",
                f"v01,{encoded}", f"sha256={encoded}", f"{version},",
            ])  # fmt: skip

        return one.with_items(misspelt)

    def _spoil_swapped_version(self, one: Request) -> Request:
        other = {"v1": "v1a", "v1a": "v1"}
        return one.with_items(lambda item: other[item.split(",")[0]] + item[item.index(",") :])

    def _spoil_base64(self, one: Request) -> Request:
        def otherwise(item: str) -> str:
            version, _, encoded = item.partition(",")
            octets = base64.b64decode(encoded)
            urlsafe = base64.urlsafe_b64encode(octets).decode()
            return f"{version}," + self.chance.choice([
                encoded.rstrip("="), encoded + "=", encoded + "==", encoded + "AA==", "====",
                octets.hex(), octets.hex().upper(), base64.b32encode(octets).decode(),
                base64.b85encode(octets).decode(), encoded[::-1], encoded[:-4] + "!" + encoded[-4:],
                encoded[:8] + "\n" + encoded[8:], encoded[:8] + "=" + encoded[8:], encoded * 2,
                urlsafe if urlsafe != encoded else urlsafe[1:], "A" * len(encoded),
                _second_spelling(encoded),
            ])  # fmt: skip

        return one.with_items(otherwise)

    def _spoil_joined(self, one: Request) -> Request:
        """Items that something else than a space divides, so that none stands alone."""
        divider = self.chance.choice(["\t", "\n", ";", "|", ",", ", "])
        items = one.headers[SIGNATURE].split(" ") * 2
        if divider == ", ":  # the last one would stand alone
            items.append("")
        return one.with_header(SIGNATURE, divider.join(items))

    def _spoil_too_many(self, one: Request) -> Request:
        count = self.chance.choice([16, 17, 500])
        return one.with_header(SIGNATURE, "v1,A " * count + one.headers[SIGNATURE])

    def _spoil_many_bad(self, one: Request) -> Request:
        items = " ".join(["v1," + "A" * 43 + "=", "v1a," + "A" * 86 + "=="] * 8)
        return one.with_header(SIGNATURE, items)

    def _spoil_stranger(self, one: Request) -> Request:
        signers, _ = self._stranger
        return replace(replace(one, signers=signers).resigned(), signers=one.signers)

    def _spoil_trust(self, one: Request) -> Request:
        return replace(one, trusted=self._stranger[1])

    def _spoil_another(self, one: Request) -> Request:
        """Signed by the right keys, for another request."""
        signed = self.chance.choice([
            one.resigned(message_id="evt_another"), one.resigned(body=one.body + b" "),
            one.resigned(seconds=str(int(one.headers[TIMESTAMP]) + 1)), one.resigned(body=b""),
        ])  # fmt: skip
        return one.with_header(SIGNATURE, signed.headers[SIGNATURE])

    def _spoil_body(self, one: Request) -> Request:
        body, place = one.body, self.chance.randrange(len(one.body))
        flipped = bytes([body[place] ^ (1 << self.chance.randrange(8))])
        return replace(one, body=self.chance.choice([
            b"", body + b"\n", body[:-1], body[1:], b"\xef\xbb\xbf" + body, body * 2, body + b"\0",
            body[:place] + b"\xff" + body[place:], body.decode().encode("utf-16"), b"\xff\xfe" * 9,
            body[:place] + flipped + body[place + 1 :],
            json.dumps(json.loads(body), indent=1).encode(), body + b" " * 20_000,
        ]))  # fmt: skip

    def _spoil_malleable(self, one: Request) -> Request:
        """An Ed25519 signature with the group's order added: the same equation, other octets."""

        def added(item: str) -> str:
            version, _, encoded = item.partition(",")
            octets = base64.b64decode(encoded)
            if version == "v1":
                return item[:-6] + "AAAAA="
            scalar = int.from_bytes(octets[32:], "little") + ED25519_ORDER
            octets = octets[:32] + scalar.to_bytes(32, "little")
            return f"v1a,{base64.b64encode(octets).decode()}"

        return one.with_items(added)

    def unreadable(self, one: Request) -> Request:
        """Rightly signed, and no event."""
        members = json.loads(one.body)
        members.pop(self.chance.choice(["id", "type", "subject", "data_class", "data", "links"]))
        odd = {**json.loads(one.body), self.chance.choice(["id", "type", "links", "data"]): 7}
        bodies = [
            b"", b"null", b"[]", b"\xff", one.body[:-1], one.body + b"x", b"[" * 10_000,
            json.dumps(odd).encode(), json.dumps(members).encode(), b'{"n":NaN}',
            one.body.replace(b'"id"', b'"id":"x","id"', 1), one.body.replace(b"evt_", b"evt_x"),
            b'{"n":' + b"9" * 5_000 + b"}", one.body.decode().encode("utf-16"),
        ]  # fmt: skip
        return one.resigned(body=self.chance.choice(bodies))


def _second_spelling(encoded: str) -> str:
    """The same octets once more: the bits that the last letter has too many are set."""
    last = encoded.rstrip("=")
    letters = LETTERS + "+/"
    return last[:-1] + letters[letters.index(last[-1]) | 1] + "=" * (len(encoded) - len(last))


def _verdict(ask: Callable[..., object], one: Request) -> object:
    """The reason of a refusal, the kind of another promised error, or what is returned."""
    try:
        return ask(one.headers, one.body, one.trusted, now=NOW)
    except ForgedWebhook as refused:
        return refused.reason
    except WebhookError as refused:
        return type(refused)


def _verdicts(one: Request) -> tuple[object, object]:
    return _verdict(signing.verify, one), _verdict(events.read, one)


def test_a_verdict_for_each() -> None:
    """None of 100,000 spoilt requests verifies, all of 10,000 good ones do, and nothing else comes.

    Whatever a request holds, only the errors that are promised leave `verify` and `read`.
    """
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(2**32)))
    print(f"seed {seed}")  # noqa: T201 - so that a failure can be played again
    spoiler = Spoiler(seed)
    counts: Counter[str] = Counter()
    reasons: Counter[object] = Counter()
    pool = [spoiler.good() for _ in range(300)]
    for turn in range(SPOILT):
        base, event = spoiler.chance.choice(pool)
        way = spoiler.ways[turn % len(spoiler.ways)]
        spoilt = way(base)
        verified, read = _verdicts(spoilt)
        assert verified in get_args(Reason), (seed, way.__name__, spoilt, verified)
        assert read == verified, (seed, way.__name__, spoilt, read)
        reasons[verified] += 1
        if turn % GOOD_AMONG == 0:
            good, event = spoiler.good()
            verified, read = _verdicts(spoiler.dressed(good))
            timestamp = int(good.headers[TIMESTAMP])
            assert verified == signing.Verified(event.id, timestamp), (seed, good, verified)
            assert read == event, (seed, good, read)
            counts["good"] += 1
        if turn % UNREADABLE_AMONG == 0:
            odd = spoiler.unreadable(base)
            verified, read = _verdicts(odd)
            assert isinstance(verified, signing.Verified), (seed, odd, verified)
            assert read is UnreadableWebhook, (seed, odd, read)
            counts["unreadable"] += 1
    assert set(reasons) == set(get_args(Reason))
    assert counts == {"good": SPOILT // GOOD_AMONG, "unreadable": SPOILT // UNREADABLE_AMONG}
