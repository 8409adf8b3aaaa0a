defmodule Tinker.Wire.Dialect do
  @moduledoc """
  One generation of clients.

  `unset` is what it writes for a field that was never set: `:omit`, its `:default`, or `:null` where the field may be null.
  """

  @enforce_keys [:name, :unset, :write_null, :write_literals]
  defstruct @enforce_keys

  @type t :: %__MODULE__{
          name: atom(),
          unset: :omit | :default | :null,
          write_null: boolean(),
          write_literals: boolean()
        }
end
