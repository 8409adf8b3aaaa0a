defmodule Tinkex.Clock do
  @moduledoc """
  Time and chance, as a client gets them: `sleep` takes seconds, `now` gives seconds of a clock that never goes back, `random`
  a float from 0 up to 1, and `date` seconds since 1970.
  """

  @enforce_keys [:sleep, :now, :random, :date]
  defstruct @enforce_keys

  @type t :: %__MODULE__{
          sleep: (number() -> term()),
          now: (-> number()),
          random: (-> float()),
          date: (-> number())
        }

  @doc "The machine's own."
  @spec system() :: t()
  def system do
    %__MODULE__{
      sleep: &Process.sleep(ceil(&1 * 1000)),
      now: fn -> System.monotonic_time(:millisecond) / 1000 end,
      random: &:rand.uniform/0,
      date: fn -> System.os_time(:millisecond) / 1000 end
    }
  end
end
