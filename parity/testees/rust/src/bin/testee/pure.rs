//! Calls without a network: what a case gives as the client's types, and what the client makes of it as JSON.

use std::collections::BTreeMap;

use base64::{engine::general_purpose::STANDARD, Engine};
use serde_json::{json, Value};
use tinker::client::error::{kind, message, Error};
use tinker::client::event::{EventQueue, Events};
use tinker::client::generation::Generation;
use tinker::client::metrics::{self, Metrics};
use tinker::client::path::TinkerPath;
use tinker::client::poll::{self, Poll};
use tinker::client::query::{self, Arrays, Objects};
use tinker::client::sse::Decoder;
use tinker::client::{
    backoff, category, chunks, config, headers, multipart, outputs, pages, people, retry, submit, tensor,
};
use tinker::tinker::input::Chunk;
use tinker::tinker::telemetry::Severity;
use tinker::tinker::training::ForwardBackwardOutput;
use tinker::wire::time::Timestamp;
use tinker::wire::Wire;

use crate::calls::{Call, Outcome};
use crate::given;

pub const ALL: &[(&str, Call)] = &[
    ("metrics.reduce", reduce),
    ("outputs.combine", combine),
    ("chunks.split", split),
    ("chunks.order", order),
    ("input.length", length),
    ("tensor.make", make_tensor),
    ("datum.make", make_datum),
    ("retry.decide", retry_decide),
    ("retry.delay", retry_delay),
    ("submit.decide", submit_decide),
    ("poll.decide", poll_decide),
    ("category.parse", |given, to| Ok(shown(&category::parse(given::text(given, "text"), to), to))),
    ("category.retryable", category_retryable),
    ("queue.parse", |given, to| Ok(shown(&category::queue_state(given::text(given, "text"), to), to))),
    ("sampling.backoff", sampling_backoff),
    ("sampling.retry_delay", |given, _| {
        Ok(json!(backoff::retry_delay(given::integer(given, "attempt") as u32, given::number(given, "random"))))
    }),
    ("path.parse", parse_path),
    ("url.join", |given, _| Ok(json!(query::join(given::text(given, "base"), given::text(given, "path"))))),
    ("query.format", query_format),
    ("headers.merge", merge_headers),
    ("config.resolve", resolve),
    ("error.kind", error_kind),
    ("sse.decode", decode_events),
    ("telemetry.enabled", |given, _| Ok(json!(config::telemetry_enabled(&given::texts(&given["env"]))))),
    ("telemetry.batches", batches),
    ("telemetry.exception", exception),
    ("telemetry.index", indices),
    ("pages.plan", plan_pages),
    ("multipart.encode", encode_form),
    ("cli.size", |given, _| Ok(json!(people::size(given::integer(given, "bytes"))))),
    ("cli.time", time_ago),
];

pub fn shown<T: Wire>(message: &T, to: &Generation) -> Value {
    message.encode(&to.dialect)
}

fn reduce(given: &Value, to: &'static Generation) -> Outcome {
    let chunks: Vec<Metrics> = given::list(&given["results"])
        .iter()
        .map(|each| Metrics {
            values: BTreeMap::decode("$", &each["metrics"], &to.dialect).expect("the case is right"),
            outputs: given::integer(each, "outputs") as usize,
        })
        .collect();
    Ok(shown(&metrics::reduce(&chunks, to)?, to))
}

fn combine(given: &Value, to: &'static Generation) -> Outcome {
    let read: Vec<ForwardBackwardOutput> = Wire::decode("$", &given["outputs"], &to.dialect)?;
    Ok(shown(&outputs::combine(read, to)?, to))
}

/// Counts only: a datum of half a million numbers is not made to be measured.
fn split(given: &Value, to: &'static Generation) -> Outcome {
    let sizes = given::list(&given["runs"]).iter().flat_map(|run| {
        let datum = &run["datum"];
        let tensors: i64 = given::list(&datum["tensors"]).iter().map(|tensor| given::integer(tensor, "count")).sum();
        let numbers = given::integer(datum, "tokens") + given::integer(&datum["image"], "tokens") + tensors;
        std::iter::repeat_n(numbers as u64, given::integer(run, "count") as usize)
    });
    let len = given["limits"]["len"].as_u64().map_or(to.chunk_len, |len| len as usize);
    let numbers = given["limits"]["bytes"].as_u64().unwrap_or(to.chunk_numbers);
    Ok(json!(chunks::cut(sizes, len, numbers)))
}

fn order(given: &Value, _: &'static Generation) -> Outcome {
    let first = given::integer(given, "first");
    Ok((first..first + given::integer(given, "chunks")).collect())
}

fn length(given: &Value, to: &'static Generation) -> Outcome {
    let chunks: Vec<Chunk> = Wire::decode("$", &given["chunks"], &to.dialect)?;
    Ok(json!(chunks::length(&chunks)?))
}

fn make_tensor(given: &Value, to: &'static Generation) -> Outcome {
    Ok(shown(&tensor::make(&given::nested(&given["values"]), given::text(given, "kind"), to)?, to))
}

fn make_datum(given: &Value, to: &'static Generation) -> Outcome {
    let inputs = given::object(&given["loss_fn_inputs"]);
    let inputs = inputs.map(|(name, values)| (name.clone(), given::nested(values))).collect();
    Ok(shown(&tensor::of_inputs(&inputs)?, to))
}

fn retry_decide(given: &Value, to: &'static Generation) -> Outcome {
    Ok(json!(match given["status"].as_u64() {
        Some(status) => retry::decide(status as u16, &given::texts(&given["headers"]), to),
        None => to.retries_connection,
    }))
}

fn retry_delay(given: &Value, _: &'static Generation) -> Outcome {
    let headers = given::texts(&given["headers"]);
    let (random, now) = (given::number(given, "random"), given::number(given, "now"));
    Ok(json!(retry::delay(given::integer(given, "retry") as u32, &headers, random, now)))
}

fn submit_decide(given: &Value, to: &'static Generation) -> Outcome {
    let status = given["status"].as_u64().map(|status| status as u16);
    let delay = submit::delay(status, given::integer(given, "attempt") as u32, given::number(given, "elapsed_s"), to);
    Ok(delay.map_or(json!({"retry": false}), |delay_s| json!({"retry": true, "delay_s": delay_s})))
}

fn poll_decide(given: &Value, to: &'static Generation) -> Outcome {
    let failures = given::integer(given, "failures") as u32;
    let body = given.get("body").map(Value::to_string).unwrap_or_default();
    let step = match given.get("error") {
        Some(_) => poll::lost(failures),
        None => poll::decide(given["status"].as_u64().unwrap_or(200) as u16, body.as_bytes(), failures, to),
    };
    Ok(match step {
        Poll::Done(_) => json!({"then": "done"}),
        Poll::Again { delay_s, state: None, .. } => json!({"then": "poll", "delay_s": delay_s}),
        Poll::Again { delay_s, state: Some(state), told } => {
            json!({"then": "poll", "delay_s": delay_s, "queue_state": shown(&state, to), "observed": told})
        }
        Poll::Resubmit => json!({"then": "resubmit"}),
        Poll::Refused => json!({"then": "fail", "kind": "status"}),
        Poll::Invalid(_) => json!({"then": "fail", "kind": "validation"}),
        Poll::Failed { category, .. } => {
            json!({"then": "fail", "kind": "request_failed", "category": shown(&category, to)})
        }
    })
}

fn category_retryable(given: &Value, to: &'static Generation) -> Outcome {
    let status = given["status"].as_u64().map_or(category::NO_STATUS, |status| status as u16);
    let category = category::parse(given::text(given, "category"), to);
    Ok(json!(to.envelopes && category::retryable(category, status)))
}

fn sampling_backoff(given: &Value, to: &'static Generation) -> Outcome {
    let headers = given::texts(&given["headers"]);
    let pause = backoff::pause(given::integer(given, "status") as u16, &headers, given::number(given, "now"), to);
    Ok(json!(pause.unwrap_or(0.0)))
}

fn parse_path(given: &Value, _: &'static Generation) -> Outcome {
    let path = TinkerPath::parse(given::text(given, "path"))?;
    Ok(json!({"run": path.run, "kind": path.kind, "name": path.name, "checkpoint_id": path.checkpoint_id()}))
}

fn query_format(given: &Value, _: &'static Generation) -> Outcome {
    let arrays = match given["arrays"].as_str() {
        Some("comma") => Arrays::Comma,
        Some("indices") => Arrays::Indices,
        Some("brackets") => Arrays::Brackets,
        _ => Arrays::Repeat,
    };
    let objects = if given["objects"] == "dots" { Objects::Dots } else { Objects::Brackets };
    Ok(json!(query::format(given::object(&given["params"]), arrays, objects)?))
}

fn merge_headers(given: &Value, _: &'static Generation) -> Outcome {
    let layers = ["defaults", "user", "call"].map(|layer| given::layer(&given[layer]));
    Ok(json!(headers::merge(&layers)))
}

fn resolve(given: &Value, to: &'static Generation) -> Outcome {
    let config = given::settings(&given["args"]).resolve(to, &given::texts(&given["env"]))?;
    Ok(json!({
        "base_url": config.base_url,
        "api_key": config.api_key,
        "timeout_s": config.timeout_s,
        "max_retries": config.max_retries,
        "tags": config.tags,
    }))
}

fn error_kind(given: &Value, _: &'static Generation) -> Outcome {
    let status = given::integer(given, "status") as u16;
    Ok(json!({"kind": kind(status), "message": message(status, given["body"].as_str().unwrap_or_default())}))
}

fn decode_events(given: &Value, _: &'static Generation) -> Outcome {
    let mut decoder = Decoder::default();
    let pieces = given::list(&given["pieces"]).iter().filter_map(Value::as_str);
    let events = pieces.flat_map(|piece| decoder.feed(&STANDARD.decode(piece).expect("the case is right")));
    let told = |event: tinker::client::sse::Event| {
        let mut told = json!({"data": event.data, "event": event.event, "id": event.id, "retry": event.retry});
        told.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        told
    };
    Ok(events.map(told).collect())
}

fn encode_form(given: &Value, _: &'static Generation) -> Outcome {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let fields: Vec<_> = given::list(&given["fields"]).iter().map(|each| (text(&each[0]), text(&each[1]))).collect();
    let files = given::list(&given["files"]).iter().map(|each| multipart::File {
        name: text(&each[0]),
        filename: text(&each[1]),
        kind: text(&each[2]),
        content: STANDARD.decode(text(&each[3])).expect("the case is right"),
    });
    let form = multipart::encode(given::text(given, "boundary"), &fields, &files.collect::<Vec<_>>());
    Ok(json!(String::from_utf8_lossy(&form)))
}

fn time_ago(given: &Value, _: &'static Generation) -> Outcome {
    let now = Timestamp::parse(given::text(given, "now")).expect("the case is right");
    Ok(json!(people::ago(given::text(given, "time"), now)))
}

fn batches(given: &Value, _: &'static Generation) -> Outcome {
    let mut queue = EventQueue::default();
    let event = Events::default().started();
    for _ in 0..given::integer(given, "events") {
        queue.put(event.clone());
    }
    let sizes: Vec<usize> = std::iter::from_fn(|| Some(queue.batch().len()).filter(|size| *size > 0)).collect();
    Ok(json!({"batches": sizes, "dropped": queue.dropped}))
}

fn exception(given: &Value, to: &'static Generation) -> Outcome {
    let mut errors = Vec::new();
    let mut told = &given["error"];
    while told.is_object() {
        errors.extend(planted(told, to));
        told = &told["cause"];
    }
    let mut event = shown(&Events::default().failed(&errors), to);
    event.as_object_mut().expect("an object").retain(|key, _| ["event", "severity", "event_name"].contains(&&**key));
    Ok(event)
}

/// None: an error that is not the client's.
fn planted(told: &Value, to: &'static Generation) -> Option<Error> {
    let text = || "planted".to_owned();
    Some(match given::text(told, "kind") {
        "status" => Error::Status {
            status: given::integer(told, "status") as u16,
            body: String::new(),
            headers: BTreeMap::new(),
        },
        "request_failed" => Error::RequestFailed {
            reason: text(),
            request_id: "r".into(),
            category: category::parse(told["category"].as_str().unwrap_or_default(), to),
        },
        "validation" => Error::Validation(text()),
        "timeout" => Error::Timeout(text()),
        "connection" => Error::Connection(text()),
        _ => return None,
    })
}

fn indices(given: &Value, to: &'static Generation) -> Outcome {
    let events = Events::default();
    let make = |kind: &Value| match kind.as_str().unwrap_or_default() {
        "SESSION_START" => events.started(),
        "SESSION_END" => events.ended(),
        "UNHANDLED_EXCEPTION" => events.crashed("Planted", "planted"),
        _ => events.generic("planted", serde_json::Map::new(), Severity::Info),
    };
    let index = |kind: &Value| shown(&make(kind), to)["event_session_index"].clone();
    Ok(given::list(&given["events"]).iter().map(index).collect())
}

fn plan_pages(given: &Value, _: &'static Generation) -> Outcome {
    let total = given::integer(given, "total") as usize;
    let mut asked = Vec::new();
    let fetch = |limit: usize, offset: usize| {
        asked.push([limit, offset]);
        Ok((vec![(); limit.min(total.saturating_sub(offset))], total))
    };
    pages::collect(fetch, given::integer(given, "limit") as usize, given::integer(given, "batch") as usize)?;
    Ok(json!(asked))
}
