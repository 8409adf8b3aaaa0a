"""Which Bazel ./bazelw takes, and what it says when there is none to be had."""

import unittest

from tools.toolbox.machine import Machine

NPM = """#!/bin/bash
echo "npm $*" >>"$FAKE_LOG"
while [[ $1 != --prefix ]]; do shift; done
mkdir -p "$2/node_modules/.bin"
printf '#!/bin/bash\\necho "npm bazelisk: $*"\\n' >"$2/node_modules/.bin/bazelisk"
chmod +x "$2/node_modules/.bin/bazelisk"
"""


class Bazelw(unittest.TestCase):
    def setUp(self) -> None:
        self.machine = Machine()

    def test_bazelisk_comes_first(self) -> None:
        self.machine.program("bazelisk", '#!/bin/bash\necho "bazelisk: $*"')
        self.machine.program("bazel", '#!/bin/bash\necho "bazel 7.7.1"')
        self.assertEqual(self.machine.bazelw("test", "//...", "--a b").stdout, "bazelisk: test //... --a b\n")

    def test_bazel_of_the_pinned_version(self) -> None:
        self.machine.program("bazel", '#!/bin/bash\n[[ $1 == --version ]] && echo "bazel 7.7.1" || echo "bazel: $*"')
        self.assertEqual(self.machine.bazelw("info").stdout, "bazel: info\n")

    def test_bazel_of_another_version_is_left_alone(self) -> None:
        self.machine.debian()
        self.machine.program("bazel", '#!/bin/bash\necho "bazel 6.0.0"')
        self.assertIn("in root: bazel", self.machine.bazelw("info").stdout)

    def test_npm_where_bazels_site_answers(self) -> None:
        self.machine.program("npm", NPM)
        self.machine.program("curl", "#!/bin/bash\nexit 0")
        self.assertIn("npm bazelisk: info", self.machine.bazelw("info").stdout)
        # Once fetched it needs neither npm nor the site.
        self.machine.program("npm", "#!/bin/bash\nexit 1")
        self.machine.program("curl", "#!/bin/bash\nexit 6")
        self.assertEqual(self.machine.bazelw("info").stdout, "npm bazelisk: info\n")

    def test_a_site_that_does_not_answer_is_asked_once(self) -> None:
        self.machine.debian()
        self.machine.program("npm", NPM)
        self.machine.program("curl", '#!/bin/bash\necho curl >>"$FAKE_LOG"; exit 6')
        self.assertIn("in root: bazel", self.machine.bazelw("info").stdout)
        self.machine.bazelw("--toolbox-remove")
        self.assertIn("in root: bazel", self.machine.bazelw("info").stdout)
        # The root has a package of that name, too.
        self.assertEqual([line for line in self.machine.logged("curl") if line == "curl"], ["curl"])
        self.assertEqual(self.machine.logged("npm "), [])

    def test_no_home(self) -> None:
        self.machine.debian()
        del self.machine.env["HOME"]
        self.assertIn("in root: bazel", self.machine.bazelw("info").stdout)

    def test_override(self) -> None:
        self.machine.program("bazelisk", "#!/bin/bash\nexit 1")
        self.machine.program("mine", '#!/bin/bash\necho "mine: $*"')
        mine = str(self.machine.folder / "bin" / "mine")
        self.assertEqual(self.machine.bazelw("info", SAMEWIRE_BAZEL=mine).stdout, "mine: info\n")

    def test_inside_the_root_it_is_the_same_bazel_with_the_same_outputs(self) -> None:
        self.machine.program("bazelisk", "#!/bin/bash\nexit 1")
        self.machine.program("bazel", '#!/bin/bash\necho "bazel: $*"')
        said = self.machine.bazelw("info", SAMEWIRE_INSIDE="/a b").stdout
        self.assertEqual(said, "bazel: --output_user_root=/a b info\n")

    def test_not_linux(self) -> None:
        (self.machine.folder / "bin" / "uname").unlink()
        self.machine.program("uname", "#!/bin/bash\necho Darwin")
        self.says_in_two_lines("Darwin", "Install bazelisk")

    def test_no_namespaces(self) -> None:
        self.machine.debian()
        self.says_in_two_lines("Operation not permitted", "Install bazelisk", FAKE_NO_NAMESPACES="1")

    def test_no_unshare(self) -> None:
        self.says_in_two_lines("unshare", "Install bazelisk or util-linux")

    def test_nothing_of_debian(self) -> None:
        self.machine.debian()
        for name in ("debootstrap", "apt-get"):
            (self.machine.folder / "bin" / name).unlink()
        done = self.machine.bazelw("info")
        self.assertEqual(done.returncode, 3)
        self.assertIn("neither debootstrap nor apt-get", done.stderr)

    def test_unknown_option(self) -> None:
        done = self.machine.bazelw("--toolbox-reboot")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("--toolbox-reboot", done.stderr)

    def says_in_two_lines(self, what: str, todo: str, **env: str) -> None:
        done = self.machine.bazelw("info", **env)
        self.assertEqual(done.returncode, 3, done.stderr)
        first, second = done.stderr.splitlines()
        self.assertIn(what, first)
        self.assertIn(todo, second)


if __name__ == "__main__":
    unittest.main()
