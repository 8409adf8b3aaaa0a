"""pytest's node ids: `path/to/a_test.py::Class::test_name[param]`."""


def split(node: str) -> tuple[str, list[str]]:
    """The path, and the names below it; a parameter may itself hold `::`."""
    path, _, below = node.partition("::")
    names, bracket, parameter = below.partition("[")
    parts = names.split("::") if names else []
    return path, [*parts[:-1], parts[-1] + bracket + parameter] if parts else []
