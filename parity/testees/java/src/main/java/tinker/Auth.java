package tinker;

import tinker.wire.Rules.IgnoreUnknown;

/** Who is asking. */
public interface Auth {
  /** The organisation that an API key belongs to. */
  @IgnoreUnknown
  record ApiKeyOrgDetails(String name) {}
}
