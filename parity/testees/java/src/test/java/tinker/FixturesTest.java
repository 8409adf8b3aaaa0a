package tinker;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import tinker.wire.Dialect;
import tinker.wire.Json;

/** Judges this client by the corpus in the folder $SAMEWIRE_FIXTURES. Exit 1 when a check fails. */
public final class FixturesTest {
  private static final Map<String, Dialect> DIALECTS =
      Dialects.ALL.stream().collect(Collectors.toMap(Dialect::name, dialect -> dialect));

  private record Verdict(String fixture, Optional<String> failure) {}

  private interface Check {
    /** What is wrong; empty where all is well. */
    List<String> run() throws IOException;
  }

  public static void main(String[] arguments) throws IOException {
    Map<String, Check> checks = new LinkedHashMap<>();
    checks.put("every fixture of a message that is implemented here", FixturesTest::everyFixture);
    checks.put("every fixture fails when its expectation is turned round", FixturesTest::turnedRound);
    checks.put("a file with a flipped byte is refused", FixturesTest::flippedByte);
    checks.put("numbers are compared by their value", FixturesTest::numbers);
    boolean failed = false;
    for (String name : checks.keySet()) {
      List<String> wrong = checks.get(name).run();
      System.out.println((wrong.isEmpty() ? "ok      " : "FAILED  ") + name);
      wrong.forEach(line -> System.out.println("  " + line));
      failed |= !wrong.isEmpty();
    }
    System.exit(failed ? 1 : 0);
  }

  private static List<String> everyFixture() throws IOException {
    List<Verdict> verdicts = judgeAll(UnaryOperator.identity());
    List<String> lines = new ArrayList<>();
    lines.add(line("consumer", "java", "title", "Java " + Runtime.version().feature() + ", gson", "kind", "consumer"));
    List<String> wrong = new ArrayList<>();
    for (Verdict verdict : verdicts) {
      if (verdict.failure().isEmpty()) {
        lines.add(line("fixture", verdict.fixture(), "verdict", "pass"));
      } else {
        lines.add(line("fixture", verdict.fixture(), "verdict", "fail", "detail", verdict.failure().get()));
        wrong.add(verdict.fixture() + ": " + verdict.failure().get());
      }
    }
    String folder = System.getenv("TEST_UNDECLARED_OUTPUTS_DIR");
    if (folder != null) {
      Files.write(Path.of(folder, "verdicts.jsonl"), lines);
    }
    return verdicts.isEmpty() ? List.of("the corpus has no fixture of any message that is implemented here") : wrong;
  }

  private static List<String> turnedRound() throws IOException {
    List<Verdict> verdicts = judgeAll(fixture -> switch (fixture.expect()) {
      case "accept" -> fixture.with("reject", null);
      case "reject" -> fixture.with("accept", null);
      default -> fixture.with("normalise", "{\"turned\":\"round\"}");
    });
    return verdicts.stream()
        .filter(verdict -> verdict.failure().isEmpty())
        .map(verdict -> verdict.fixture() + ": passes, although its expectation was turned round")
        .toList();
  }

  private static List<String> flippedByte() throws IOException {
    Corpus.File file = Corpus.read(root(), FixturesTest::wanted).files().get(0);
    Path path = Path.of("fixtures", file.message(), file.dialect() + ".json");
    Path damaged = Files.createTempDirectory("corpus");
    Files.createDirectories(damaged.resolve(path).getParent());
    Files.copy(root().resolve("manifest.json"), damaged.resolve("manifest.json"));
    byte[] data = Files.readAllBytes(root().resolve(path));
    data[data.length / 2] ^= 1;
    Files.write(damaged.resolve(path), data);
    try {
      Corpus.read(damaged, (message, dialect) -> message.equals(file.message()) && dialect.equals(file.dialect()));
      return List.of("a damaged corpus was read");
    } catch (IOException error) {
      boolean told = error.getMessage().contains("SHA-256");
      return told ? List.of() : List.of("expected an error about SHA-256, got " + error);
    }
  }

  private static List<String> numbers() {
    boolean equal = Judge.difference("$", number("1.0"), number("10e-1")).isEmpty();
    String told = Judge.difference("$", number("9007199254740993"), number("9007199254740992")).orElse("nothing");
    boolean different = told.equals("$: expected 9007199254740993, got 9007199254740992");
    return equal && different ? List.of() : List.of("1.0 equals 10e-1: " + equal + "; 2^53+1 and 2^53: " + told);
  }

  private static JsonElement number(String text) {
    return Json.parse(text.getBytes());
  }

  private static List<Verdict> judgeAll(UnaryOperator<Corpus.Fixture> change) throws IOException {
    List<Verdict> verdicts = new ArrayList<>();
    for (Corpus.File file : Corpus.read(root(), FixturesTest::wanted).files()) {
      Dialect dialect = DIALECTS.get(file.dialect());
      Class<?> message = Catalogue.find(file.message(), dialect).orElseThrow();
      for (Corpus.Fixture fixture : file.fixtures()) {
        verdicts.add(new Verdict(fixture.id(), Judge.judge(change.apply(fixture), message, dialect)));
      }
    }
    return verdicts;
  }

  private static boolean wanted(String message, String dialect) {
    return DIALECTS.containsKey(dialect) && Catalogue.find(message, DIALECTS.get(dialect)).isPresent();
  }

  private static Path root() throws IOException {
    String root = System.getenv("SAMEWIRE_FIXTURES");
    if (root == null) {
      throw new IOException("SAMEWIRE_FIXTURES must name the folder with manifest.json");
    }
    return Path.of(root);
  }

  private static String line(String... entries) {
    JsonObject object = new JsonObject();
    for (int index = 0; index < entries.length; index += 2) {
      object.addProperty(entries[index], entries[index + 1]);
    }
    return object.toString();
  }
}
