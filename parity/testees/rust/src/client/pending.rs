//! Results that are not there yet.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::clock::Clock;
use super::error::Error;

/// A clock may be ahead of the real time; this often it is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// Tells work that nobody wants it any more.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Errors: `Closed`.
    pub fn check(&self) -> Result<(), Error> {
        if self.0.load(Ordering::SeqCst) {
            return Err(Error::Closed);
        }
        Ok(())
    }
}

/// At work from its making on. Dropping it gives the result up.
#[derive(Debug)]
pub struct Pending<T> {
    result: Receiver<Result<T, Error>>,
    stop: Stop,
}

impl<T: Send + 'static> Pending<T> {
    pub fn start(work: impl FnOnce(&Stop) -> Result<T, Error> + Send + 'static) -> Self {
        let (sender, result) = channel();
        let stop = Stop::default();
        let told = stop.clone();
        thread::spawn(move || {
            let _ = sender.send(work(&told)); // who gave up hears nothing
        });
        Self { result, stop }
    }

    pub fn wait(self) -> Result<T, Error> {
        self.result.recv().unwrap_or(Err(Error::Closed))
    }

    /// Errors: `Timeout`; the work goes on then, and can be waited for again.
    pub fn wait_for(&self, seconds: f64, clock: &dyn Clock) -> Result<T, Error> {
        let (began, until) = (Instant::now(), clock.passed() + seconds);
        loop {
            match self.result.recv_timeout(LOOK) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Disconnected) => return Err(Error::Closed),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if clock.passed() >= until || began.elapsed().as_secs_f64() >= seconds {
                return Err(Error::Timeout(format!("no result within {seconds} s; it can still be waited for")));
            }
        }
    }
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        self.stop.set();
    }
}
