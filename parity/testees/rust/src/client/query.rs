//! Addresses, and what stands behind their question mark.

use serde_json::Value;

use super::error::{Error, Usage};

/// How lists are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrays {
    Comma,
    Repeat,
    Indices,
    Brackets,
}

/// How the keys of nested objects are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objects {
    Dots,
    Brackets,
}

/// The path behind the base's own; a whole URL stays as it is.
pub fn join(base: &str, path: &str) -> String {
    if path.starts_with("http://") || path.starts_with("https://") {
        return path.into();
    }
    format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'))
}

/// Pairs of a query as text; null and "" leave their key out. Errors: `Nested`.
pub fn format<'a>(
    params: impl IntoIterator<Item = (&'a String, &'a Value)>,
    arrays: Arrays,
    objects: Objects,
) -> Result<String, Error> {
    let mut pairs = Vec::new();
    for (key, value) in params {
        add(&mut pairs, key, value, arrays, objects)?;
    }
    Ok(pairs.join("&"))
}

fn add(pairs: &mut Vec<String>, key: &str, value: &Value, arrays: Arrays, objects: Objects) -> Result<(), Error> {
    let nested = |reason: &str| Err(Error::usage(Usage::Nested, format!("{key}: {reason}")));
    match value {
        Value::Object(object) => {
            for (part, item) in object {
                let key = match objects {
                    Objects::Dots => format!("{key}.{part}"),
                    Objects::Brackets => format!("{key}[{part}]"),
                };
                add(pairs, &key, item, arrays, objects)?;
            }
        }
        Value::Array(list) if arrays == Arrays::Comma => {
            if list.iter().any(|item| item.is_array() || item.is_object()) {
                return nested("commas hold no lists and objects");
            }
            let items: Vec<String> = list.iter().filter(|item| !item.is_null()).map(text).collect();
            pairs.push(pair(key, &items.join(",")));
        }
        Value::Array(_) if arrays == Arrays::Indices => return nested("lists are not written with indices"),
        Value::Array(list) => {
            let key = if arrays == Arrays::Repeat { key.to_owned() } else { format!("{key}[]") };
            for item in list {
                add(pairs, &key, item, arrays, objects)?;
            }
        }
        scalar => {
            let text = text(scalar);
            if !text.is_empty() {
                pairs.push(pair(key, &text));
            }
        }
    }
    Ok(())
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn pair(key: &str, value: &str) -> String {
    format!("{}={}", encode(key), encode(value))
}

/// As forms are written.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b' ' => "+".into(),
            b'_' | b'.' | b'-' | b'~' => char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
