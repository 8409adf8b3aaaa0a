package tinker.client;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.List;

/** CPython's hash of a tuple of integers, on 64 bits: 0.4.1 has metrics of that. */
final class PythonHash {
  private static final long START = 2870177450012600261L;
  private static final long LANE = Long.parseUnsignedLong("14029467366897019727");
  private static final long MIX = Long.parseUnsignedLong("11400714785074694791");
  private static final BigInteger PRIME = BigInteger.ONE.shiftLeft(61).subtract(BigInteger.ONE);

  private PythonHash() {}

  /** Of the whole parts, sorted, so that their order does not matter. */
  static long unordered(Collection<Double> values) {
    List<BigInteger> sorted = values.stream().map(value -> new BigDecimal(value).toBigInteger()).sorted().toList();
    long acc = START;
    for (BigInteger value : sorted) {
      acc = Long.rotateLeft(acc + of(value) * LANE, 31) * MIX;
    }
    acc += sorted.size() ^ START ^ 3527539;
    return acc == -1 ? 1546275796 : acc;
  }

  private static long of(BigInteger value) {
    long hash = value.abs().mod(PRIME).longValue() * value.signum();
    return hash == -1 ? -2 : hash;
  }
}
