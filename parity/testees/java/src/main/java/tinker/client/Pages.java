package tinker.client;

import java.util.ArrayList;
import java.util.List;

/** Listings by limit and offset. */
public final class Pages {
  /** Some items, and how many there are in all. */
  public record Page<T>(List<T> items, long total) {}

  /** Asks for one page. */
  public interface Fetch<T> {
    Page<T> page(long limit, long offset);
  }

  private Pages() {}

  /** Items up to a limit (0: all), asked for in batches, and how many there are in all. */
  public static <T> Page<T> collect(Fetch<T> fetch, long limit, long batch) {
    Page<T> page = fetch.page(limit > 0 ? Math.min(batch, limit) : batch, 0);
    long total = page.total();
    long wanted = limit > 0 ? Math.min(limit, total) : total;
    List<T> items = new ArrayList<>(page.items());
    while (items.size() < wanted) {
      long asked = Math.min(batch, wanted - items.size());
      page = fetch.page(asked, items.size());
      items.addAll(page.items());
      if (page.items().size() < asked) {
        break;
      }
    }
    return new Page<>(items, total);
  }
}
