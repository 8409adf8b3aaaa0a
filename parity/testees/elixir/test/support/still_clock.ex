defmodule Tinkex.StillClock do
  @moduledoc "A clock that only sleep moves; what is slept is sent to the process that has made it."

  alias Tinkex.Clock

  def new do
    owner = self()
    counter = :counters.new(1, [])

    %Clock{
      sleep: fn seconds ->
        :counters.add(counter, 1, round(seconds * 1000))
        send(owner, {:slept, seconds})
      end,
      now: fn -> :counters.get(counter, 1) / 1000 end,
      random: fn -> 0.0 end,
      date: fn -> 1_700_000_000 + :counters.get(counter, 1) / 1000 end
    }
  end
end
