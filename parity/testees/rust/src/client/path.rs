//! Where weights are: tinker://RUN/KIND/NAME.

use super::error::{Error, Usage};

#[derive(Clone, Debug, PartialEq)]
pub struct TinkerPath {
    pub run: String,
    pub kind: String,
    pub name: String,
}

impl TinkerPath {
    /// Errors: `BadPath`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parts: Vec<&str> = text.strip_prefix("tinker://").unwrap_or_default().split('/').collect();
        match parts[..] {
            [run, kind @ ("weights" | "sampler_weights"), name] if !run.is_empty() && !name.is_empty() => {
                Ok(Self { run: run.into(), kind: kind.into(), name: name.into() })
            }
            _ => Err(Error::usage(Usage::BadPath, format!("{text:?} is no path: tinker://RUN/weights/NAME"))),
        }
    }

    /// As in the routes of REST: two segments.
    pub fn checkpoint_id(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }
}
