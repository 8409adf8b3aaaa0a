package tinker;

import java.util.List;
import java.util.Map;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Inline;

/** Lists and maps that the definitions of messages name. Records use List and Map themselves. */
public interface Lists {
  @Inline
  record FloatOrNull(@In(Presence.NULL) Opt<Double> value) {}

  @Inline
  record FloatsOrNulls(List<FloatOrNull> values) {}

  @Inline
  record Strings(List<String> values) {}

  @Inline
  record StringMap(Map<String, String> entries) {}

  @Inline
  record FloatMap(Map<String, Double> entries) {}
}
