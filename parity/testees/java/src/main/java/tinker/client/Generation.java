package tinker.client;

import java.util.Set;
import tinker.Dialects;
import tinker.wire.Dialect;

/**
 * What generations of Tinker clients do differently, besides what they write. Where the seeds say nothing, tinkex is as
 * 0.4.1.
 *
 * @param chunkLength data of one chunk, at most
 * @param chunkNumbers numbers of one chunk, at most, but for a datum that is larger by itself
 * @param uniqueFrom suffix of the second value of a "unique" metric
 * @param retriedStatuses besides 500 and above
 * @param retriesConnection whether a call without an answer is tried again
 * @param retryAfterStatuses whose Retry-After counts; empty: of all that are retried
 * @param envelopes results come as {"status": …}, and failures that are not the user's are asked for again
 * @param castsTensors values become those of their dtype, not only its label
 * @param loadsOptimizer weights are loaded with their optimizer, and the service is asked what they are of
 */
public record Generation(
    Dialect dialect,
    String sdkVersion,
    int chunkLength,
    long chunkNumbers,
    int uniqueFrom,
    Set<Integer> retriedStatuses,
    boolean retriesConnection,
    Set<Integer> retryAfterStatuses,
    boolean envelopes,
    boolean castsTensors,
    boolean loadsOptimizer) {
  public static final Generation V041 =
      new Generation(
          Dialects.find(Dialects.V041),
          "0.4.1",
          128,
          500_000,
          1,
          Set.of(408, 409, 429),
          true,
          Set.of(),
          false,
          false,
          false);
  public static final Generation TINKEX =
      new Generation(
          Dialects.find(Dialects.TINKEX),
          "0.4.1",
          128,
          500_000,
          2,
          Set.of(408, 429),
          false,
          Set.of(429),
          true,
          true,
          true);

  boolean retries(int status) {
    return status >= 500 || retriedStatuses.contains(status);
  }
}
