"""The reference client as a testee."""

import asyncio

from parity.reference.testee.serve import serve

asyncio.run(serve())
