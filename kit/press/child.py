"""The child process of the press: limits itself, prints the papers on its standard input."""

import json
import os
import resource
import struct
import sys

from kit.press.docx import docx_of
from kit.press.pdf import pdf_of

MAX_MEMORY = 1024 * 1024 * 1024
"""Of addresses; what is in use stays below 200 MB."""
MAX_SECONDS = 10
MAX_WRITTEN = 16 * 1024 * 1024
NICE = 19
"""Papers wait, calls do not: it takes what they leave."""


def limit() -> None:
    """1 GB of addresses, 10 s of processor, no large file, no trace of a crash."""
    for what, most in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, MAX_SECONDS),
        (resource.RLIMIT_FSIZE, MAX_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(NICE)


def main() -> None:
    """Each paper in its turn: the lengths of both files and the files, or the kind of its error."""
    limit()
    for told in json.load(sys.stdin.buffer):
        try:
            pdf, docx = pdf_of(told["paper"], told["edition"]), docx_of(told["paper"])
        except Exception as error:
            # The kind alone: what comes behind it may quote the paper.
            pdf, docx = b"", type(error).__name__.encode()
        sys.stdout.buffer.write(struct.pack(">II", len(pdf), len(docx)) + pdf + docx)
