//! A server on 127.0.0.1 that answers as it is told, and notes what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// Path and JSON body of a request.
pub type Asked = Arc<Mutex<Vec<(String, Value)>>>;
/// Gives status and body; a status of 0 closes the connection instead.
pub type Answer = fn(path: &str, body: &Value, before: usize) -> (u16, String);

/// The server's address, and what it has been asked so far. `before` counts earlier requests for the path.
pub fn start(answer: Answer) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let noted = asked.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let noted = noted.clone();
            thread::spawn(move || serve(stream.unwrap(), &noted, answer));
        }
    });
    (address, asked)
}

fn serve(stream: TcpStream, asked: &Asked, answer: Answer) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let mut first = String::new();
        reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().ok()?;
            } else if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let path = first.split(' ').nth(1)?.to_owned();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let (status, text) = {
            let mut asked = asked.lock().unwrap();
            let before = asked.iter().filter(|(other, _)| *other == path).count();
            let given = answer(&path, &body, before);
            asked.push((path, body));
            given
        };
        if status == 0 {
            return None;
        }
        write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{text}", text.len()).ok()?;
    }
}
