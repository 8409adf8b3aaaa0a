defmodule Tinker.FixturesTest do
  use ExUnit.Case, async: true

  alias Tinker.{Corpus, Judge, Messages}

  setup_all do
    root = System.get_env("SAMEWIRE_FIXTURES") || flunk("SAMEWIRE_FIXTURES must name the folder with manifest.json")
    files = Corpus.read!(root, &wanted?/2)
    assert files != [], "the corpus has no fixture of any message that is implemented here"
    %{root: root, files: files}
  end

  test "every fixture of a message that is implemented here", %{files: files} do
    verdicts = judge_all(files, & &1)
    header = %{consumer: "elixir", title: "Elixir #{System.version()}, JSON", kind: "consumer"}

    lines =
      for {id, verdict} <- verdicts do
        case verdict do
          :pass -> %{fixture: id, verdict: "pass"}
          {:fail, detail} -> %{fixture: id, verdict: "fail", detail: detail}
        end
      end

    if folder = System.get_env("TEST_UNDECLARED_OUTPUTS_DIR") do
      File.write!(Path.join(folder, "verdicts.jsonl"), Enum.map([header | lines], &[JSON.encode!(&1), ?\n]))
    end

    failures = for {id, {:fail, detail}} <- verdicts, do: "#{id}: #{detail}"
    assert failures == [], Enum.join(failures, "\n")
  end

  test "every fixture fails when its expectation is turned round", %{files: files} do
    turned = judge_all(files, &turn_round/1)
    assert [] == for({id, :pass} <- turned, do: id)
  end

  @tag :tmp_dir
  test "a file with a flipped byte is refused", %{root: root, files: [file | _], tmp_dir: damaged} do
    path = Path.join(["fixtures", file["message"], "#{file["dialect"]}.json"])
    File.mkdir_p!(Path.dirname(Path.join(damaged, path)))
    File.write!(Path.join(damaged, "manifest.json"), File.read!(Path.join(root, "manifest.json")))
    data = File.read!(Path.join(root, path))
    flipped = data |> :binary.bin_to_list() |> List.update_at(div(byte_size(data), 2), &Bitwise.bxor(&1, 1))
    File.write!(Path.join(damaged, path), flipped)
    only_it = fn message, dialect -> {message, dialect} == {file["message"], file["dialect"]} end
    assert_raise RuntimeError, ~r/SHA-256/, fn -> Corpus.read!(damaged, only_it) end
  end

  test "numbers are compared by their value" do
    assert Judge.difference("$", Judge.parse("[1.0, -0.0]"), Judge.parse("[10e-1, 0]")) == nil

    assert Judge.difference("$", Judge.parse("9007199254740993"), Judge.parse("9007199254740992")) ==
             "$: expected 9007199254740993, got 9007199254740992"
  end

  defp judge_all(files, change) do
    for %{"message" => message, "dialect" => name, "fixtures" => fixtures} <- files, fixture <- fixtures do
      {fixture["id"], Judge.judge(change.(fixture), Messages.type(message), dialect(name))}
    end
  end

  defp turn_round(%{"expect" => "accept"} = fixture), do: %{fixture | "expect" => "reject"}
  defp turn_round(%{"expect" => "reject"} = fixture), do: %{fixture | "expect" => "accept"}
  defp turn_round(fixture), do: %{fixture | "becomes" => ~S({"turned":"round"})}

  defp wanted?(message, name), do: Messages.type(message) != nil and dialect(name) != nil

  defp dialect(name), do: Enum.find(Tinker.dialects(), &(Atom.to_string(&1.name) == name))
end
