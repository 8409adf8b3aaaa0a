//! Headers of one call: the client's own, the user's, the call's.

use std::collections::BTreeMap;
use std::env::consts;

use super::config::Config;
use super::retry::Headers;

/// None removes what stood there.
pub type Layer = BTreeMap<String, Option<String>>;

/// Later ones win, without regard to case. Names in lower case.
pub fn merge<'a>(layers: impl IntoIterator<Item = &'a Layer>) -> Headers {
    let all = layers.into_iter().flatten().map(|(name, value)| (name.to_lowercase(), value.clone()));
    let merged: Layer = all.collect();
    merged.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Of every call of a client.
pub fn own(config: &Config) -> Layer {
    let agent = if config.generation.envelopes { "Tinkex/Rust" } else { "AsyncTinker/Rust" };
    let version = config.generation.sdk_version;
    let own = [
        ("accept", "application/json".to_owned()),
        ("user-agent", format!("{agent} {version}")),
        ("x-stainless-package-version", version.into()),
        ("x-stainless-os", consts::OS.into()),
        ("x-stainless-arch", consts::ARCH.into()),
        ("x-stainless-runtime", "rust".into()),
        ("x-stainless-runtime-version", "std".into()),
        ("x-stainless-async", "async:threads".into()),
        ("x-api-key", config.api_key.clone()),
    ];
    own.into_iter().map(|(name, value)| (name.into(), Some(value))).collect()
}
