"""Tiers: how much of the system a test needs, and so when it runs.

After seed 004, "Test Architecture Layers", and seed 001, "Layers". A test's tier is one of its tags, which is what
`--config=fast`, `contract`, `full`, `load`, `chaos` and `nightly` in .bazelrc select by.
"""

# Tier → size where the target names none: small is up to a minute, medium half a minute to five. Bazel warns of a
# bound much too wide, so a test that takes longer says so itself.
TIERS = {
    "unit": "small",  # One noun, nothing else started; under a second. On every save.
    "contract": "small",  # Parts that speak to each other, doubles at the edge; protocols are right. On every commit.
    "system": "small",  # Real processes from end to end. On every push.
    "load": "medium",  # Throughput and resources. At night, on demand.
    "chaos": "medium",  # Faults, exhaustion. At night, on demand.
}

# They need the machine for themselves.
_ALONE = ["load", "chaos"]

def tier_attributes(tier, size, tags):
    """Attributes of a test of this tier.

    Args:
      tier: a key of TIERS.
      size: the size asked for, or None.
      tags: the tags asked for.

    Returns:
      A dict with `size` and `tags` for any test rule.
    """
    if tier not in TIERS:
        fail("tier = \"%s\": there are %s" % (tier, ", ".join(TIERS)))
    mine = ["tier-" + tier] + (["exclusive"] if tier in _ALONE else [])
    return {
        "size": size or TIERS[tier],
        "tags": mine + [tag for tag in tags if tag not in mine],
    }
