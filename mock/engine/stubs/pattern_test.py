import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock.engine.stubs.error import StubError
from mock.engine.stubs.pattern import Pattern


def found(pattern: str, text: str) -> bool:
    return Pattern(pattern, "$").found(text)


# Source: ECMA 262, RegExp; where Python or the Rust engine would say otherwise by themselves.
CASES = [
    ("^tml-", "tml-1", True),
    ("^tml-", "a\ntml-1", False),
    ("a$", "a\n", False),  # Python: before a last line end too
    ("a$", "ba", True),
    ("(?=a)a$", "a\n", False),
    (r"\d", "\u0663", False),  # ASCII digits only
    (r"\w", "é", False),
    (r"\s", "\ufeff", True),  # ECMA's white space
    (r"[\s]", "\u00a0", True),
    (r"[^\s]", "\u00a0", False),
    (r"[\S]", " ", False),
    (".", "\u2028", False),
    (".", "\x85", True),
    ("^.$", "\U0001f600", True),
    ("[]", "a", False),
    ("[^]", "\n", True),
    ("a{", "a{", True),
    ("a{,2}", "a{,2}", True),
    ("a{2,3}?b", "aab", True),
    (r"\u0041\x42\u{43}\cJ\0", "ABC\n\0", True),
    (r"\ud83d\ude00", "\U0001f600", True),
    (r"[\ud83d\ude00-\ud83d\ude02]", "\U0001f601", True),
    (r"(?<word>\w+) \k<word>", "so so", True),
    (r"(a)\1", "aa", True),
    (r"(a)\1", "ab", False),
    (r"(?=.*\d)(?=.*[a-z])", "a1", True),
    (r"(?<!a)b", "ab", False),
    (r"\bfoo\b", "a foo b", True),
    (r"\bfoo\b", "éfoo", True),  # é is no word character there
    (r"\Boo", "foo", True),
    (r"[\b]", "\x08", True),
    (r"[a&&b]", "&", True),  # no set operations
    (r"[[a]", "[", True),
    (r"[a\-z]", "b", False),
    (r"[\d-x]", "-", True),
    (r"\p{Lu}", "É", True),
    (r"\/\-", "/-", True),
    ("(?i:ABC)", "abc", True),
    ("(?:)", "", True),
    ("", "x", True),
]


@pytest.mark.parametrize(("pattern", "text", "wanted"), CASES)
def test_as_ecma_says(pattern: str, text: str, wanted: bool) -> None:
    assert found(pattern, text) is wanted


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "not closed"),
        (")", "closes nothing"),
        ("[a", "not closed"),
        ("*a", "nothing that '*'"),
        ("a**", "nothing that '*'"),
        ("a{3,2}", "before it begins"),
        ("[b-a]", "before it begins"),
        (r"\q", "unknown"),
        ("a\\", "ends in"),
        ("(?i)a", "unknown"),
        ("(?P<a>b)", "unknown"),
        (r"\p{Nope}", "Unicode property"),
        (r"\p{Lu}(?=a)", "together with lookaround"),
        (r"\1(?<=a+)", ""),
        ("(?<=a+)b", "look-behind"),
        ("(a+)+(?=b)", "take for ever"),
        (r"(a|a)*\1", "take for ever"),
        ("a{1000}{1000}", "nothing that"),
        ("(?:a{1000}){1000}", "a repeat within a repeat"),
        ("(?:(?:a{1,50}){1,10}b){1,10}", "a repeat within a repeat"),
        ("a{10000000}", "exceeds size limit"),
        (r"\ud83d", "no character"),
        (r"\u{110000}", "no character"),
    ],
)
def test_what_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(StubError) as caught:
        Pattern(pattern, "$.path_regex")
    assert caught.value.path == "$.path_regex"
    assert reason in caught.value.reason
    assert "\n" not in caught.value.reason


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|aa)+b", "(.*a){20}b", "^(a+)+$", "(?=(a*))a*a*b", r"(a*)a*\1b"])
def test_no_pattern_takes_for_ever(pattern: str) -> None:
    compiled = Pattern(pattern, "$")
    began = time.process_time()
    assert not compiled.found("a" * 50_000 + "c")
    assert time.process_time() - began < 5


def test_longest_says_what_is_not_tried() -> None:
    compiled = Pattern("^(?!.*x)a", "$")
    assert compiled.longest is not None
    assert compiled.found("a" * compiled.longest)
    assert not compiled.found("a" * (compiled.longest + 1))
    assert Pattern("^a", "$").longest is None


ATOMS = st.sampled_from(["a", "b", "1", " ", "é", "[ab]", "[^a]", r"\d", r"\w", "(?:a|b)", "(b)", "-", "_"])
PATTERNS = st.lists(st.tuples(ATOMS, st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}"])), max_size=4).map(
    lambda parts: "".join(atom + repeat for atom, repeat in parts)
)


@given(PATTERNS, st.text("ab1 é-_c", max_size=8))
def test_both_engines_agree_with_python_where_it_says_the_same(pattern: str, text: str) -> None:
    wanted = re.search(pattern, text, re.ASCII) is not None
    assert found(pattern, text) is wanted
    if "(?:a|b)" not in pattern and "(b)" not in pattern:
        assert found(f"(?={pattern})", text) is wanted  # through the other engine
