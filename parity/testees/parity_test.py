"""What a parity_test runs: `samewire parity` with test.xml as its report."""

from __future__ import annotations

import os
import sys

from parity.cli.arguments import parser
from parity.cli.exit import Exit
from parity.cli.place import Place
from parity.cli.run import command

ended = command(parser().parse_args([*sys.argv[1:], "--junit", os.environ["XML_OUTPUT_FILE"]]), Place.here())
# Its only testee cannot run on this machine: test.xml has the reason, as SKIPPED.
sys.exit(Exit.GOOD if ended == Exit.COULD_NOT_RUN else ended)
