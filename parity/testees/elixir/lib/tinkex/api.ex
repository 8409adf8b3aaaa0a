defmodule Tinkex.Api do
  @moduledoc "Calls of the API with messages in and out."

  alias Tinker.Wire.Codec
  alias Tinkex.{Config, Error, Http, Retry, Telemetry}

  @prefix "/api/v1"

  @doc "Posts a message, and reads the answer as one of `type`. Options: those of `Tinkex.Http.request/4`."
  @spec post(Config.t(), String.t(), struct(), type :: term(), keyword()) :: {:ok, term()} | {:error, Error.t()}
  def post(config, path, %module{} = message, type, options \\ []) do
    body = Codec.encode(module, message, config.policy.wire)
    with {:ok, json} <- Http.json(config, :post, @prefix <> path, [body: body] ++ options), do: read(config, type, json)
  end

  @doc "Gets a message."
  @spec get(Config.t(), String.t(), type :: term(), keyword()) :: {:ok, term()} | {:error, Error.t()}
  def get(config, path, type, options \\ []) do
    with {:ok, json} <- Http.json(config, :get, @prefix <> path, options), do: read(config, type, json)
  end

  @doc "A call whose answer has nothing to say."
  @spec plain(Config.t(), atom(), String.t(), keyword()) :: :ok | {:error, Error.t()}
  def plain(config, method, path, options \\ []) do
    with {:ok, _} <- Http.request(config, method, @prefix <> path, options), do: :ok
  end

  @doc "The answer as a whole."
  @spec raw(Config.t(), atom(), String.t(), keyword()) :: {:ok, Http.answer()} | {:error, Error.t()}
  def raw(config, method, path, options \\ []), do: Http.request(config, method, @prefix <> path, options)

  @doc "JSON as a message of `type`."
  @spec read(Config.t(), type :: term(), term()) :: {:ok, term()} | {:error, Error.t()}
  def read(config, type, json) do
    {:ok, Codec.decode(type, "$", json, config.policy.wire)}
  rescue
    error in Tinker.Wire.Error -> {:error, %Error{kind: :validation, message: Exception.message(error)}}
  end

  @doc "Tries a whole call again, after the tries of its HTTP request, for up to five minutes."
  @spec submit(Config.t(), (-> {:ok, term()} | :ok | {:error, Error.t()})) :: {:ok, term()} | :ok | {:error, Error.t()}
  def submit(config, call), do: submit(config, call, 0, config.clock.now.())

  defp submit(config, call, attempt, started) do
    with {:error, error} <- call.() do
      case Retry.submit(Error.outcome(error), attempt, config.clock.now.() - started, config.policy) do
        {:retry, delay} ->
          Telemetry.execute([:tinkex, :submit, :retry], %{delay_s: delay}, %{attempt: attempt, error: error})
          config.clock.sleep.(delay)
          submit(config, call, attempt + 1, started)

        :give_up ->
          {:error, error}
      end
    end
  end
end
