defmodule Tinker.MixProject do
  use Mix.Project

  def project do
    [
      app: :tinker,
      version: "0.1.0",
      elixir: "~> 1.18",
      elixirc_paths: ["lib", "testee"] ++ if(Mix.env() == :test, do: ["test/support"], else: []),
      elixirc_options: [warnings_as_errors: true]
    ]
  end

  def application do
    [mod: {Tinkex.Application, []}, extra_applications: [:crypto, :inets, :logger, :ssl]]
  end
end
