//! What the client decides without a network.

use std::collections::BTreeMap;

use tinker::client::config::Settings;
use tinker::client::error::{message, Error, Usage};
use tinker::client::generation::{TINKEX, V041};
use tinker::client::metrics::{reduce, Metrics};
use tinker::client::path::TinkerPath;
use tinker::client::poll::{self, Poll};
use tinker::client::sse::Decoder;
use tinker::client::{chunks, http_date, pages, python_hash, retry, submit};

fn measured(key: &str, values: &[(f64, usize)]) -> Vec<Metrics> {
    let one = |(value, outputs): &(f64, usize)| Metrics { values: [(key.into(), *value)].into(), outputs: *outputs };
    values.iter().map(one).collect()
}

#[test]
fn metrics_by_their_reduction() {
    let chunks = [(1.0, 1), (3.0, 3), (3.0, 0)];
    for (reduction, value) in [("mean", 2.5), ("slack", 0.5), ("min", 1.0), ("max", 3.0), ("sum", 7.0)] {
        let key = format!("m:{reduction}");
        let reduced = reduce(&measured(&key, &chunks), &V041).unwrap();
        assert_eq!(reduced, BTreeMap::from([(key, value)]));
    }
    assert_eq!(reduce(&measured("m:unheard", &chunks), &V041).unwrap(), BTreeMap::new());
}

#[test]
fn unique_metrics_are_numbered_by_generation() {
    let chunks = measured("t:unique", &[(10.0, 1), (11.0, 1)]);
    let keys = |generation| reduce(&chunks, generation).unwrap().into_keys().collect::<Vec<_>>();
    assert_eq!(keys(&V041), ["t:unique", "t:unique_1"]);
    assert_eq!(keys(&TINKEX), ["t:unique", "t:unique_2"]);
}

#[test]
fn metrics_that_cannot_be_reduced() {
    let refused = |key, values: &[(f64, usize)]| reduce(&measured(key, values), &V041).unwrap_err();
    assert!(matches!(refused("loss", &[(1.0, 1)]), Error::Usage(Usage::BadKey, _)));
    assert!(matches!(refused("a:b:sum", &[(1.0, 1)]), Error::Usage(Usage::BadKey, _)));
    assert!(matches!(refused("loss:mean", &[(1.0, 0)]), Error::Usage(Usage::ZeroWeight, _)));
}

/// The vectors of CPython.
#[test]
fn hashes_as_python_has_them() {
    assert_eq!(python_hash::unordered(&[1.0]), -6644214454873602895);
    assert_eq!(python_hash::unordered(&[2.0, 1.0]), -3550055125485641917);
    assert_eq!(python_hash::unordered(&[3.7, -1.0]), 6299364165049820628);
    assert_eq!(python_hash::unordered(&[0.0]), -8753497827991233192);
}

#[test]
fn batches_are_cut_by_length_and_by_numbers() {
    assert_eq!(chunks::cut(vec![1; 257], 128, 500_000), [128, 128, 1]);
    assert_eq!(chunks::cut([250_000, 250_000, 1], 128, 500_000), [2, 1]);
    assert_eq!(chunks::cut([600_000, 1], 128, 500_000), [1, 1]);
    assert_eq!(chunks::cut([], 128, 500_000), [] as [usize; 0]);
}

#[test]
fn answers_that_are_tried_again() {
    let said = |value: &str| BTreeMap::from([("x-should-retry".to_owned(), value.to_owned())]);
    assert!(retry::decide(409, &BTreeMap::new(), &V041));
    assert!(!retry::decide(409, &BTreeMap::new(), &TINKEX));
    assert!(retry::decide(400, &said("true"), &V041));
    assert!(!retry::decide(503, &said("false"), &V041));
    assert!(retry::decide(503, &said("False"), &V041));
}

#[test]
fn waits_between_tries() {
    let said = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    assert_eq!(retry::delay(0, &BTreeMap::new(), 0.0, 0.0), 0.5);
    assert_eq!(retry::delay(9, &BTreeMap::new(), 0.5, 0.0), 8.75);
    assert_eq!(retry::delay(0, &said("retry-after-ms", "250"), 0.0, 0.0), 0.25);
    assert_eq!(retry::delay(0, &said("retry-after", "61"), 0.0, 0.0), 0.5);
    let date = said("retry-after", "Tue, 14 Nov 2023 22:13:25 GMT");
    assert_eq!(retry::delay(0, &date, 0.0, 1_700_000_000.0), 5.0);
    assert_eq!(submit::delay(Some(503), 9, 299.0, &V041), Some(1.0));
    assert_eq!(submit::delay(Some(503), 0, 300.0, &V041), None);
}

#[test]
fn dates_of_headers() {
    assert_eq!(http_date::parse("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
    assert_eq!(http_date::parse("Thu, 29 Feb 2024 12:00:00 GMT"), Some(1_709_208_000));
    assert_eq!(http_date::parse("soon"), None);
}

#[test]
fn answers_to_a_poll() {
    let decide = |body: &str, generation| poll::decide(200, body.as_bytes(), 0, generation);
    assert!(matches!(decide(r#"{"metrics":null}"#, &V041), Poll::Done(_)));
    assert!(matches!(decide(r#"{"error":"x","category":"User"}"#, &V041), Poll::Failed { .. }));
    assert!(
        matches!(decide(r#"{"status":"completed","result":{}}"#, &TINKEX), Poll::Done(result) if result.is_empty())
    );
    assert!(matches!(decide(r#"{"status":"pending"}"#, &TINKEX), Poll::Again { delay_s, .. } if delay_s == 1.0));
    assert!(matches!(decide("{", &V041), Poll::Invalid(_)));
    assert_eq!(poll::decide(410, b"", 0, &V041), Poll::Resubmit);
    assert_eq!(poll::decide(429, b"", 0, &V041), Poll::Refused);
}

#[test]
fn paths_of_weights() {
    let path = TinkerPath::parse("tinker://run-1/weights/0001").unwrap();
    assert_eq!((path.run.as_str(), path.checkpoint_id().as_str()), ("run-1", "weights/0001"));
    for bad in ["", "run/weights/1", "tinker://run/other/1", "tinker://run/weights", "tinker:///weights/1"] {
        assert!(TinkerPath::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn settings_before_the_environment() {
    let env = BTreeMap::from([("TINKER_API_KEY".to_owned(), "of-env".to_owned())]);
    let told = Settings { api_key: Some("told".into()), ..Settings::default() };
    assert_eq!(told.resolve(&V041, &env).unwrap().api_key, "told");
    assert_eq!(Settings::default().resolve(&V041, &env).unwrap().api_key, "of-env");
    assert!(Settings::default().resolve(&V041, &BTreeMap::new()).is_err());
}

#[test]
fn events_of_a_stream_in_any_pieces() {
    let stream = b"event: a\r\ndata: 1\r\n\r\ndata: 2\n\ndata: 3\n";
    let whole = Decoder::default().feed(stream);
    let mut decoder = Decoder::default();
    let pieces: Vec<_> = stream.chunks(1).flat_map(|piece| decoder.feed(piece)).collect();
    assert_eq!(whole, pieces);
    assert_eq!(whole.iter().map(|event| event.data.as_str()).collect::<Vec<_>>(), ["1", "2"]);
}

#[test]
fn pages_until_there_is_enough() {
    let mut asked = Vec::new();
    let fetch = |limit: usize, offset: usize| {
        asked.push((limit, offset));
        Ok((vec![(); limit.min(250 - offset)], 250))
    };
    let (items, total) = pages::collect(fetch, 120, 100).unwrap();
    assert_eq!((items.len(), total), (120, 250));
    assert_eq!(asked, [(100, 0), (20, 100)]);
}

#[test]
fn errors_for_people() {
    assert_eq!(message(404, ""), "Error code: 404");
    assert_eq!(message(404, " gone \n"), "gone");
    assert_eq!(message(404, r#"{"detail":"x"}"#), r#"Error code: 404 - {"detail":"x"}"#);
}
