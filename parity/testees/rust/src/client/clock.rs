//! Time and chance as parameters, so that what depends on them can be told. All in seconds.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Draws a number from 0 to 1, exclusive.
pub type Random = Arc<dyn Fn() -> f64 + Send + Sync>;

pub trait Clock: Send + Sync {
    /// Since 1970.
    fn now(&self) -> f64;
    /// Since some point, never backwards.
    fn passed(&self) -> f64;
    /// What retries, backoff and queues wait; the heartbeat and telemetry do not ask here.
    fn sleep(&self, seconds: f64);
}

#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
    }

    fn passed(&self) -> f64 {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        BEGAN.get_or_init(Instant::now).elapsed().as_secs_f64()
    }

    fn sleep(&self, seconds: f64) {
        thread::sleep(Duration::from_secs_f64(seconds));
    }
}

/// The standard library's hash keys are its only source of chance.
pub fn chance() -> Random {
    Arc::new(|| (RandomState::new().build_hasher().finish() >> 11) as f64 / (1u64 << 53) as f64)
}
