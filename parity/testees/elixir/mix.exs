defmodule Tinker.MixProject do
  use Mix.Project

  def project do
    [
      app: :tinker,
      version: "0.1.0",
      elixir: "~> 1.18",
      elixirc_paths: if(Mix.env() == :test, do: ["lib", "test/support"], else: ["lib"]),
      elixirc_options: [warnings_as_errors: true]
    ]
  end
end
