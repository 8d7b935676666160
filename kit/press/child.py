"""The child process of the press: limits itself, reads a paper on its standard input, prints it."""

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
NICE = 5
"""Papers wait, calls do not."""


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
    """One paper: the lengths of both files, then the files; or the kind of error, never its text."""
    limit()
    try:
        print_one()
    except Exception as error:
        sys.stderr.write(type(error).__name__)
        sys.exit(1)


def print_one() -> None:
    """From standard input to standard output."""
    told = json.load(sys.stdin.buffer)
    pdf, docx = (
        make(told["paper"], told["edition"]) for make in (pdf_of, lambda paper, _: docx_of(paper))
    )
    sys.stdout.buffer.write(struct.pack(">II", len(pdf), len(docx)) + pdf + docx)
