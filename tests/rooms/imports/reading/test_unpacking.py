"""A compressed file gives its octets, all of them, or none further; never more than is allowed."""

from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openredress_api.imports.reading import octets
from openredress_api.imports.reading.unpacking import FREE, zstd
from tests.rooms.imports.reading.pieces import cut, peak_of, refused

MIB = 1024 * 1024
PACKED = {"none": bytes, "gzip": gzip.compress, "zstd": zstd.compress}
SENT = bytes(range(256)) * 40 + b"the end"


def unpacked(content: bytes, compression: str, at_most: int = MIB) -> bytes:
    """The octets of a file that comes in pieces of 100."""
    return b"".join(octets(cut(content, 100), compression, at_most))


@pytest.mark.parametrize("compression", PACKED)
@given(content=st.binary(max_size=5000), size=st.integers(1, 600))
def test_what_is_packed_comes_out(compression: str, content: bytes, size: int) -> None:
    """However the pieces are cut, the octets are those that were packed."""
    pieces = cut(PACKED[compression](content), size)
    assert b"".join(octets(pieces, compression, MIB)) == content


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_files_set_end_to_end_are_one(compression: str) -> None:
    """What `cat` makes of two compressed files is read to its end."""
    pack = PACKED[compression]
    assert unpacked(pack(b"one\n") + pack(b"two\n"), compression) == b"one\ntwo\n"


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_half_a_file_is_refused(compression: str) -> None:
    """Wherever a file is cut off, it is refused and not taken for a shorter one."""
    packed = PACKED[compression](SENT)
    for place in range(2, len(packed), 7):
        bad = refused(lambda end=place: unpacked(packed[:end], compression))
        assert bad.fault == "file_truncated"


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@pytest.mark.parametrize("wrong", [b"not packed at all", b"\x1f\x8b\xff\xff broken", b"\0\0\0\0\0"])
def test_what_was_never_packed_is_refused(compression: str, wrong: bytes) -> None:
    """Octets that no packer wrote are refused."""
    assert refused(lambda: unpacked(wrong, compression)).fault in ("file_damaged", "file_truncated")


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_octets_after_the_end_are_refused(compression: str) -> None:
    """Nothing can be hidden behind the end of a packed file."""
    bad = refused(lambda: unpacked(PACKED[compression](SENT) + b"hidden", compression))
    assert bad.fault in ("file_damaged", "file_truncated")


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_changed_octet_is_refused(compression: str) -> None:
    """A file that was damaged on its way is refused."""
    checked = {zstd.CompressionParameter.checksum_flag: 1}
    packed = gzip.compress(SENT) if compression == "gzip" else zstd.compress(SENT, options=checked)
    damaged = packed[:-3] + bytes([packed[-3] ^ 1]) + packed[-2:]
    assert refused(lambda: unpacked(damaged, compression)).fault == "file_damaged"


@pytest.mark.parametrize("compression", PACKED)
def test_the_bound_is_kept_to_the_octet(compression: str) -> None:
    """A file of just the size that is allowed is read, one octet more is refused."""
    packed = PACKED[compression](SENT)
    assert unpacked(packed, compression, len(SENT)) == SENT
    bad = refused(lambda: unpacked(packed, compression, len(SENT) - 1))
    assert (bad.fault, bad.fault.params) == ("file_inflates", {"at_most": len(SENT) - 1})


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_bomb_is_refused_early(compression: str) -> None:
    """A file that unpacks to a thousand times its size is given up, with little of it ever held."""
    bomb = PACKED[compression](bytes(64 * MIB))
    seen = 0

    def read():
        nonlocal seen
        for block in octets(cut(bomb, 4096), compression, 10**12):
            seen += len(block)
            yield

    assert peak_of(lambda: [refused(lambda: list(read()))]) < MIB
    assert seen <= FREE


def test_a_window_that_takes_much_memory_is_refused() -> None:
    """A zstd file may not ask for more than 8 MiB of what went before."""
    out = io.BytesIO()
    with zstd.ZstdFile(out, "wb", options={zstd.CompressionParameter.window_log: 27}) as packer:
        packer.write(SENT)
    assert refused(lambda: unpacked(out.getvalue(), "zstd")).fault == "file_damaged"
