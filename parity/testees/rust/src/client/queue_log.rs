//! Tells people why nothing goes on, once a minute at most.

use std::sync::{Arc, Mutex};

use super::clock::Clock;
use super::promise::Observer;
use crate::tinker::future::QueueState;

const EVERY_S: f64 = 60.0;

/// `subject`: what is paused; `limit`: which limit was hit, if one was.
pub fn observer(subject: String, limit: &'static str, clock: Arc<dyn Clock>) -> Observer {
    let next = Mutex::new(f64::NEG_INFINITY);
    Arc::new(move |state| {
        let mut next = next.lock().expect("not poisoned");
        if state == QueueState::Active || clock.passed() < *next {
            return;
        }
        *next = clock.passed() + EVERY_S;
        match state {
            QueueState::PausedRateLimit => eprintln!("{subject} is paused. Reason: {limit} rate limit hit"),
            QueueState::PausedCapacity => eprintln!("{subject} is paused. Reason: out of capacity"),
            _ => eprintln!("{subject} is paused. Reason: unknown"),
        }
    })
}
