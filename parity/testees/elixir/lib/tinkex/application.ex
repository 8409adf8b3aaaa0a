defmodule Tinkex.Application do
  @moduledoc "What all clients of this node share: tables and supervisors, but no configuration."
  use Application

  @impl true
  def start(_, _) do
    children = [
      {Task.Supervisor, name: Tinkex.Tasks}
    ]

    Supervisor.start_link(children, strategy: :one_for_one, name: Tinkex.Supervisor)
  end
end
