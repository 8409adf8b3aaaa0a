//! The steps of scenarios, each one call of the client.

use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{json, Value};
use tinker::client::http::Call;
use tinker::client::pending::Pending;
use tinker::client::promise::{self, Kind, Observer, Promise};
use tinker::client::query::{self, Arrays, Objects};
use tinker::client::rest::{CHECKPOINTS, RUNS};
use tinker::client::sampling::{Options, SamplingClient};
use tinker::client::service::{Lora, RANK};
use tinker::client::training::TrainingClient;
use tinker::tinker::input::{Chunk, EncodedTextChunk, ModelInput};
use tinker::tinker::model::CreateModelResponse;
use tinker::tinker::optimizer::OptimStepResponse;
use tinker::tinker::sampling::SampleResponse;
use tinker::tinker::telemetry::Severity;
use tinker::tinker::training::{ForwardBackwardInput, ForwardBackwardOutput};
use tinker::tinker::weights::{LoadWeightsResponse, SaveWeightsForSamplerResponse, SaveWeightsResponse};
use tinker::wire::{parse, Wire};

use crate::given;
use crate::pure::shown;
use crate::scenario::{Actor, Begun, Failure, Stage, Told};

/// Begins a step, and gives what waits for it.
pub fn begin(name: &str, stage: Arc<Stage>, actor: Arc<Actor>, told: Value) -> Result<Begun, Failure> {
    let path = given::text(&told, "path");
    Ok(match name {
        "training.forward" | "training.forward_backward" => {
            let (client, batch) = (trainer(&actor, &told)?, batch(&stage, &told)?);
            let pass =
                if name == "training.forward" { TrainingClient::forward } else { TrainingClient::forward_backward };
            message(stage, pass(&client, batch.data, batch.loss_fn, batch.loss_fn_config)?)
        }
        "training.optim_step" => {
            let empty = json!({});
            let adam = Wire::decode("$", told.get("adam").unwrap_or(&empty), &stage.generation.dialect)?;
            let step = trainer(&actor, &told)?.optim_step(adam);
            message(stage, step)
        }
        "training.save_state" => {
            let saved = trainer(&actor, &told)?.save_state(given::text(&told, "name"));
            Box::new(move || Ok(json!({"path": saved.wait()?.path})))
        }
        "training.save_for_sampler" => {
            let saved = trainer(&actor, &told)?.save_weights_for_sampler(given::text(&told, "name"));
            Box::new(move || Ok(json!({"path": shown(&saved.wait()?, stage.generation)["path"]})))
        }
        "training.load_state" => done(trainer(&actor, &told)?.load_state(path)),
        "training.load_state_with_optimizer" => done(trainer(&actor, &told)?.load_state_with_optimizer(path)?),
        "sampling.from_training" => {
            let saved = trainer(&actor, &told)?.save_weights_and_get_sampling_client();
            Box::new(move || Ok(named(&actor, &told, saved.wait()?)))
        }
        "sampling.sample" => {
            let sampled = sampler(&actor, &told)?.sample(tokens(&told), options(&stage, &told)?);
            message(stage, sampled)
        }
        "sampling.compute_logprobs" => {
            let logprobs = sampler(&actor, &told)?.compute_logprobs(tokens(&told));
            Box::new(move || Ok(json!(logprobs.wait()?)))
        }
        _ => {
            let step = slow(name).ok_or_else(|| Failure::Unsupported(format!("there is no step {name}")))?;
            let begun = thread::spawn(move || step(&stage, &actor, &told));
            Box::new(move || begun.join().expect("a step panicked"))
        }
    })
}

type Slow = fn(&Stage, &Actor, &Value) -> Told;

/// Steps that take their time.
fn slow(name: &str) -> Option<Slow> {
    Some(match name {
        "http" => http,
        "service.capabilities" => |stage, actor, _| told(stage, actor.service.rest().get_server_capabilities()?),
        "training.create" => |_, actor, told| {
            let lora = Lora {
                base_model: given::text(told, "base_model").into(),
                rank: told["rank"].as_i64().map_or(RANK, |rank| rank as i32),
                seed: told["seed"].as_i64(),
                user_metadata: given::texts(&told["user_metadata"]),
            };
            Ok(known(actor, told, actor.service.create_training_client(&lora)?))
        },
        "training.from_state" => |_, actor, told| {
            let client = actor
                .service
                .create_training_client_from_state(given::text(told, "path"), told["optimizer"] == true)?;
            Ok(known(actor, told, client))
        },
        "training.info" => |stage, actor, given| told(stage, trainer(actor, given)?.get_info()?),
        "sampling.create" => |_, actor, told| {
            let client = match told["base_model"].as_str() {
                Some(base_model) => actor.service.create_sampling_client(base_model)?,
                None => actor.service.create_sampling_client_from_path(given::text(told, "model_path"))?,
            };
            Ok(named(actor, told, client))
        },
        "rest.training_runs" => |stage, actor, given| {
            let (limit, offset) = page(given, RUNS);
            told(stage, actor.service.rest().list_training_runs(limit, offset)?)
        },
        "rest.training_run" => {
            |stage, actor, given| told(stage, actor.service.rest().get_training_run(given::text(given, "run"))?)
        }
        "rest.checkpoints" => {
            |stage, actor, given| told(stage, actor.service.rest().list_checkpoints(given::text(given, "run"))?)
        }
        "rest.user_checkpoints" => |stage, actor, given| {
            let (limit, offset) = page(given, CHECKPOINTS);
            told(stage, actor.service.rest().list_user_checkpoints(limit, offset)?)
        },
        "rest.archive_url" => |_, actor, told| {
            let archive = actor.service.rest().get_checkpoint_archive_url(given::text(told, "path"))?;
            Ok(json!({"url": archive.url}))
        },
        "rest.publish" => |_, actor, told| nothing(actor.service.rest().publish_checkpoint(given::text(told, "path"))?),
        "rest.unpublish" => {
            |_, actor, told| nothing(actor.service.rest().unpublish_checkpoint(given::text(told, "path"))?)
        }
        "rest.delete" => |_, actor, told| nothing(actor.service.rest().delete_checkpoint(given::text(told, "path"))?),
        "future.result" => future_result,
        "telemetry.send" => send_telemetry,
        _ => return None,
    })
}

fn http(_: &Stage, actor: &Actor, told: &Value) -> Told {
    let mut call = Call::new(given::text(told, "method"), given::text(told, "path"));
    call.body = told.get("body").map(Value::to_string).unwrap_or_default().into_bytes();
    call.headers = given::layer(&told["headers"]);
    call.query = match &told["query"] {
        Value::String(text) => text.clone(),
        params => query::format(given::object(params), Arrays::Repeat, Objects::Brackets)?,
    };
    call.timeout_s = told["timeout_s"].as_f64();
    call.max_retries = told["max_retries"].as_u64().map(|most| most as u32);
    let answer = actor.service.http().send(&call)?;
    Ok(json!({"status": answer.status, "json": parse(&answer.body).unwrap_or(Value::Null)}))
}

fn future_result(stage: &Stage, actor: &Actor, told: &Value) -> Told {
    match given::text(told, "type") {
        "create_model" => waited::<CreateModelResponse>(stage, actor, told, promise::CREATE_MODEL),
        "forward" => waited::<ForwardBackwardOutput>(stage, actor, told, promise::FORWARD),
        "forward_backward" => waited::<ForwardBackwardOutput>(stage, actor, told, promise::FORWARD_BACKWARD),
        "optim_step" => waited::<OptimStepResponse>(stage, actor, told, promise::OPTIM_STEP),
        "save_weights" => waited::<SaveWeightsResponse>(stage, actor, told, promise::SAVE_WEIGHTS),
        "load_weights" => waited::<LoadWeightsResponse>(stage, actor, told, promise::LOAD_WEIGHTS),
        "save_weights_for_sampler" => {
            waited::<SaveWeightsForSamplerResponse>(stage, actor, told, promise::SAVE_FOR_SAMPLER)
        }
        "sample" => waited::<SampleResponse>(stage, actor, told, promise::SAMPLE),
        other => Err(Failure::Unsupported(format!("there is no result {other}"))),
    }
}

fn waited<T: Wire + Send + 'static>(stage: &Stage, actor: &Actor, told: &Value, kind: Kind) -> Told {
    let observed = Arc::new(Mutex::new(Vec::new()));
    let (noted, generation) = (observed.clone(), stage.generation);
    let observer: Observer = Arc::new(move |state| noted.lock().expect("not poisoned").push(shown(&state, generation)));
    let promise = Promise { kind, request_id: given::text(told, "request_id").into(), roundtrip_s: None };
    let pending: Pending<T> = actor.service.result(promise, observer);
    let result = match told["timeout_s"].as_f64() {
        Some(seconds) => pending.wait_for(seconds, stage.clock.as_ref())?,
        None => pending.wait()?,
    };
    let result = shown(&result, generation);
    let observed = observed.lock().expect("not poisoned").clone();
    Ok(if told["observe"] == true { json!({"result": result, "observed": observed}) } else { result })
}

fn send_telemetry(_: &Stage, actor: &Actor, told: &Value) -> Told {
    let reporter = actor.service.telemetry()?;
    let events = match &told["events"] {
        Value::Object(repeated) => vec![repeated["event"].clone(); given::integer(&told["events"], "count") as usize],
        list => given::list(list).to_vec(),
    };
    for event in &events {
        let name = event["name"].as_str().unwrap_or("planted");
        match given::text(event, "kind") {
            "UNHANDLED_EXCEPTION" => reporter.crashed("Planted", name),
            "GENERIC_EVENT" => {
                reporter.event(name, event["data"].as_object().cloned().unwrap_or_default(), Severity::Info);
            }
            _ => {} // SESSION_START is told by itself
        }
    }
    reporter.flush();
    nothing(())
}

fn told(stage: &Stage, message: impl Wire) -> Told {
    Ok(shown(&message, stage.generation))
}

fn nothing((): ()) -> Told {
    Ok(json!({}))
}

fn message<T: Wire + Send + 'static>(stage: Arc<Stage>, pending: Pending<T>) -> Begun {
    Box::new(move || told(&stage, pending.wait()?))
}

fn done<T: Send + 'static>(pending: Pending<T>) -> Begun {
    Box::new(move || {
        pending.wait()?;
        nothing(())
    })
}

fn known(actor: &Actor, told: &Value, client: TrainingClient) -> Value {
    let shown = json!({"model_id": client.model_id()});
    let name = told["as"].as_str().unwrap_or("training");
    actor.trainers.lock().expect("not poisoned").insert(name.into(), Arc::new(client));
    shown
}

fn named(actor: &Actor, told: &Value, client: SamplingClient) -> Value {
    let name = told["as"].as_str().unwrap_or("sampling");
    actor.samplers.lock().expect("not poisoned").insert(name.into(), client);
    json!({})
}

fn trainer(actor: &Actor, told: &Value) -> Result<Arc<TrainingClient>, Failure> {
    let name = told["on"].as_str().unwrap_or("training");
    actor.trainers.lock().expect("not poisoned").get(name).cloned().ok_or(Failure::Unknown)
}

fn sampler(actor: &Actor, told: &Value) -> Result<SamplingClient, Failure> {
    let name = told["on"].as_str().unwrap_or("sampling");
    actor.samplers.lock().expect("not poisoned").get(name).cloned().ok_or(Failure::Unknown)
}

fn page(told: &Value, limit: i64) -> (i64, i64) {
    (told["limit"].as_i64().unwrap_or(limit), given::integer(told, "offset"))
}

fn batch(stage: &Stage, told: &Value) -> Result<ForwardBackwardInput, Failure> {
    let (one, count) = match &told["data"] {
        Value::Object(repeated) => (json!([repeated["datum"]]), given::integer(&told["data"], "count") as usize),
        list => (list.clone(), 1),
    };
    let input = json!({"data": one, "loss_fn": told["loss_fn"], "loss_fn_config": told["loss_fn_config"]});
    let mut batch = ForwardBackwardInput::decode("$", &input, &stage.generation.dialect)?;
    batch.data = std::iter::repeat_n(batch.data, count).flatten().collect();
    Ok(batch)
}

fn options(stage: &Stage, told: &Value) -> Result<Options, Failure> {
    let empty = json!({});
    Ok(Options {
        num_samples: told["num_samples"].as_i64().unwrap_or(1) as i32,
        params: Wire::decode("$", told.get("params").unwrap_or(&empty), &stage.generation.dialect)?,
        prompt_logprobs: told["prompt_logprobs"] == true,
        topk_prompt_logprobs: given::integer(told, "topk_prompt_logprobs") as i32,
    })
}

fn tokens(told: &Value) -> ModelInput {
    let tokens = match &told["tokens"] {
        Value::Object(_) => {
            let repeated = &told["tokens"];
            vec![given::integer(repeated, "token"); given::integer(repeated, "count") as usize]
        }
        list => given::list(list).iter().filter_map(Value::as_i64).collect(),
    };
    ModelInput { chunks: vec![Chunk::EncodedText(EncodedTextChunk { tokens })] }
}
