package tinker.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import tinker.Telemetry.TelemetryEvent;

/** Events wait, and go out in batches. Bounded: telemetry may get lost, but stops nothing. */
public final class EventQueue {
  private static final int CAPACITY = 10_000;
  private static final int BATCH = 100;

  private final Queue<TelemetryEvent> events = new ArrayDeque<>();
  private long dropped;

  public synchronized void put(TelemetryEvent event) {
    if (events.size() < CAPACITY) {
      events.add(event);
    } else {
      dropped++;
    }
  }

  /** The next events to send; empty when there are none. */
  public synchronized List<TelemetryEvent> batch() {
    List<TelemetryEvent> batch = new ArrayList<>();
    while (batch.size() < BATCH && !events.isEmpty()) {
      batch.add(events.remove());
    }
    return batch;
  }

  public synchronized long dropped() {
    return dropped;
  }
}
