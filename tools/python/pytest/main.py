"""The program behind every pytest_test target."""

import os
import sys

if __name__ == "__main__":
    # Python puts this file's folder first on the path; the modules in it are tools.python.pytest.*, not `filter` …
    if not sys.flags.safe_path and sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    # Plugins are the ones a target names: what else is installed costs start-up and can change results.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)

    from tools.python.pytest.run import main

    sys.exit(main(sys.argv))
