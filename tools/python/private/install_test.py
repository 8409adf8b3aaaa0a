"""install.py, the uv that it runs and the targets that it writes, on small wheels made here."""

import hashlib
import os
import re
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

VENV = Path(os.environ["SAMEWIRE_VENV"]).absolute()
INSTALL = Path(__file__).with_name("install.py")


class Install(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="with ü ", dir=os.environ.get("TEST_TMPDIR")))
        (self.folder / "wheels").mkdir()
        (self.folder / "repository").mkdir()
        # The user's own settings of uv count; here they say that there is no index.
        settings = self.folder / ".config" / "uv" / "uv.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text(f"[pip]\nno-index = true\nfind-links = ['{self.folder}/wheels']\n")
        self.lock = self.folder / "lock.txt"
        self.lines: list[str] = []

    def wheel(
        self, name: str, files: dict[str, str], *, locked_as: str = "", needs: tuple[str, ...] = (), script: str = ""
    ) -> None:
        """Makes NAME 1.0 of FILES and locks it."""
        info = f"{name}-1.0.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + "".join(
            f"Requires-Dist: {n}\n" for n in needs
        )
        files = files | {
            f"{info}/METADATA": metadata,
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        if script:
            files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{script}\n"
        path = self.folder / "wheels" / f"{name}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for file, text in files.items():
                archive.writestr(file, text)
            archive.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"]))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self.lines.append(f"{locked_as or name}==1.0 \\\n    --hash=sha256:{digest}\n")

    def run_install(self) -> subprocess.CompletedProcess[str]:
        self.lock.write_text("".join(self.lines))
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder)}
        return subprocess.run(
            [VENV / "bin/python", "-E", "-s", "-B", INSTALL, "--uv", VENV / "bin/uv", "--lock", self.lock,
             "--lock-name", "tools/python/lock.txt", "--compile", "--remote", "//:remote"],
            cwd=self.folder / "repository", env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def installed(self) -> str:
        done = self.run_install()
        self.assertEqual(done.returncode, 0, done.stderr)
        return (self.folder / "repository" / "BUILD.bazel").read_text()

    def library(self, build: str, name: str) -> str:
        found = re.search(rf'py_library\(name = "{re.escape(name)}", .*\)', build)
        assert found, build
        return found[0]

    def test_targets(self) -> None:
        self.wheel("Foo.Bar", {"foo/__init__.py": "x = 1\n", "space/foo/a.py": ""}, script="foo-run = foo.main:app.run",
                   needs=("leaf", "never; python_version < '3'", "extra-only; extra == 'more'"))  # fmt: skip
        self.wheel("leaf", {"leaf.py": "", "space/leaf.py": ""}, needs=("Foo.Bar",))
        build = self.installed()
        # By normalised name; needs go round in a circle, which Bazel would refuse between targets.
        self.assertIn('deps = [":foo_bar.own", ":leaf.own"]', self.library(build, "foo_bar"))
        self.assertIn('deps = [":foo_bar.own", ":leaf.own"]', self.library(build, "leaf"))
        # A folder is one label; one that two distributions share is taken apart.
        library = self.library(build, "foo_bar.own")
        self.assertIn('"//conditions:default": ["site-packages/Foo.Bar-1.0.dist-info", "site-packages/foo", "', library)
        self.assertIn('"//:remote": glob(["site-packages/Foo.Bar-1.0.dist-info/**", "site-packages/foo/**", "', library)
        self.assertIn(
            'srcs = ["site-packages/leaf.py", "site-packages/space/leaf.py"]', self.library(build, "leaf.own")
        )
        self.assertIn('py_binary(name = "bin/foo-run"', build)
        main = (self.folder / "repository/entry/foo-run.py").read_text()
        self.assertIn("from foo.main import app\n\nsys.exit(app.run())", main)

    def test_extras_that_were_asked_for_count(self) -> None:
        self.wheel("plain", {"plain.py": ""}, needs=("leaf; extra == 'more'",))
        self.wheel("rich", {"rich.py": ""}, locked_as="rich[more]", needs=("leaf; extra == 'more'",))
        self.wheel("via", {"via.py": ""}, needs=("other[more]",))
        self.wheel("other", {"other.py": ""}, needs=("leaf; extra == 'more'",))
        self.wheel("leaf", {"leaf.py": ""})
        build = self.installed()
        self.assertNotIn("leaf", self.library(build, "plain"))
        self.assertIn(":leaf.own", self.library(build, "rich"))
        self.assertIn(":leaf.own", self.library(build, "via"))

    def test_a_record_names_no_place(self) -> None:
        seen = []
        for _ in range(2):
            self.setUp()
            self.wheel("foo", {"foo/__init__.py": "x = 1\n"}, script="foo-run = foo:main")
            self.installed()
            seen.append((self.folder / "repository/site-packages/foo-1.0.dist-info/RECORD").read_text())
        self.assertIn("bin/foo-run,,\n", seen[0])
        self.assertEqual(seen[0], seen[1])

    def test_bytecode_is_the_same_wherever_it_is_made(self) -> None:
        self.wheel("foo", {"foo/__init__.py": "def f(): return 1\n"})
        self.installed()
        (compiled,) = (self.folder / "repository/site-packages/foo/__pycache__").iterdir()
        self.assertNotIn(str(self.folder).encode(), compiled.read_bytes())
        self.assertEqual(compiled.read_bytes()[4:8], b"\x01\x00\x00\x00", "a hash that is never checked (PEP 552)")

    def test_no_package_boundary_inside_a_wheel(self) -> None:
        self.wheel("foo", {"foo/__init__.py": "", "foo/BUILD": "", "foo/sub/BUILD.bazel": ""})
        self.installed()
        self.assertEqual([p.name for p in (self.folder / "repository/site-packages").rglob("BUILD*")], [])

    def test_a_wrong_hash(self) -> None:
        self.wheel("good", {"good.py": ""})
        self.wheel("bad", {"bad.py": ""})
        self.lines[1] = re.sub("sha256:.{6}", "sha256:000000", self.lines[1])
        done = self.run_install()
        self.assertEqual(done.returncode, 1)
        (line,) = done.stderr.splitlines()
        self.assertTrue(line.startswith("tools/python/lock.txt:3: none of the hashes of bad 1.0 "), line)
        self.assertIn("./samewire deps lock", line)

    def test_what_the_index_does_not_have(self) -> None:
        self.lines.append("nowhere==1.0 --hash=sha256:" + "0" * 64 + "\n")
        done = self.run_install()
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
        self.assertIn("nowhere", done.stderr)

    def test_nonsense(self) -> None:
        self.lines.append("nonsense>>=3\n")
        done = self.run_install()
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
        self.assertTrue(done.stderr.startswith("tools/python/lock.txt: "), done.stderr)


if __name__ == "__main__":
    unittest.main()
