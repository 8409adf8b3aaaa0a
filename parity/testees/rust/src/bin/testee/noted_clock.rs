//! Nobody sleeps; what would have been slept is noted, and time goes on by that and by nothing else. Unless it is real.

use std::sync::Mutex;

use tinker::client::clock::{Clock, SystemClock};

pub struct NotedClock {
    real: bool,
    slept: Mutex<Vec<f64>>,
}

impl NotedClock {
    pub fn new(real: bool) -> Self {
        Self { real, slept: Mutex::default() }
    }

    pub fn slept(&self) -> Vec<f64> {
        self.slept.lock().expect("not poisoned").clone()
    }

    fn ahead(&self) -> f64 {
        self.slept.lock().expect("not poisoned").iter().sum()
    }
}

impl Clock for NotedClock {
    fn now(&self) -> f64 {
        SystemClock.now() + if self.real { 0.0 } else { self.ahead() }
    }

    fn passed(&self) -> f64 {
        if self.real {
            SystemClock.passed()
        } else {
            self.ahead()
        }
    }

    fn sleep(&self, seconds: f64) {
        self.slept.lock().expect("not poisoned").push(seconds);
        if self.real {
            SystemClock.sleep(seconds);
        }
    }
}
