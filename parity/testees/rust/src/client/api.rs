//! Typed calls in one dialect.

use super::error::Error;
use super::exchange::Answer;
use super::generation::Generation;
use super::http::{Call, Http};
use crate::wire::{from_slice, Wire};

pub struct Api {
    pub http: Http,
    generation: &'static Generation,
}

impl Api {
    pub fn new(http: Http, generation: &'static Generation) -> Self {
        Self { http, generation }
    }

    pub fn post(&self, path: &str, request: &impl Wire) -> Call {
        let body = request.encode(&self.generation.dialect).to_string().into_bytes();
        Call { body, ..Call::new("POST", path) }
    }

    /// Without a look at what the answer is. Errors as `Http::send`.
    pub fn send(&self, call: &Call) -> Result<Answer, Error> {
        self.http.send(call)
    }

    /// Errors as `Http::send`, and `Validation` for an answer that is no such message.
    pub fn ask<T: Wire>(&self, call: &Call) -> Result<T, Error> {
        let answer = self.http.send(call)?;
        from_slice(&answer.body, &self.generation.dialect)
            .map_err(|error| Error::Validation(format!("the answer is not what it should be: {error}")))
    }
}
