defmodule Tinkex.Cli do
  @moduledoc """
  The command: `version`, `run list|info`, `checkpoint list|info|publish|unpublish|delete`. Exit codes: 0 good, 1 an error, 2 not
  used as it is meant.
  """

  alias Tinkex.Cli.{Checkpoints, Failure, Runs}
  alias Tinkex.{Config, Error, Policy, UsageError}

  @usage """
  Usage: tinkex [--format table|json] COMMAND

    version
    run list [--limit 20]                      0 for all
    run info RUN
    checkpoint list [--run-id RUN] [--limit 20]
    checkpoint info PATH
    checkpoint publish|unpublish PATH
    checkpoint delete PATH [-y]

  Example: tinkex --format json run list --limit 5
  """

  @switches [format: :string, limit: :integer, run_id: :string, yes: :boolean]
  @aliases [f: :format, y: :yes]

  @doc "Runs a command, prints what it says, and ends the program."
  @spec main([String.t()]) :: no_return()
  def main(args) do
    columns = with {:ok, columns} <- :io.columns(), do: columns
    {exit, stdout, stderr} = run(args, columns: if(is_integer(columns), do: columns, else: 80), confirm: &confirmed?/1)
    IO.write(stdout)
    IO.write(:stderr, stderr)
    System.halt(exit)
  end

  @doc """
  What a command gives: `{exit code, stdout, stderr}`. Options:

    * `config`: a function that gives the configuration; by default that of the environment
    * `columns`: of the terminal, 80
    * `confirm`: a function that is asked before something is lost; by default it says no
  """
  @spec run([String.t()], keyword()) :: {0..2, String.t(), String.t()}
  def run(args, options \\ []) do
    {given, words, wrong} = OptionParser.parse(args, strict: @switches, aliases: @aliases)
    format = given[:format] || "table"

    cond do
      wrong != [] ->
        misuse("#{wrong |> hd() |> elem(0)} is no option, or lacks its value")

      format not in ["table", "json"] ->
        misuse("--format is table or json, not #{format}")

      true ->
        command(words, %{given: given, json: format == "json", columns: options[:columns] || 80, options: options})
    end
  end

  defp command(["version"], _), do: {0, "tinker #{Policy.fetch!("tinkex").sdk_version}\n", ""}
  defp command(["run", "list"], call), do: talk(call, &Runs.list/2)
  defp command(["run", "info", run], call), do: talk(call, &Runs.info(&1, &2, run))
  defp command(["checkpoint", "list"], call), do: talk(call, &Checkpoints.list/2)
  defp command(["checkpoint", "info", path], call), do: talk(call, &Checkpoints.info(&1, &2, path))
  defp command(["checkpoint", "publish", path], call), do: talk(call, &Checkpoints.publish(&1, &2, path))
  defp command(["checkpoint", "unpublish", path], call), do: talk(call, &Checkpoints.unpublish(&1, &2, path))
  defp command(["checkpoint", "delete", path], call), do: talk(call, &Checkpoints.delete(&1, &2, path))
  defp command([], _), do: misuse("a command is missing")
  defp command(words, _), do: misuse("there is no command #{Enum.join(words, " ")}, or it lacks an argument")

  defp talk(call, command) do
    config = Keyword.get(call.options, :config, &Config.new/0)

    case command.(config.(), call) do
      {:ok, text} -> {0, text, ""}
      {:error, error} -> {1, "", Failure.text(error)}
    end
  rescue
    error in UsageError -> {1, "", Failure.text(%Error{kind: :usage, message: error.reason})}
  end

  defp misuse(reason), do: {2, "", "#{@usage}\nError: #{reason}\n"}

  defp confirmed?(question),
    do: IO.gets(question <> " [y/N] ") |> to_string() |> String.trim() |> String.downcase() == "y"
end
