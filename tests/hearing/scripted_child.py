"""A child that speaks the protocol from a script: after each open order it sends the reports of its argument.

The argument is a list of (kind, difference of version, place), as JSON; `-` as kind ends the process,
`dies` as a signal does, `garbage` writes what is no report, `NOISY` says that it has been too noisy for any command.
"""

import json
import os
import signal
import sys

from companion.hearing.message import ORDER_SIZE, Kind, Note, Report, pack_report, unpack_order

sys.stdin.buffer.readline()
while len(data := sys.stdin.buffer.read(ORDER_SIZE)) == ORDER_SIZE:
    order = unpack_order(data)
    if not order.open:
        continue
    for kind, older, place in json.loads(sys.argv[1]):
        if kind == "-":
            sys.exit(1)
        if kind == "dies":
            os.kill(os.getpid(), signal.SIGTERM)
        if kind == "garbage":
            sys.stdout.buffer.write(b"volgende fase" * 10)
        elif kind == "NOISY":
            sys.stdout.buffer.write(pack_report(Report(Kind.LISTENING, note=Note.NEVER_QUIET)))
        else:
            sys.stdout.buffer.write(pack_report(Report(Kind[kind], order.version - older, place)))
        sys.stdout.buffer.flush()
