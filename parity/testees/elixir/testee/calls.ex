defmodule Tinkex.Testee.Calls do
  @moduledoc "The calls of docs/cases.md, each a few lines around the client's own functions."

  alias Tinker.Messages
  alias Tinker.Wire.{Codec, Error}

  alias Tinkex.{
    Category,
    Chunks,
    Config,
    Headers,
    MetricsReduction,
    ModelInput,
    Multipart,
    Output,
    Pages,
    Poll,
    Policy,
    QueueState,
    Retry,
    SamplingBackoff,
    Sse,
    Tensor,
    TinkerPath,
    Url,
    UsageError
  }

  alias Tinkex.Cli.Text
  alias Tinkex.Testee.{Rejection, Reports, Scenario}

  @names ~w(codec metrics.reduce outputs.combine chunks.split chunks.order input.length tensor.make datum.make retry.decide
            retry.delay submit.decide poll.decide category.parse category.retryable queue.parse sampling.backoff
            sampling.retry_delay path.parse url.join query.format headers.merge config.resolve error.kind sse.decode
            multipart.encode pages.plan cli.size cli.time telemetry.enabled telemetry.exception telemetry.batches telemetry.index scenario)

  @doc "What the Hello lists."
  def names, do: @names

  @doc "Asks the client. Raises `Rejection` where the client refuses."
  @spec call(String.t(), term(), String.t()) :: {:ok, term()} | {:unsupported, String.t()}
  def call("codec", %{"message" => name} = input, dialect) do
    case Messages.type(name) do
      nil -> {:unsupported, "#{name} is not implemented"}
      type -> {:ok, %{json: round_trip(type, text(input), Policy.fetch!(dialect).wire)}}
    end
  end

  def call("scenario", input, dialect), do: {:ok, Scenario.play(input, dialect)}

  def call(name, input, dialect) when name in @names do
    {:ok, ask(name, input, Policy.fetch!(dialect))}
  rescue
    error in Error -> reraise Rejection, [kind: "invalid", reason: error.reason, path: error.path], __STACKTRACE__
    error in UsageError -> reraise Rejection, [kind: error.kind, reason: error.reason], __STACKTRACE__
  end

  def call(name, _, _), do: {:unsupported, "#{name} is not implemented"}

  defp round_trip(type, text, dialect) do
    Codec.to_wire(type, Codec.from_wire(type, text, dialect), dialect)
  rescue
    error in Error -> reraise Rejection, [kind: "invalid", reason: error.reason, path: error.path], __STACKTRACE__
  end

  defp text(%{"json" => json}), do: json
  defp text(%{"json_base64" => data}), do: Base.decode64!(data)

  defp ask("metrics.reduce", %{"results" => results}, policy) do
    results |> Enum.map(&{&1["metrics"], &1["outputs"]}) |> MetricsReduction.reduce(policy)
  end

  defp ask("outputs.combine", %{"outputs" => outputs}, policy) do
    type = Tinker.ForwardBackwardOutput
    outputs = Codec.decode({:list, type}, "$.outputs", outputs, policy.wire)
    Codec.encode(type, Output.combine(outputs, policy), policy.wire)
  end

  defp ask("chunks.split", %{"runs" => runs}, _) do
    data = for %{"count" => count, "datum" => datum} <- runs, _ <- 1..count//1, do: datum
    data |> Chunks.split(&numbers/1) |> Enum.map(&length/1)
  end

  defp ask("chunks.order", %{"first" => first, "chunks" => chunks}, _), do: Chunks.seq_ids(first, chunks)

  defp ask("input.length", input, policy) do
    Tinker.ModelInput |> Codec.decode("$", Map.take(input, ["chunks"]), policy.wire) |> ModelInput.length()
  end

  defp ask("tensor.make", %{"values" => values, "kind" => kind}, policy) do
    Codec.encode(Tinker.TensorData, Tensor.make(values, kind, policy), policy.wire)
  end

  defp ask("datum.make", %{"loss_fn_inputs" => inputs}, policy) do
    Codec.encode({:map, Tinker.TensorData}, Tensor.loss_fn_inputs(inputs), policy.wire)
  end

  defp ask("retry.decide", input, policy), do: Retry.decide(outcome(input), headers(input), policy)

  defp ask("retry.delay", %{"retry" => retry, "random" => random} = input, _) do
    Retry.delay_s(retry, headers(input), random, input["now"] || 0)
  end

  defp ask("submit.decide", %{"attempt" => attempt, "elapsed_s" => elapsed} = input, policy) do
    case Retry.submit(outcome(input), attempt, elapsed, policy) do
      {:retry, delay} -> %{retry: true, delay_s: delay}
      :give_up -> %{retry: false}
    end
  end

  defp ask("poll.decide", input, policy) do
    answer = if input["status"], do: {input["status"], input["body"]}, else: outcome(input)
    answer |> Poll.decide(input["failures"] || 0, policy) |> decision()
  end

  defp ask("category.parse", %{"text" => text}, policy), do: Category.parse(text, policy)

  defp ask("category.retryable", input, policy) do
    input["category"] |> Category.parse(policy) |> Category.retryable?(input["status"], policy)
  end

  defp ask("queue.parse", %{"text" => text}, _), do: QueueState.parse(text)

  defp ask("sampling.backoff", %{"status" => status} = input, policy) do
    SamplingBackoff.delay_s(status, headers(input), input["now"] || 0, policy)
  end

  defp ask("sampling.retry_delay", %{"attempt" => attempt, "random" => random}, _) do
    Retry.sample_delay_s(attempt, random)
  end

  defp ask("path.parse", %{"path" => path}, _) do
    path = TinkerPath.parse!(path)
    %{run: path.run, kind: path.kind, name: path.name, checkpoint_id: TinkerPath.checkpoint_id(path)}
  end

  defp ask("url.join", %{"base" => base, "path" => path}, _), do: Url.join(base, path)

  defp ask("query.format", %{"params" => params} = input, _) do
    Url.query(params, arrays(input["arrays"] || "comma"), objects(input["objects"] || "brackets"))
  end

  defp ask("headers.merge", input, _) do
    Headers.merge(for layer <- ["defaults", "user", "call"], do: input[layer] || %{})
  end

  defp ask("config.resolve", input, policy) do
    options = for {key, value} <- input["args"] || %{}, do: {String.to_existing_atom(key), value}
    config = Config.new([policy: policy] ++ options, input["env"] || %{})
    Map.take(config, [:base_url, :api_key, :timeout_s, :max_retries, :tags])
  end

  defp ask("error.kind", %{"status" => status, "body" => body}, _) do
    %{kind: Tinkex.Error.name(status), message: Tinkex.Error.status(status, body).message}
  end

  defp ask("sse.decode", %{"pieces" => pieces}, _) do
    {events, _} = pieces |> Enum.map(&Base.decode64!/1) |> Enum.flat_map_reduce(%Sse{}, &Sse.feed(&2, &1))
    events
  end

  defp ask("multipart.encode", %{"boundary" => boundary} = input, _) do
    fields = Enum.map(input["fields"] || [], &List.to_tuple/1)
    files = for [name, file, type, data] <- input["files"] || [], do: {name, file, type, Base.decode64!(data)}
    IO.iodata_to_binary(Multipart.encode(boundary, fields, files))
  end

  defp ask("pages.plan", %{"limit" => limit, "batch" => batch, "total" => total}, _) do
    fetch = fn size, offset ->
      send(self(), {:asked, [size, offset]})
      {:ok, Enum.to_list(1..max(0, min(size, total - offset))//1), total}
    end

    {:ok, _, _} = Pages.all(fetch, limit, batch)
    asked([])
  end

  defp ask("cli.size", %{"bytes" => bytes}, _), do: Text.size(bytes)
  defp ask("cli.time", %{"time" => time, "now" => now}, _), do: Text.time(time, date(now))
  defp ask("telemetry.enabled", input, _), do: Config.telemetry?(input["env"] || %{})
  defp ask("telemetry.exception", %{"error" => error}, policy), do: Reports.exception(error, policy)

  defp ask("telemetry.batches", %{"events" => count}, _), do: Reports.batches(count)
  defp ask("telemetry.index", %{"events" => events}, _), do: Reports.indices(events)

  # Counts instead of a datum.
  defp numbers(datum) do
    tensors = Enum.sum_by(datum["tensors"] || [], & &1["count"])
    (datum["tokens"] || 0) + (datum["image"]["tokens"] || 0) + tensors
  end

  defp outcome(%{"status" => status}), do: status
  defp outcome(%{"error" => "timeout"}), do: :timeout
  defp outcome(%{"error" => "connection"}), do: :connection

  defp headers(input), do: input["headers"] || %{}

  defp decision(%Poll{then: :poll} = poll) do
    Map.merge(%{then: :poll, delay_s: poll.delay_s}, queue(poll))
  end

  defp decision(%Poll{then: :fail, error: error}) do
    category = if error.kind == :request_failed, do: %{category: error.category}, else: %{}
    Map.merge(%{then: :fail, kind: error.kind}, category)
  end

  defp decision(%Poll{then: next}), do: %{then: next}

  defp queue(%Poll{queue_state: nil}), do: %{}
  defp queue(%Poll{queue_state: state, observed: observed}), do: %{queue_state: state, observed: observed}

  defp arrays("comma"), do: :comma
  defp arrays("repeat"), do: :repeat
  defp arrays("brackets"), do: :brackets
  defp arrays(other), do: raise(UsageError, kind: "nested", reason: "there are no arrays with #{other}")

  defp objects("dots"), do: :dots
  defp objects("brackets"), do: :brackets

  defp asked(pages) do
    receive do
      {:asked, page} -> asked([page | pages])
    after
      0 -> Enum.reverse(pages)
    end
  end

  defp date(text) do
    {:ok, time, _} = DateTime.from_iso8601(text)
    time
  end
end
