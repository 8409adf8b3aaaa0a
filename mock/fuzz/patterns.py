"""Regular expressions and JSONPaths, many of which would take for ever on an engine that backtracks."""

from __future__ import annotations

from random import Random

_ATOMS = (
    "a",
    "b",
    ".",
    "\\d",
    "\\w",
    "\\s",
    "[ab]",
    "[^a]",
    "\\b",
    "^",
    "$",
    "(?:a|b)",
    "(?=a)",
    "(?!b)",
    "(?<=a)",
    "(?<!a)",
    "\\1",
    "\\u0061",
    "\\x61",
    "\\p{L}",
    "[a-\\d]",
    "\\B",
    "(?<n>a)",
    "\\k<n>",
    "é",
    "[\\s\\S]",
    "(?i:a)",
    "\\cA",
    "\\0",
    "[",
    "]",
    "{",
    "}",
    "|",
)
_REPEATS = ("*", "+", "?", "{2}", "{2,}", "{1,3}", "{1000}", "{1000,2000}", "{99999999999}", "*?", "+?", "{,3}", "*+")
# Exponential, or of a high power, where one backtracks.
CATASTROPHIC = (
    "^(a+)+$",
    "^(a*)*$",
    "^(a|a)*$",
    "^(a|aa)+$",
    "(a*)*b",
    "(.*a){20}",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
    "a*a*a*a*a*a*b",
    "(?=(a+)+$)b",
    "(a+)+\\1$",
    "(?!(a|aa)+$)",
    "((a{1,100}){1,100}){1,100}",
    "(?<!a)(a+)+$",
    "\\B(a+)+$",
    "(?=.*.*.*.*.*b)",
    "(a?){50}a{50}",
)
_SEGMENTS = (
    ".a",
    "['a']",
    '["a"]',
    "[0]",
    "[-1]",
    "[0:2]",
    "[::-1]",
    "[::0]",
    "[*]",
    ".*",
    "..a",
    "..*",
    "..[0]",
    "[?@.a]",
    "[?@.a == 1]",
    "[?length(@.a) > 2]",
    "[?match(@.a, 'a*')]",
    "[?search(@, '(a+)+$')]",
    "[?count(@..*) > 1]",
    "[?value(@..a) == 'a']",
    "[?@ == $..a]",
    "[?(@.a && (@.b || !@.c))]",
    "['\\ud800']",
    "[99999999999999999999]",
    "[",
    "]",
    "..",
    "[?",
    "['",
    "[?@.a =~ 'a']",
    "[0,1,'a']",
)


def pattern(random: Random) -> str:
    if random.random() < 0.2:
        return random.choice(CATASTROPHIC)
    return _pattern(random, 0)


def _pattern(random: Random, depth: int) -> str:
    made = ""
    for _ in range(random.randint(1, 4)):
        if depth < 4 and random.random() < 0.3:
            made += (
                random.choice(("(", "(?:", "(?=", "(?!"))
                + _pattern(random, depth + 1)
                + (")" if random.random() < 0.97 else "")
            )
        else:
            made += random.choice(_ATOMS)
        if random.random() < 0.5:
            made += random.choice(_REPEATS)
    return made * (200 if random.random() < 0.005 else 1)


def json_path(random: Random) -> str:
    made = "$" if random.random() < 0.98 else ""
    for _ in range(random.randint(0, 4)):
        made += random.choice(_SEGMENTS)
    return made + "..*" * (30 if random.random() < 0.005 else 0)
