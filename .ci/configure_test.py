"""user.bazelrc as a CI machine gets it."""

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / ".ci").mkdir()
    shutil.copy(Path(__file__).with_name("configure"), tmp_path / ".ci" / "configure")
    return tmp_path


def configure(clone: Path, **env: str) -> subprocess.CompletedProcess[str]:
    words = ["bash", str(clone / ".ci" / "configure")]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(clone), **env}
    return subprocess.run(words, env=env, capture_output=True, text=True, check=False)


def written(clone: Path, **env: str) -> list[str]:
    done = configure(clone, **env)
    assert done.returncode == 0, done.stderr
    return (clone / "user.bazelrc").read_text().splitlines()[1:]


def test_caches_of_its_own(clone: Path) -> None:
    folder = clone / ".cache" / "samewire-ci"
    assert written(clone) == [f"common --disk_cache={folder}/disk", f"common --repository_cache={folder}/repositories"]
    assert folder.is_dir()
    assert written(clone, SAMEWIRE_CI_CACHE=str(clone / "x"))[0] == f"common --disk_cache={clone}/x/disk"


def test_who_may_write_to_the_remote_cache(clone: Path) -> None:
    cache = {"SAMEWIRE_REMOTE_CACHE": "grpcs://cache.example"}
    for write in ("", "false", "yes"):
        lines = written(clone, **cache, SAMEWIRE_REMOTE_CACHE_WRITE=write)
        assert lines[2:] == ["common --config=fork", "common --remote_cache=grpcs://cache.example"]
    lines = written(clone, **cache, SAMEWIRE_REMOTE_CACHE_WRITE="true", SAMEWIRE_REMOTE_CACHE_TOKEN="t0ken")
    assert lines[2] == "common --config=ci"
    assert lines[4] == "common --remote_header=authorization=Bearer\\ t0ken"


def test_a_token_is_for_nobody_else(clone: Path) -> None:
    written(clone, SAMEWIRE_REMOTE_CACHE="grpcs://cache.example", SAMEWIRE_REMOTE_CACHE_TOKEN="t0ken")
    assert (clone / "user.bazelrc").stat().st_mode & 0o077 == 0
    done = configure(clone, SAMEWIRE_REMOTE_CACHE="grpcs://cache.example", SAMEWIRE_REMOTE_CACHE_TOKEN="t0ken")
    assert "t0ken" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAMEWIRE_REMOTE_CACHE", "cache.example"),
        ("SAMEWIRE_REMOTE_CACHE", "grpcs://a --remote_executor=grpcs://b"),
        ("SAMEWIRE_REMOTE_CACHE_TOKEN", "a\ncommon --x"),
        ("SAMEWIRE_CI_CACHE", "/tmp/a folder"),
    ],
)
def test_what_is_refused(clone: Path, name: str, value: str) -> None:
    done = configure(clone, **{name: value})
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not (clone / "user.bazelrc").exists()


def test_somebody_elses_file_stays(clone: Path) -> None:
    (clone / "user.bazelrc").write_text("build --jobs=1\n")
    done = configure(clone)
    assert (done.returncode, (clone / "user.bazelrc").read_text()) == (2, "build --jobs=1\n")
