"""A compressed file as its octets: never more than is allowed, never the half of it in silence."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from io import BufferedReader
from typing import Literal

from openredress_api.imports.reading.shapes import BadFile
from openredress_api.imports.reading.streams import BLOCK, Stream

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Compression = Literal["none", "gzip", "zstd"]
# Registers of identical rows reach 100 times; deflate cannot pass 1,032, a zstd bomb knows no end.
RATIO = 250
FREE = 16 * 1024 * 1024
# Decoders should hold 8 MiB of what went before (RFC 8878, section 3.1.1.1.2); a sender may ask
# for gibibytes.
WINDOW_LOG = 23


def octets(parts: Iterable[bytes], compression: Compression, at_most: int) -> Iterator[bytes]:
    """The octets that `parts` hold, in blocks; BadFile past `at_most`, or if they are damaged."""
    size = 0
    for block in parts if compression == "none" else _unpacked(parts, compression):
        size += len(block)
        if size > at_most:
            raise BadFile("file_inflates", at_most=at_most)
        yield block


def _unpacked(parts: Iterable[bytes], compression: Compression) -> Iterator[bytes]:
    stream = Stream(parts)
    size = 0
    try:
        with _opened(stream, compression) as unpacked:
            while block := unpacked.read(BLOCK):
                size += len(block)
                if size > max(FREE, RATIO * stream.taken):
                    raise BadFile("file_inflates_too_much", ratio=RATIO)
                yield block
    except EOFError:
        raise BadFile("file_truncated") from None
    except (gzip.BadGzipFile, zlib.error, zstd.ZstdError):
        raise BadFile("file_damaged", part=compression) from None


def _opened(stream: Stream, compression: Compression) -> gzip.GzipFile | zstd.ZstdFile:
    buffered = BufferedReader(stream, BLOCK)
    if compression == "gzip":
        return gzip.GzipFile(fileobj=buffered)
    options = {int(zstd.DecompressionParameter.window_log_max): WINDOW_LOG}
    return zstd.ZstdFile(buffered, options=options)
