//! One HTTP/1.1 exchange over TCP. Connections are kept; what is no http is for a proxy in front.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::error::{Error, Usage};
use super::retry::Headers;

const CONNECT: Duration = Duration::from_secs(5);
const MOST_HEAD: usize = 1 << 20;

/// Header names in lower case.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Url {
    /// With the port.
    pub host: String,
    /// With the query.
    pub target: String,
}

impl Url {
    /// Errors: `Unsupported` for what is no http.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let Some(rest) = text.strip_prefix("http://") else {
            return Err(Error::usage(Usage::Unsupported, format!("{text:?}: this client speaks http:// only")));
        };
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, target) = rest.split_at(at);
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        Ok(Self { host, target: if target.starts_with('/') { target.into() } else { format!("/{target}") } })
    }

    /// Where a Location leads from here.
    pub fn follow(&self, location: &str) -> Result<Self, Error> {
        if location.contains("://") {
            Self::parse(location)
        } else if location.starts_with('/') {
            Ok(Self { target: location.into(), ..self.clone() })
        } else {
            let folder = self.target.split('?').next().and_then(|path| path.rsplit_once('/')).map_or("", |(up, _)| up);
            Ok(Self { target: format!("{folder}/{location}"), ..self.clone() })
        }
    }
}

/// Connections at rest, by host.
#[derive(Debug, Default)]
pub struct Connections {
    idle: Mutex<HashMap<String, Vec<TcpStream>>>,
}

impl Connections {
    /// Errors: `Timeout`, `Connection`.
    pub fn exchange(
        &self,
        method: &str,
        url: &Url,
        headers: &Headers,
        body: &[u8],
        timeout_s: f64,
    ) -> Result<Answer, Error> {
        let end = Instant::now() + Duration::from_secs_f64(timeout_s);
        self.try_exchange(method, url, headers, body, end).map_err(|error| {
            let what = format!("{method} {}{}: {error}", url.host, url.target);
            match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => Error::Timeout(what),
                _ => Error::Connection(what),
            }
        })
    }

    fn try_exchange(
        &self,
        method: &str,
        url: &Url,
        headers: &Headers,
        body: &[u8],
        end: Instant,
    ) -> io::Result<Answer> {
        let stream = match self.rested(&url.host) {
            Some(stream) => stream,
            None => connect(&url.host, end)?,
        };
        let mut head = format!("{method} {} HTTP/1.1\r\nhost: {}\r\n", url.target, url.host);
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if method != "GET" {
            head += &format!("content-length: {}\r\n", body.len());
        }
        let mut request = (head + "\r\n").into_bytes();
        request.extend(body);
        let mut line = Line { stream, end, rest: Vec::new() };
        line.stream.set_write_timeout(Some(line.left()?))?;
        line.stream.write_all(&request)?;
        let (answer, kept) = line.answer()?;
        if kept && line.rest.is_empty() {
            self.idle.lock().expect("not poisoned").entry(url.host.clone()).or_default().push(line.stream);
        }
        Ok(answer)
    }

    /// A connection that the server has not closed meanwhile.
    fn rested(&self, host: &str) -> Option<TcpStream> {
        loop {
            let stream = self.idle.lock().expect("not poisoned").get_mut(host)?.pop()?;
            let alive = stream.set_nonblocking(true).is_ok()
                && matches!(stream.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
                && stream.set_nonblocking(false).is_ok();
            if alive {
                return Some(stream);
            }
        }
    }
}

fn connect(host: &str, end: Instant) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(ErrorKind::NotFound, "no address");
    for address in host.to_socket_addrs()? {
        let left = end.saturating_duration_since(Instant::now()).min(CONNECT).max(Duration::from_millis(1));
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// What comes over a connection.
struct Line {
    stream: TcpStream,
    end: Instant,
    rest: Vec<u8>,
}

impl Line {
    fn left(&self) -> io::Result<Duration> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(ErrorKind::TimedOut, "no answer in time"));
        }
        Ok(left)
    }

    /// The final answer, and whether the connection can be used again.
    fn answer(&mut self) -> io::Result<(Answer, bool)> {
        let (status, headers) = loop {
            let (status, headers) = self.head()?;
            if status >= 200 {
                break (status, headers);
            }
        };
        let closes = headers.get("connection").is_some_and(|said| said.eq_ignore_ascii_case("close"));
        let chunked = headers.get("transfer-encoding").is_some_and(|said| said.to_lowercase().contains("chunked"));
        let length = headers.get("content-length").map(|said| said.trim().parse::<usize>().map_err(broken));
        let (body, ends) = match length {
            _ if status == 204 || status == 304 => (Vec::new(), false),
            _ if chunked => (self.chunks()?, false),
            Some(length) => (self.take(length?)?, false),
            None => (self.remainder()?, true),
        };
        Ok((Answer { status, headers, body }, !closes && !ends))
    }

    fn head(&mut self) -> io::Result<(u16, Headers)> {
        let first = self.line()?;
        let status = first.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line()?;
            match line.split_once(':') {
                Some((name, value)) => headers.insert(name.to_lowercase(), value.trim().to_owned()),
                None if line.is_empty() => break,
                None => return Err(broken(format!("no header: {line:?}"))),
            };
        }
        Ok((status.ok_or_else(|| broken(format!("no answer: {first:?}")))?, headers))
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(at) = self.rest.windows(2).position(|pair| pair == b"\r\n") {
                let line = self.rest.drain(..at + 2).take(at).collect();
                return String::from_utf8(line).map_err(broken);
            } else if self.rest.len() > MOST_HEAD || !self.more()? {
                return Err(io::Error::new(ErrorKind::UnexpectedEof, "the connection ended"));
            }
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.rest.len() < length {
            if !self.more()? {
                return Err(io::Error::new(ErrorKind::UnexpectedEof, "the connection ended in a body"));
            }
        }
        Ok(self.rest.drain(..length).collect())
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line()?;
            let size = line.split(';').next().unwrap_or_default();
            let size = usize::from_str_radix(size.trim(), 16).map_err(broken)?;
            body.extend(self.take(size)?);
            if size == 0 {
                while !self.line()?.is_empty() {}
                return Ok(body);
            }
            self.take(2)?;
        }
    }

    fn remainder(&mut self) -> io::Result<Vec<u8>> {
        while self.more()? {}
        Ok(std::mem::take(&mut self.rest))
    }

    /// False at the end.
    fn more(&mut self) -> io::Result<bool> {
        let mut piece = [0; 16 * 1024];
        self.stream.set_read_timeout(Some(self.left()?))?;
        let read = self.stream.read(&mut piece)?;
        self.rest.extend(&piece[..read]);
        Ok(read > 0)
    }
}

fn broken(reason: impl ToString) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason.to_string())
}
