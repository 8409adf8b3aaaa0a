# The server itself: health, capabilities, and how it says no.

defmodule Tinker.HealthRequest do
  @moduledoc "GET, no query."
  use Tinker.Wire.Message, unknown: :ignore
end

defmodule Tinker.HealthResponse do
  @moduledoc ~S({"status":"ok"}.)
  use Tinker.Wire.Message, unknown: :ignore, literal: {"status", "ok"}, required: true
end

defmodule Tinker.GetServerCapabilitiesRequest do
  @moduledoc "GET, no query."
  use Tinker.Wire.Message, unknown: :ignore
end

defmodule Tinker.SupportedModel do
  @moduledoc "A base model that the server has. Context length in tokens."
  use Tinker.Wire.Message, unknown: :ignore

  field :model_name, :string, presence: :omit_or_null
  field :max_context_length, :int64, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :trainable, :boolean, presence: :omit_or_null, only: [:"tinker-0.38"]
  field :sampleable, :boolean, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.GetServerCapabilitiesResponse do
  @moduledoc "What the server has."
  use Tinker.Wire.Message, unknown: :ignore

  field :supported_models, {:list, Tinker.SupportedModel}
end

defmodule Tinker.ErrorResponse do
  @moduledoc "Body of 4xx and 5xx: a text, or for 422 a list of findings."
  use Tinker.Wire.Message, unknown: :keep

  field :detail, :json
end
