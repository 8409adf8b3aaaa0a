# What a model reads: text and images, in order.

defmodule Tinker.ImageFormat do
  @moduledoc "How an image is coded."
  use Tinker.Wire.Enumeration, values: [png: "png", jpeg: "jpeg"]
end

defmodule Tinker.EncodedTextChunk do
  @moduledoc "Text as token ids."
  use Tinker.Wire.Message, literal: {"type", "encoded_text"}

  field :tokens, {:list, :int64}
end

defmodule Tinker.ImageChunk do
  @moduledoc "An image that is sent along. Height and width in pixels; `tokens`, in 0.38 `expected_tokens`, is its length."
  use Tinker.Wire.Message, literal: {"type", "image"}

  field :data, :bytes
  field :format, Tinker.ImageFormat
  field :height, :int32, only: [:"tinker-0.4.1", :tinkex]
  field :tokens, :int32, only: [:"tinker-0.4.1", :tinkex]
  field :width, :int32, only: [:"tinker-0.4.1", :tinkex]
  field :expected_tokens, :int32, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.ImageAssetPointerChunk do
  @moduledoc "An image that the server already has."
  use Tinker.Wire.Message, literal: {"type", "image_asset_pointer"}

  field :format, Tinker.ImageFormat
  field :height, :int32, only: [:"tinker-0.4.1", :tinkex]
  field :location, :string
  field :tokens, :int32, only: [:"tinker-0.4.1", :tinkex]
  field :width, :int32, only: [:"tinker-0.4.1", :tinkex]
  field :expected_tokens, :int32, presence: :omit_or_null, only: [:"tinker-0.38"]
end

defmodule Tinker.DmelChunk do
  @moduledoc "Audio."
  use Tinker.Wire.Message, literal: {"type", "dmel"}

  field :dmel, :bytes
end

defmodule Tinker.ModelInputChunk do
  @moduledoc "One piece of the input. 0.4.1 sends no `type`, so the keys tell the pieces apart there."
  use Tinker.Wire.Union, tag: "type", untagged: true

  arm Tinker.EncodedTextChunk
  arm Tinker.ImageChunk
  arm Tinker.ImageAssetPointerChunk
  arm Tinker.DmelChunk, only: [:"tinker-0.38"]
end

defmodule Tinker.ModelInput do
  @moduledoc "The input, in order."
  use Tinker.Wire.Message

  field :chunks, {:list, Tinker.ModelInputChunk}
end
