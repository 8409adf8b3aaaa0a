//! All samples of one tenant wait after a 429.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::clock::Clock;
use super::config::Config;

const STEP_S: f64 = 1.0;

/// `stepwise`: who waits looks again every second, as the SDKs do; else it waits all of it at once.
pub struct RateLimit {
    clock: Arc<dyn Clock>,
    stepwise: bool,
    until: Mutex<f64>,
}

impl RateLimit {
    pub fn new(clock: Arc<dyn Clock>, stepwise: bool) -> Self {
        Self { clock, stepwise, until: Mutex::new(f64::NEG_INFINITY) }
    }

    /// From now on; never shortens a pause.
    pub fn pause(&self, seconds: f64) {
        let mut until = self.until.lock().expect("not poisoned");
        *until = until.max(self.clock.passed() + seconds);
    }

    /// Until the pause is over.
    pub fn wait(&self) {
        loop {
            let left = *self.until.lock().expect("not poisoned") - self.clock.passed();
            if left <= 0.0 {
                return;
            }
            self.clock.sleep(if self.stepwise { STEP_S } else { left });
        }
    }
}

/// One for each base URL and key, of all clients that are given the same.
#[derive(Default)]
pub struct RateLimits {
    limits: Mutex<HashMap<(String, String), Arc<RateLimit>>>,
}

impl RateLimits {
    pub fn of(&self, config: &Config, clock: &Arc<dyn Clock>) -> Arc<RateLimit> {
        let tenant = (config.base_url.clone(), config.api_key.clone());
        let mut limits = self.limits.lock().expect("not poisoned");
        limits.entry(tenant).or_insert_with(|| Arc::new(RateLimit::new(clock.clone(), false))).clone()
    }
}
