// Listings by limit and offset. Source: tinker.md sections 3.11 and 3.12.

export interface Page<T> {
  readonly items: readonly T[];
  /** Of the whole listing. */
  readonly total: number;
}

/** Items up to `limit` (0: all), asked for in batches. */
export async function collect<T>(
  fetch: (limit: number, offset: number) => Promise<Page<T>>,
  limit: number,
  batch: number,
): Promise<Page<T>> {
  const first = await fetch(limit > 0 ? Math.min(batch, limit) : batch, 0);
  const wanted = limit > 0 ? Math.min(limit, first.total) : first.total;
  const items = [...first.items];
  while (items.length < wanted) {
    const asked = Math.min(batch, wanted - items.length);
    const page = await fetch(asked, items.length);
    items.push(...page.items);
    if (page.items.length < asked) break;
  }
  return { items, total: first.total };
}
