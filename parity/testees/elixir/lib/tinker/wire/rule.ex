defmodule Tinker.Wire.Rule do
  @moduledoc "What missing and null mean for one field, by dialect. `presence` and `default` can differ in one dialect by `per`."

  defstruct [:name, :type, presence: :always, default: :none, only: nil, per: []]

  @doc "Whether the dialect has the field."
  def exists?(%{only: nil}, _), do: true
  def exists?(%{only: only}, dialect), do: dialect.name in only

  def nullable?(rule, dialect), do: option(rule, :presence, dialect) in [:null, :omit_or_null, :one_of]

  def required?(rule, dialect) do
    option(rule, :presence, dialect) in [:always, :null] and option(rule, :default, dialect) == :none
  end

  @doc "What is written for a field that was never set; `:unset` for nothing."
  def when_unset(_, %{unset: :omit}), do: :unset

  def when_unset(rule, dialect) do
    default = option(rule, :default, dialect)

    cond do
      dialect.unset == :null and nullable?(rule, dialect) -> when_null(dialect)
      default == :none -> :unset
      default == nil -> when_null(dialect)
      true -> default
    end
  end

  @doc "What is written for null."
  def when_null(%{write_null: true}), do: nil
  def when_null(_), do: :unset

  defp option(rule, key, dialect) do
    rule.per |> Keyword.get(dialect.name, []) |> Keyword.get(key, Map.fetch!(rule, key))
  end
end
