# Who is asking.

defmodule Tinker.ApiKeyOrgDetails do
  @moduledoc "The organisation that an API key belongs to."
  use Tinker.Wire.Message, unknown: :ignore

  field :name, :string
end
