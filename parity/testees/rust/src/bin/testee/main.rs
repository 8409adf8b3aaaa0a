//! The testee protocol (proto/samewire/parity/v1/testee.proto): frames on stdin and stdout.

mod calls;
mod given;
mod noted_clock;
mod pure;
mod scenario;
mod steps;

use std::io::{self, Read, Write};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;

use serde_json::{json, Value};
use tinker::tinker::{TINKEX, V041};
use tinker::wire::parse;

const WINDOW: usize = 4;

/// Until stdin ends and all requests are answered.
fn main() -> io::Result<()> {
    send(&json!({
        "name": "rust",
        "title": "Rust, std::net",
        "language": "rust",
        "dialects": [V041.name, TINKEX.name],
        "calls": calls::names(),
        "window": WINDOW,
    }))?;
    let (sender, receiver) = mpsc::channel::<Value>();
    let receiver = Arc::new(Mutex::new(receiver));
    let work = |receiver: Arc<Mutex<mpsc::Receiver<Value>>>| {
        move || loop {
            let next = receiver.lock().expect("nobody panics with the lock").recv();
            let Ok(request) = next else { return };
            send(&calls::answer(&request)).expect("stdout is there");
        }
    };
    let workers: Vec<_> = (0..WINDOW).map(|_| thread::spawn(work(receiver.clone()))).collect();
    while let Some(body) = read_frame(&mut io::stdin().lock())? {
        let request = parse(&body).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
        sender.send(request).expect("the workers are there");
    }
    drop(sender);
    for worker in workers {
        worker.join().expect("a call that panics is caught");
    }
    Ok(())
}

/// The next frame's body; None at the end.
fn read_frame(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    input.read_exact(&mut body)?;
    Ok(Some(body))
}

fn send(message: &Value) -> io::Result<()> {
    let body = message.to_string();
    let mut frame = (body.len() as u32).to_be_bytes().to_vec();
    frame.extend(body.as_bytes());
    let mut out = io::stdout().lock();
    out.write_all(&frame)?;
    out.flush()
}
