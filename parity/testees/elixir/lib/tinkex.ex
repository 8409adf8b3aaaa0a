defmodule Tinkex do
  @moduledoc """
  A client of the Tinker API, as the seed documents want it: processes that survive errors, no state but what a
  `Tinkex.Config` holds, nothing but Erlang's and Elixir's own libraries. The messages are those of `Tinker`.

      config = Tinkex.Config.new(api_key: "tml-key")
      {:ok, service} = Tinkex.ServiceClient.start_link(config)
      {:ok, training} = Tinkex.ServiceClient.create_training_client(service, "meta-llama/Llama-3.2-1B", rank: 16)
      {:ok, output} = Tinkex.TrainingClient.forward_backward(training, data, :cross_entropy)
      {:ok, _} = Tinkex.TrainingClient.optim_step(training, %Tinker.AdamParams{learning_rate: 1.0e-4})
      {:ok, sampling} = Tinkex.TrainingClient.save_weights_and_get_sampling_client(training)
      {:ok, answer} = Tinkex.SamplingClient.sample(sampling, Tinkex.ModelInput.from_tokens([1, 2, 3]))
      {:ok, runs} = Tinkex.RestClient.training_runs(config)
  """
end
