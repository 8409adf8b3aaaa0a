//! What a client is told: by its settings, else by the environment, else by custom.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{Error, Usage};
use super::generation::Generation;
use super::headers::Layer;
use super::retry::MAX_RETRIES;

const BASE_URL: &str = "https://tinker.thinkingmachines.dev/services/tinker-prod";
const TIMEOUT_S: f64 = 60.0;

/// One client's; nothing is shared between clients, so that several keys work side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub generation: &'static Generation,
    pub base_url: String,
    pub api_key: String,
    pub timeout_s: f64,
    /// Of one HTTP call, besides the first try.
    pub max_retries: u32,
    pub tags: Vec<String>,
    pub headers: Layer,
    pub user_metadata: BTreeMap<String, String>,
    pub telemetry: bool,
}

/// What a caller says; None: as the environment says, or as usual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    pub base_url: Option<String>,
    pub api_key: Option<String>,
    pub timeout_s: Option<f64>,
    pub max_retries: Option<u32>,
    pub tags: Option<Vec<String>>,
    pub headers: Layer,
    pub user_metadata: BTreeMap<String, String>,
    pub telemetry: Option<bool>,
}

pub type Environment = BTreeMap<String, String>;

impl Settings {
    /// Errors: `NoApiKey`.
    pub fn resolve(self, generation: &'static Generation, env: &Environment) -> Result<Config, Error> {
        let told = |name: &str| env.get(name).filter(|value| !value.is_empty()).cloned();
        let api_key = self.api_key.or_else(|| told("TINKER_API_KEY")).filter(|key| !key.is_empty());
        let missing = || Error::usage(Usage::NoApiKey, "no API key: give one, or set TINKER_API_KEY");
        let base_url = self.base_url.filter(|url| !url.is_empty());
        Ok(Config {
            generation,
            base_url: base_url.or_else(|| told("TINKER_BASE_URL")).unwrap_or_else(|| BASE_URL.into()),
            api_key: api_key.ok_or_else(missing)?,
            timeout_s: self.timeout_s.unwrap_or(TIMEOUT_S),
            max_retries: self.max_retries.unwrap_or(MAX_RETRIES),
            tags: self.tags.unwrap_or_else(|| tags(env)),
            headers: self.headers,
            user_metadata: self.user_metadata,
            telemetry: self.telemetry.unwrap_or_else(|| telemetry_enabled(env)),
        })
    }
}

/// Between commas, each once; blanks belong to them.
fn tags(env: &Environment) -> Vec<String> {
    let told: BTreeSet<&str> = env.get("TINKER_TAGS").map(|text| text.split(',').collect()).unwrap_or_default();
    told.into_iter().map(str::to_owned).collect()
}

/// On, unless TINKER_TELEMETRY says otherwise.
pub fn telemetry_enabled(env: &Environment) -> bool {
    let told = env.get("TINKER_TELEMETRY").map_or("1".into(), |text| text.to_lowercase());
    ["1", "true", "yes", "on"].contains(&told.as_str())
}
