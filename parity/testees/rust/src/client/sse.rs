//! Server-sent events, from pieces of any size (WHATWG HTML, 9.2).

use std::mem::take;

/// `retry`: milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub data: String,
    pub event: Option<String>,
    pub id: Option<String>,
    pub retry: Option<u64>,
}

/// Feeds on bytes, gives events as soon as their blank line is there. What the end of a stream cuts off is none.
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    data: Vec<String>,
    event: Option<String>,
    id: Option<String>,
    retry: Option<u64>,
    begun: bool,
    after_return: bool,
}

impl Decoder {
    pub fn feed(&mut self, piece: &[u8]) -> Vec<Event> {
        let mut found = Vec::new();
        for byte in piece {
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\n' | b'\r' => {
                    self.after_return = *byte == b'\r';
                    found.extend(self.end_line());
                }
                _ => {
                    self.after_return = false;
                    self.line.push(*byte);
                }
            }
        }
        found
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let text = if self.begun { &text } else { text.strip_prefix('\u{feff}').unwrap_or(&text) };
        self.begun = true;
        if text.is_empty() {
            return self.dispatch();
        }
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => self.data.push(value.into()),
            "event" => self.event = Some(value.into()),
            "id" if !value.contains('\0') => self.id = Some(value.into()),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().or(self.retry)
            }
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Event> {
        let (data, event, retry) = (take(&mut self.data), take(&mut self.event), take(&mut self.retry));
        let told = event.is_some() || !data.is_empty() || retry.is_some();
        let event = event.filter(|name| !name.is_empty());
        told.then(|| Event { data: data.join("\n"), event, id: self.id.clone(), retry })
    }
}
