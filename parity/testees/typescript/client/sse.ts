// Server-sent events, from pieces of any size. Source: seed 000 section 2.1; WHATWG HTML, 9.2.

/** `retry`: milliseconds. */
export interface Event {
  readonly data: string;
  readonly event?: string;
  readonly id?: string;
  readonly retry?: number;
}

/** Feeds on bytes, gives events as soon as their blank line is there. */
export class EventDecoder {
  readonly #text = new TextDecoder();
  #rest = "";
  #id: string | undefined;
  #data: string[] = [];
  #event: string | undefined;
  #retry: number | undefined;

  feed(piece: Uint8Array): Event[] {
    this.#rest += this.#text.decode(piece, { stream: true });
    return this.#take(/\r\n|\n|\r(?!$)/); // the \n of a last \r may come with the next piece
  }

  /** Takes a last \r for the end of its line. An event that was not finished is none. */
  end(): Event[] {
    this.#rest += this.#text.decode();
    return this.#take(/\r\n|\n|\r/);
  }

  #take(ending: RegExp): Event[] {
    const found: Event[] = [];
    for (let match = ending.exec(this.#rest); match !== null; match = ending.exec(this.#rest)) {
      const line = this.#rest.slice(0, match.index);
      this.#rest = this.#rest.slice(match.index + match[0].length);
      if (line !== "") this.#line(line);
      else found.push(...this.#dispatch());
    }
    return found;
  }

  #line(line: string): void {
    const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.#retry = Number(value);
  }

  #dispatch(): Event[] {
    const [data, event, retry, id] = [this.#data, this.#event, this.#retry, this.#id];
    [this.#data, this.#event, this.#retry] = [[], undefined, undefined];
    if (data.length === 0 && event === undefined && retry === undefined) return [];
    return [
      {
        data: data.join("\n"),
        ...(event ? { event } : {}),
        ...(id === undefined ? {} : { id }),
        ...(retry === undefined ? {} : { retry }),
      },
    ];
  }
}
