"""The private root: made once, in one piece, by one call at a time; and brought up to date without being made again."""

import os
import shutil
import signal
import time
import unittest

from tools.toolbox.machine import Machine


class Toolbox(unittest.TestCase):
    def setUp(self) -> None:
        self.machine = Machine()
        self.machine.debian()
        self.addCleanup(shutil.rmtree, self.machine.folder)

    def status(self) -> str:
        return self.machine.bazelw("--toolbox-status").stdout

    def test_made_once_and_removed(self) -> None:
        self.assertTrue(self.status().startswith("private root: none"))
        first = self.machine.bazelw("test", "//...")
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn("in root: bazel --output_user_root=", first.stdout)
        self.assertIn(" test //...", first.stdout)
        self.assertIn("Debian forky, minimal: ", first.stderr)
        self.assertTrue(self.status().startswith("private root: current"))
        second = self.machine.bazelw("test", "//...")
        self.assertEqual(second.stderr, "", "nothing to say when there is nothing to do")
        self.assertEqual(len(self.machine.logged("debootstrap")), 1)
        self.machine.bazelw("--toolbox-remove")
        self.assertFalse(self.machine.toolbox.exists())
        self.assertTrue(self.status().startswith("private root: none"))

    def test_the_rc_of_debian_is_tamed(self) -> None:
        self.machine.bazelw("info")
        self.assertEqual((self.machine.toolbox / "root/etc/bazel/bazelrc").read_text(), "startup --x\n")
        self.assertTrue((self.machine.toolbox / "root/etc/samewire-toolbox/registry/bazel_registry.json").exists())

    def test_a_new_package_is_added_to_the_root_that_is_there(self) -> None:
        self.machine.bazelw("info")
        packages = self.machine.clone / "tools/toolbox/packages.txt"
        packages.write_text(packages.read_text() + "zsh  # a reason\n")
        self.assertIn("out of date", self.status())
        done = self.machine.bazelw("info")
        self.assertIn("adding zsh", done.stderr)
        self.assertEqual(len(self.machine.logged("debootstrap")), 1)
        self.assertTrue(self.machine.logged("install.sh")[-1].endswith(" zsh"), self.machine.logged("install.sh")[-1])
        self.assertTrue(self.status().startswith("private root: current"))

    def test_an_interrupt_leaves_nothing_behind_that_hurts(self) -> None:
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with self.subTest(how.name):
                call = self.machine.start("info", FAKE_DEBOOTSTRAP="hang")
                while not (self.machine.toolbox / "root.new/half").exists():
                    time.sleep(0.05)
                self.assertIn("unfinished", self.status())
                if how == signal.SIGKILL:  # the machine was switched off: nobody is left
                    # The worker has a process group of its own; its session is that of the call.
                    end_session(call.pid)
                else:
                    os.kill(call.pid, how)
                _, err = call.communicate(timeout=20)
                self.assertNotEqual(call.returncode, 0)
                if how != signal.SIGKILL:
                    self.assertIn("interrupted", err)
                done = self.machine.bazelw("info")
                self.assertIn("in root: bazel", done.stdout, done.stderr)
                self.assertFalse((self.machine.toolbox / "root.new").exists())
                self.assertFalse((self.machine.toolbox / "root/half").exists())
                self.machine.bazelw("--toolbox-remove")

    def test_two_calls_at_once(self) -> None:
        calls = [self.machine.start("info", FAKE_DEBOOTSTRAP="slow") for _ in range(3)]
        results = [call.communicate(timeout=50) for call in calls]
        for out, err in results:
            self.assertIn("in root: bazel", out, err)
        self.assertEqual(len(self.machine.logged("debootstrap")), 1)
        self.assertEqual(sum("waiting for it" in err for _, err in results), 2)

    def test_not_removed_while_it_is_made(self) -> None:
        call = self.machine.start("info", FAKE_DEBOOTSTRAP="slow")
        while not (self.machine.toolbox / "root.new").exists():
            time.sleep(0.05)
        refused = self.machine.bazelw("--toolbox-remove")
        self.assertEqual(refused.returncode, 3)
        self.assertIn("another call", refused.stderr)
        self.assertIn("in root: bazel", call.communicate(timeout=50)[0])

    def test_a_broken_mirror(self) -> None:
        done = self.machine.bazelw("info", FAKE_DEBOOTSTRAP="broken")
        self.assertEqual(done.returncode, 3)
        self.assertIn("Couldn't download", done.stderr)
        self.assertIn("whole log: ", done.stderr)
        self.assertIn("in root: bazel", self.machine.bazelw("info").stdout)

    def test_no_disk_left(self) -> None:
        (self.machine.folder / "bin" / "df").unlink()
        self.machine.program("df", "#!/bin/bash\nprintf 'Avail\\n1000000\\n'")
        done = self.machine.bazelw("info")
        self.assertEqual(done.returncode, 3)
        self.assertIn("needs 4 GB", done.stderr)
        self.assertIn("XDG_CACHE_HOME", done.stderr)
        self.assertEqual(self.machine.logged("debootstrap"), [])

    def test_debian_has_moved_on(self) -> None:
        for version, says in (("7.7.2-1", "expected to work"), ("8.1.0-1", "not tried")):
            with self.subTest(version):
                done = self.machine.bazelw("info", FAKE_VERSION=version)
                self.assertIn(f"now has Bazel {version}; .bazelversion pins 7.7.1", done.stderr)
                self.assertIn(says, done.stderr)
                self.machine.bazelw("--toolbox-remove")


def end_session(leader: int) -> None:
    """Kills every process of a session at once."""
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.getsid(int(entry)) == leader:
                os.kill(int(entry), signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    unittest.main()
