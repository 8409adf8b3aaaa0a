defmodule Tinker do
  @moduledoc "The messages of the Tinker API, as three generations of clients speak them."

  alias Tinker.Wire.Dialect

  @doc "The generations of clients."
  def dialects do
    [
      %Dialect{name: :"tinker-0.4.1", unset: :omit, write_null: true, write_literals: false},
      %Dialect{name: :"tinker-0.38", unset: :default, write_null: false, write_literals: true},
      %Dialect{name: :tinkex, unset: :null, write_null: true, write_literals: true}
    ]
  end
end
