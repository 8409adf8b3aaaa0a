defmodule Tinkex.DispatchLimitTest do
  use ExUnit.Case, async: true

  alias Tinkex.DispatchLimit

  test "no more than so many at a time, and all in the end" do
    limit = start_supervised!({DispatchLimit, 2})
    inside = :counters.new(1, [])

    tasks =
      for _ <- 1..10 do
        Task.async(fn ->
          DispatchLimit.run(limit, fn ->
            :counters.add(inside, 1, 1)
            count = :counters.get(inside, 1)
            Process.sleep(5)
            :counters.sub(inside, 1, 1)
            count
          end)
        end)
      end

    assert tasks |> Task.await_many() |> Enum.max() == 2
  end

  test "who dies inside makes room" do
    limit = start_supervised!({DispatchLimit, 1})
    parent = self()

    pid =
      spawn(fn ->
        DispatchLimit.run(limit, fn ->
          send(parent, :inside)
          Process.sleep(:infinity)
        end)
      end)

    assert_receive :inside
    Process.exit(pid, :kill)
    assert DispatchLimit.run(limit, fn -> :mine end) == :mine
  end
end
