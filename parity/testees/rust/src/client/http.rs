//! HTTP calls with their retries.

use std::sync::Arc;

use super::clock::{Clock, Random};
use super::config::Config;
use super::error::Error;
use super::event::unique;
use super::exchange::{Answer, Connections, Url};
use super::headers::{self, Layer};
use super::query::join;
use super::retry::{self, Headers};

const MOST_REDIRECTS: usize = 20;

/// One call; None: as the client's settings say. `query`: the text behind the question mark.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub body: Vec<u8>,
    pub query: String,
    pub headers: Layer,
    pub timeout_s: Option<f64>,
    pub max_retries: Option<u32>,
    pub follows_redirects: bool,
}

impl Call {
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
            body: Vec::new(),
            query: String::new(),
            headers: Layer::new(),
            timeout_s: None,
            max_retries: None,
            follows_redirects: true,
        }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), Some(value.into()));
        self
    }

    pub fn timeout(mut self, seconds: f64) -> Self {
        self.timeout_s = Some(seconds);
        self
    }

    pub fn retries(mut self, most: u32) -> Self {
        self.max_retries = Some(most);
        self
    }
}

/// The calls of one client.
pub struct Http {
    config: Config,
    clock: Arc<dyn Clock>,
    random: Random,
    connections: Connections,
}

impl Http {
    pub fn new(config: Config, clock: Arc<dyn Clock>, random: Random) -> Self {
        Self { config, clock, random, connections: Connections::default() }
    }

    /// The last answer below 400. Errors: `Status`, `Timeout`, `Connection` when the tries are used up.
    pub fn send(&self, call: &Call) -> Result<Answer, Error> {
        let generation = self.config.generation;
        let mut headers = headers::merge([&self.own(call), &self.config.headers, &call.headers]);
        let tries = call.max_retries.unwrap_or(self.config.max_retries);
        for attempt in 0.. {
            headers.insert("x-stainless-retry-count".into(), attempt.to_string());
            let (again, said, failure) = match self.once(call, &headers) {
                Ok(answer) if answer.status < 400 => return Ok(answer),
                Ok(Answer { status, headers, body }) => {
                    let again = retry::decide(status, &headers, generation);
                    let heard = generation.retry_after_statuses;
                    let said =
                        if heard.is_empty() || heard.contains(&status) { headers.clone() } else { Headers::new() };
                    (again, said, Error::Status { status, body: String::from_utf8_lossy(&body).into(), headers })
                }
                Err(lost @ (Error::Connection(_) | Error::Timeout(_))) => {
                    (generation.retries_connection, Headers::new(), lost)
                }
                Err(other) => return Err(other),
            };
            if !again || attempt == tries {
                return Err(failure);
            }
            self.clock.sleep(retry::delay(attempt, &said, (self.random)(), self.clock.now()));
        }
        unreachable!("attempts are bounded")
    }

    fn own(&self, call: &Call) -> Layer {
        let mut own = headers::own(&self.config);
        let mut add = |name: &str, value: String| own.insert(name.into(), Some(value));
        add("x-stainless-read-timeout", self.timeout(call).to_string());
        if call.method != "GET" {
            add("content-type", "application/json".into());
            // As the SDKs write it: a service may know keys by their form.
            add("x-idempotency-key", format!("stainless-python-retry-{}", unique()));
        }
        own
    }

    fn timeout(&self, call: &Call) -> f64 {
        call.timeout_s.unwrap_or(self.config.timeout_s)
    }

    /// With redirects, but without a second try.
    fn once(&self, call: &Call, headers: &Headers) -> Result<Answer, Error> {
        let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
        let mut url = Url::parse(&(join(&self.config.base_url, &call.path) + &query))?;
        let (mut method, mut body) = (call.method.as_str(), call.body.as_slice());
        let mut headers = headers.clone();
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.connections.exchange(method, &url, &headers, body, self.timeout(call))?;
            let location = match answer.headers.get("location") {
                Some(location) if call.follows_redirects && matches!(answer.status, 301..=303 | 307 | 308) => location,
                _ => return Ok(answer),
            };
            let next = url.follow(location)?;
            if next.host != url.host {
                headers.remove("x-api-key"); // is nobody else's business
            }
            if answer.status < 307 && method != "GET" {
                (method, body) = ("GET", &[]);
            }
            url = next;
        }
        Err(Error::Connection(format!("{} {}: redirected without an end", call.method, call.path)))
    }
}
