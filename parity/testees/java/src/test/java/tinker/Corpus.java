package tinker;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiPredicate;

/** The golden corpus (proto/samewire/v1/fixture.proto). */
record Corpus(List<File> files) {
  /** The fixtures of one message in one dialect. */
  record File(String message, String dialect, List<Fixture> fixtures) {}

  /** One JSON text and what a client should make of it: "accept", "reject" or "normalise". */
  record Fixture(
      String id,
      String expect,
      String json,
      @SerializedName("json_base64") String jsonBase64,
      String becomes,
      String why,
      String path) {
    byte[] input() {
      return json == null ? Base64.getDecoder().decode(jsonBase64) : json.getBytes(StandardCharsets.UTF_8);
    }

    Fixture with(String otherExpect, String otherBecomes) {
      return new Fixture(id, otherExpect, json, jsonBase64, otherBecomes, why, path);
    }
  }

  private record Manifest(int format, List<Entry> files) {}

  private record Entry(String path, String message, String dialect, int count, String sha256) {}

  /** Reads the files that are wanted; a damaged corpus is an IOException. */
  static Corpus read(Path root, BiPredicate<String, String> wanted) throws IOException {
    Gson gson = new Gson();
    Manifest manifest = gson.fromJson(Files.readString(root.resolve("manifest.json")), Manifest.class);
    if (manifest.format() != 1) {
      throw new IOException("manifest.json: format " + manifest.format() + " is not known here, only 1");
    }
    List<File> files = new ArrayList<>();
    for (Entry entry : manifest.files()) {
      if (!wanted.test(entry.message(), entry.dialect())) {
        continue;
      }
      byte[] data = Files.readAllBytes(root.resolve(entry.path()));
      if (!sha256(data).equals(entry.sha256())) {
        throw new IOException(entry.path() + ": SHA-256 is " + sha256(data) + ", the manifest says " + entry.sha256());
      }
      File file = gson.fromJson(new String(data, StandardCharsets.UTF_8), File.class);
      int count = file.fixtures().size();
      if (count != entry.count()) {
        throw new IOException(entry.path() + ": " + count + " fixtures, the manifest says " + entry.count());
      }
      files.add(file);
    }
    return new Corpus(files);
  }

  private static String sha256(byte[] data) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    } catch (NoSuchAlgorithmException error) {
      throw new AssertionError(error);
    }
  }
}
