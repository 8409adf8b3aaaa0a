//! All messages, by the names of their definitions: "tinker.v1.Datum".

use serde_json::Value;
use std::collections::BTreeMap;

use super::{auth::*, checkpoint::*, future::*, input::*, model::*, optimizer::*, sampling::*, server::*};
use super::{session::*, telemetry::*, training::*, training_run::*, weights::*};
use super::{NOT_038, NOT_041};
use crate::wire::{from_slice, Dialect, Error, Wire};

/// Reads a text as a message, and writes it again.
pub type Codec = fn(&[u8], &Dialect) -> Result<Value, Error>;

macro_rules! messages {
    ($($name:ident $(= $type:ty)? $(, in $only:ident)?;)*) => {
        /// The message, where the dialect has it and this client too.
        pub fn find(message: &str, dialect: &Dialect) -> Option<Codec> {
            match message.strip_prefix("tinker.v1.")? {
                $(stringify!($name) $(if $only.contains(&dialect.name))? => Some(messages!(@codec $name $($type)?)),)*
                _ => None,
            }
        }
    };
    (@codec $name:ident) => { codec::<$name> };
    (@codec $name:ident $type:ty) => { codec::<$type> };
}

messages! {
    AdamOptimizerConfig;
    AdamParams;
    ApiKeyOrgDetails;
    Checkpoint;
    CheckpointArchiveUrlResponse, in NOT_038;
    CheckpointRequest;
    CheckpointsListResponse;
    CreateModelRequest;
    CreateModelResponse;
    CreateSamplingSessionRequest;
    CreateSamplingSessionResponse;
    CreateSessionRequest;
    CreateSessionResponse;
    Cursor;
    Datum;
    DimuonOptimizerConfig;
    DmelChunk;
    EncodedTextChunk;
    ErrorResponse;
    FloatMap = BTreeMap<String, f64>;
    FloatOrNull = Option<f64>;
    Floats = Vec<f64>;
    FloatsOrNulls = Vec<Option<f64>>;
    ForwardBackwardInput;
    ForwardBackwardOutput;
    ForwardBackwardRequest;
    ForwardRequest, in NOT_038;
    FutureCompletedResponse;
    FutureError;
    FutureFailedResponse;
    FutureMetadata;
    FuturePendingResponse;
    FutureRetrieveRequest;
    FutureRetrieveResponse;
    FutureTimeout;
    GenericEvent;
    GetInfoRequest;
    GetInfoResponse;
    GetServerCapabilitiesRequest;
    GetServerCapabilitiesResponse;
    GetTrainingRunRequest;
    HealthRequest;
    HealthResponse;
    ImageAssetPointerChunk;
    ImageChunk;
    Ints = Vec<i64>;
    ListCheckpointsRequest;
    ListTrainingRunsRequest;
    ListUserCheckpointsRequest;
    LoadWeightsRequest;
    LoadWeightsResponse;
    LoraConfig;
    LossFnConfig = BTreeMap<String, LossFnConfigValue>;
    LossFnConfigValue;
    LossFnOutput = BTreeMap<String, TensorData>;
    ModelData;
    ModelInput;
    ModelInputChunk = Chunk;
    OptimStepRequest, in NOT_038;
    OptimStepResponse;
    OptimizerConfig;
    OtherOptimizer;
    RequestFailedResponse;
    SampleRequest;
    SampleResponse;
    SampledSequence;
    SamplingParams;
    SaveWeightsForSamplerRequest, in NOT_038;
    SaveWeightsForSamplerResponse;
    SaveWeightsRequest;
    SaveWeightsResponse;
    SessionEndEvent;
    SessionHeartbeatRequest;
    SessionHeartbeatResponse;
    SessionStartEvent;
    Stop;
    StringMap = BTreeMap<String, String>;
    Strings = Vec<String>;
    SupportedModel;
    TelemetryEvent;
    TelemetryResponse;
    TelemetrySendRequest;
    TensorData;
    TensorValues;
    TokenLogprobs = Candidates;
    TopkCandidates = Option<Candidates>;
    TopkLogprobs = Vec<Option<Candidates>>;
    TrainingRun;
    TrainingRunsResponse;
    TryAgainResponse;
    UnhandledExceptionEvent;
    UnloadModelRequest;
    UnloadModelResponse;
    UntypedAPIFuture;
    WeightsInfoRequest, in NOT_041;
    WeightsInfoResponse, in NOT_041;
}

fn codec<T: Wire>(text: &[u8], dialect: &Dialect) -> Result<Value, Error> {
    Ok(from_slice::<T>(text, dialect)?.encode(dialect))
}
