defmodule Tinker.Messages do
  @moduledoc "The messages that are implemented here, by the name in their definition."

  @by_name Map.new(
             ~w(AdamOptimizerConfig AdamParams ApiKeyOrgDetails Checkpoint CheckpointArchiveUrlResponse CheckpointRequest
                CheckpointsListResponse CreateModelRequest CreateModelResponse CreateSamplingSessionRequest
                CreateSamplingSessionResponse CreateSessionRequest CreateSessionResponse Cursor Datum
                DimuonOptimizerConfig DmelChunk EncodedTextChunk ErrorResponse ForwardBackwardInput
                ForwardBackwardOutput ForwardBackwardRequest ForwardRequest FutureCompletedResponse FutureError
                FutureFailedResponse FutureMetadata FuturePendingResponse FutureRetrieveRequest FutureRetrieveResponse
                FutureTimeout GenericEvent GetInfoRequest GetInfoResponse GetServerCapabilitiesRequest
                GetServerCapabilitiesResponse GetTrainingRunRequest HealthRequest HealthResponse
                ImageAssetPointerChunk ImageChunk ListCheckpointsRequest ListTrainingRunsRequest
                ListUserCheckpointsRequest LoadWeightsRequest LoadWeightsResponse LoraConfig LossFnConfigValue ModelData
                ModelInput ModelInputChunk OptimStepRequest OptimStepResponse OptimizerConfig OtherOptimizer
                RequestFailedResponse SampleRequest SampleResponse SampledSequence SamplingParams
                SaveWeightsForSamplerRequest SaveWeightsForSamplerResponse SaveWeightsRequest SaveWeightsResponse
                SessionEndEvent SessionHeartbeatRequest SessionHeartbeatResponse SessionStartEvent Stop SupportedModel
                TelemetryEvent TelemetryResponse TelemetrySendRequest TensorData TensorValues TrainingRun
                TrainingRunsResponse TryAgainResponse UnhandledExceptionEvent UnloadModelRequest UnloadModelResponse
                UntypedAPIFuture WeightsInfoRequest WeightsInfoResponse),
             &{"tinker.v1.#{&1}", Module.concat(Tinker, &1)}
           )

  # Messages that are no object on the wire.
  @inline %{
    "tinker.v1.FloatMap" => {:map, :float},
    "tinker.v1.FloatOrNull" => {:nullable, :float},
    "tinker.v1.Floats" => {:list, :float},
    "tinker.v1.FloatsOrNulls" => {:list, {:nullable, :float}},
    "tinker.v1.Ints" => {:list, :int64},
    "tinker.v1.LossFnConfig" => {:map, Tinker.LossFnConfigValue},
    "tinker.v1.LossFnOutput" => {:map, Tinker.TensorData},
    "tinker.v1.StringMap" => {:map, :string},
    "tinker.v1.Strings" => {:list, :string},
    "tinker.v1.TokenLogprobs" => {:list, {:list, :json}},
    "tinker.v1.TopkCandidates" => {:nullable, {:list, {:list, :json}}},
    "tinker.v1.TopkLogprobs" => {:list, {:nullable, {:list, {:list, :json}}}}
  }

  @by_name Map.merge(@by_name, @inline)

  @doc ~S(The type of "tinker.v1.Datum", as `Tinker.Wire.Codec` takes it; nil for a message that is not implemented here.)
  @spec type(String.t()) :: term() | nil
  def type(name), do: @by_name[name]
end
