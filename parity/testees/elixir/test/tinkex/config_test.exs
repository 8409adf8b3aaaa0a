defmodule Tinkex.ConfigTest do
  use ExUnit.Case, async: true

  alias Tinkex.{Config, UsageError}

  test "the environment fills in, options win" do
    env = %{"TINKER_API_KEY" => "tml-env", "TINKER_BASE_URL" => "http://here/", "TINKER_TAGS" => "a,b"}
    assert %{api_key: "tml-env", base_url: "http://here", tags: ["a", "b"], max_retries: 10} = Config.new([], env)
    assert %{api_key: "tml-mine", timeout_s: 5} = Config.new([api_key: "tml-mine", timeout_s: 5], env)
  end

  test "there is no client without a key, and no key in a log" do
    assert_raise UsageError, ~r/TINKER_API_KEY/, fn -> Config.new([], %{}) end
    refute inspect(Config.new([api_key: "tml-secret"], %{})) =~ "secret"
  end

  test "telemetry is on unless the environment says no" do
    for {value, on} <- [{"1", true}, {"TRUE", true}, {"on", true}, {"0", false}, {"no", false}] do
      assert Config.new([api_key: "k"], %{"TINKER_TELEMETRY" => value}).telemetry == on
    end
  end
end
