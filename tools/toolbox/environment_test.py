"""What of the caller's environment goes into the private root."""

import subprocess
import unittest
from pathlib import Path

SCRIPT = Path(__file__).with_name("environment.sh")
ASK = f'set -eu; . "{SCRIPT}"; environment; printf "%s\\n" "${{ENVIRONMENT[@]}}"'


def inside(**outside: str) -> tuple[dict[str, str], str]:
    env = {"PATH": "/usr/bin:/bin", "HOME": "/home-of-a-user", **outside}
    done = subprocess.run(["bash", "-c", ASK], env=env, capture_output=True, text=True, check=True)
    return dict(line.split("=", 1) for line in done.stdout.splitlines()), done.stderr


class Environment(unittest.TestCase):
    def test_kept_and_dropped(self) -> None:
        found, said = inside(CI="true", PIP_INDEX_URL="x", PIP_TARGET="/x", PYTHONPATH="/x", PATH="/x:/usr/bin:/bin")
        self.assertEqual(found["CI"], "true")
        self.assertEqual(found["PIP_INDEX_URL"], "x")
        self.assertEqual(found["PATH"], "/usr/sbin:/usr/bin:/sbin:/bin")
        self.assertFalse({"PIP_TARGET", "PYTHONPATH", "SAMEWIRE_PYTHON"} & found.keys())
        self.assertEqual(said, "")

    def test_a_python_that_the_root_sees(self) -> None:
        for path in ("/home-of-a-user/python/bin/python3.11", "/tmp/venv/bin/python"):
            found, said = inside(SAMEWIRE_PYTHON=path)
            self.assertEqual((found["SAMEWIRE_PYTHON"], said), (path, ""))

    def test_one_that_it_does_not_see(self) -> None:
        found, said = inside(SAMEWIRE_PYTHON="/opt/python/bin/python3.11")
        self.assertNotIn("SAMEWIRE_PYTHON", found)
        self.assertIn("does not see SAMEWIRE_PYTHON=/opt/python/bin/python3.11", said)
        self.assertEqual(len(said.splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
