defmodule Tinkex.Application do
  @moduledoc "What all clients of this node share: tables, supervisors, connections; but no configuration."
  use Application

  @impl true
  def start(_, _) do
    Tinkex.Transport.start()
    Tinkex.Telemetry.start()
    Tinkex.RateLimiter.start()

    children = [
      Tinkex.SamplingRegistry,
      {Task.Supervisor, name: Tinkex.Tasks}
    ]

    Supervisor.start_link(children, strategy: :one_for_one, name: Tinkex.Supervisor)
  end
end
