package tinker.client;

import java.util.ArrayList;
import java.util.List;
import tinker.Input;
import tinker.Input.ModelInputChunk;
import tinker.Training;
import tinker.Training.Datum;
import tinker.wire.Opt;

/** A batch is sent in chunks: where it is cut. */
public final class Chunks {
  private Chunks() {}

  /** A batch in chunks, in its order. */
  static List<List<Datum>> split(List<Datum> data, Generation generation) {
    List<List<Datum>> chunks = new ArrayList<>();
    int from = 0;
    List<Long> sizes = data.stream().map(Chunks::numbers).toList();
    for (int length : cut(sizes, generation.chunkLength(), generation.chunkNumbers())) {
      chunks.add(data.subList(from, from + length));
      from += length;
    }
    return chunks;
  }

  /**
   * How many data each chunk gets; a datum above the limit is a chunk by itself.
   *
   * @param sizes numbers of each datum
   */
  public static List<Integer> cut(Iterable<Long> sizes, int maxLength, long maxNumbers) {
    List<Integer> lengths = new ArrayList<>();
    int length = 0;
    long numbers = 0;
    for (long size : sizes) {
      if (length == maxLength || length > 0 && numbers + size > maxNumbers) {
        lengths.add(length);
        length = 0;
        numbers = 0;
      }
      length++;
      numbers += size;
    }
    if (length > 0) {
      lengths.add(length);
    }
    return lengths;
  }

  /** Numbers of a datum: the length of its input, and all elements of its tensors. */
  private static long numbers(Datum datum) {
    return length(datum.modelInput().chunks())
        + datum.lossFnInputs().values().stream().mapToLong(tensor -> count(tensor.data())).sum();
  }

  private static long count(Training.TensorValues data) {
    return data instanceof Training.Ints ints ? ints.values().size() : ((Training.Floats) data).values().size();
  }

  /**
   * Tokens of an input.
   *
   * @throws UsageException NO_LENGTH where an image does not say how many it takes
   */
  public static long length(List<ModelInputChunk> chunks) {
    return chunks.stream().mapToLong(Chunks::length).sum();
  }

  private static long length(ModelInputChunk chunk) {
    if (chunk instanceof Input.EncodedTextChunk text) {
      return text.tokens().size();
    }
    Opt<Integer> tokens =
        chunk instanceof Input.ImageChunk image
            ? image.tokens()
            : chunk instanceof Input.ImageAssetPointerChunk pointer ? pointer.tokens() : Opt.missing();
    return tokens
        .get()
        .orElseThrow(() -> new UsageException(UsageException.Kind.NO_LENGTH, "an image without tokens has no length"));
  }
}
