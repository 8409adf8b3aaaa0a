//! What a case gives, as plain Rust.

use std::collections::BTreeMap;

use serde_json::Value;
use tinker::client::config::Settings;
use tinker::client::headers::Layer;
use tinker::client::tensor::Nested;

/// "" where there is none.
pub fn text<'a>(given: &'a Value, key: &str) -> &'a str {
    given[key].as_str().unwrap_or_default()
}

/// 0 where there is none.
pub fn integer(given: &Value, key: &str) -> i64 {
    given[key].as_i64().unwrap_or_default()
}

/// 0 where there is none.
pub fn number(given: &Value, key: &str) -> f64 {
    given[key].as_f64().unwrap_or_default()
}

pub fn list(given: &Value) -> &[Value] {
    given.as_array().map_or(&[], Vec::as_slice)
}

pub fn object(given: &Value) -> impl Iterator<Item = (&String, &Value)> {
    given.as_object().into_iter().flatten()
}

pub fn texts(given: &Value) -> BTreeMap<String, String> {
    object(given).filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

pub fn layer(given: &Value) -> Layer {
    object(given).map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned))).collect()
}

pub fn nested(given: &Value) -> Nested {
    match given {
        Value::Array(list) => Nested::List(list.iter().map(nested).collect()),
        number => number.as_i64().map_or_else(|| Nested::Float(number.as_f64().unwrap_or_default()), Nested::Int),
    }
}

/// What a case tells of a client's settings.
pub fn settings(given: &Value) -> Settings {
    let text = |key: &str| given[key].as_str().map(str::to_owned);
    Settings {
        base_url: text("base_url"),
        api_key: text("api_key"),
        timeout_s: given["timeout_s"].as_f64(),
        max_retries: given["max_retries"].as_u64().map(|most| most as u32),
        tags: given["tags"].as_array().map(|tags| tags.iter().filter_map(|tag| Some(tag.as_str()?.into())).collect()),
        headers: layer(&given["headers"]),
        user_metadata: texts(&given["user_metadata"]),
        telemetry: given["telemetry"].as_bool(),
    }
}
