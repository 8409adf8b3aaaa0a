//! All calls of docs/cases.md that this client answers.

use std::panic::{catch_unwind, AssertUnwindSafe};

use base64::{engine::general_purpose::STANDARD, Engine};
use serde_json::{json, Value};
use tinker::client::error::Error;
use tinker::client::generation::Generation;
use tinker::tinker::catalogue;
use tinker::wire;

use crate::{pure, scenario};

/// What came of a call, other than a result.
pub enum Refused {
    Rejected { kind: String, reason: String },
    Unsupported(String),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let kind = match error {
            Error::Usage(kind, _) => snake(&format!("{kind:?}")),
            _ => "other".into(),
        };
        Self::Rejected { kind, reason: error.to_string() }
    }
}

impl From<wire::Error> for Refused {
    fn from(error: wire::Error) -> Self {
        Self::Rejected { kind: "invalid".into(), reason: error.to_string() }
    }
}

pub type Outcome = Result<Value, Refused>;

pub type Call = fn(&Value, &'static Generation) -> Outcome;

const OTHERS: &[(&str, Call)] = &[("codec", codec), ("scenario", scenario::play)];

fn all() -> impl Iterator<Item = &'static (&'static str, Call)> {
    OTHERS.iter().chain(pure::ALL)
}

pub fn names() -> Vec<&'static str> {
    all().map(|(name, _)| *name).collect()
}

/// A Response to a Request; what goes wrong is an outcome, too.
pub fn answer(request: &Value) -> Value {
    let id = &request["id"];
    let name = request["call"].as_str().unwrap_or_default();
    let generation = Generation::find(request["dialect"].as_str().unwrap_or_default());
    let (Some((_, call)), Some(generation)) = (all().find(|(known, _)| *known == name), generation) else {
        return json!({"id": id, "unsupported": format!("there is no call {name} in this dialect")});
    };
    match catch_unwind(AssertUnwindSafe(|| call(&request["input"], generation))) {
        Ok(Ok(result)) => json!({"id": id, "result": result}),
        Ok(Err(Refused::Rejected { kind, reason })) => json!({"id": id, "rejected": {"kind": kind, "reason": reason}}),
        Ok(Err(Refused::Unsupported(reason))) => json!({"id": id, "unsupported": reason}),
        Err(_) => json!({"id": id, "failed": "the call panicked; stderr says where"}),
    }
}

fn codec(input: &Value, generation: &'static Generation) -> Outcome {
    let dialect = &generation.dialect;
    let message = input["message"].as_str().unwrap_or_default();
    let codec = catalogue::find(message, dialect)
        .ok_or_else(|| Refused::Unsupported(format!("there is no message {message}")))?;
    let text = match input["json_base64"].as_str() {
        Some(base64) => STANDARD.decode(base64).expect("the case is right"),
        None => input["json"].as_str().unwrap_or_default().into(),
    };
    Ok(json!({"json": codec(&text, dialect)?.to_string()}))
}

/// "NoApiKey" as docs/cases.md writes it: "no_api_key".
fn snake(name: &str) -> String {
    let mut text = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_uppercase() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
