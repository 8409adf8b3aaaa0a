package tinker;

import java.util.List;
import java.util.NoSuchElementException;
import tinker.wire.Dialect;

/** The generations of clients. */
public interface Dialects {
  String V041 = "tinker-0.4.1";
  String V038 = "tinker-0.38";
  String TINKEX = "tinkex";

  List<Dialect> ALL = List.of(
      new Dialect(V041, Dialect.Unset.OMIT, true, false),
      new Dialect(V038, Dialect.Unset.DEFAULT, false, true),
      new Dialect(TINKEX, Dialect.Unset.NULL, true, true));

  /** The dialect of that name; throws NoSuchElementException. */
  static Dialect find(String name) {
    return ALL.stream()
        .filter(dialect -> dialect.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new NoSuchElementException("there is no dialect " + name));
  }
}
