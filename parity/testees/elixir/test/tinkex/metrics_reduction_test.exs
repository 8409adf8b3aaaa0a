defmodule Tinkex.MetricsReductionTest do
  use ExUnit.Case, async: true

  alias Tinkex.{MetricsReduction, Policy, UsageError}

  @seeds Policy.fetch!("tinkex")
  @python Policy.fetch!("tinker-0.4.1")

  test "a mean is weighted by outputs" do
    assert MetricsReduction.reduce([{%{"loss:mean" => 1.0}, 1}, {%{"loss:mean" => 3.0}, 3}], @seeds) == %{
             "loss:mean" => 2.5
           }
  end

  test "slack is how far the mean is below the most" do
    assert MetricsReduction.reduce([{%{"x:slack" => 1.0}, 1}, {%{"x:slack" => 3.0}, 3}], @seeds) == %{"x:slack" => 0.5}
  end

  test "second values of unique metrics are numbered from 2, in 0.4.1 from 1" do
    chunks = for value <- [10.0, 11.0, 12.0], do: {%{"c:unique" => value}, 1}
    assert MetricsReduction.reduce(chunks, @seeds) == %{"c:unique" => 10.0, "c:unique_2" => 11.0, "c:unique_3" => 12.0}
    assert MetricsReduction.reduce(chunks, @python) == %{"c:unique" => 10.0, "c:unique_1" => 11.0, "c:unique_2" => 12.0}
  end

  test "what a chunk lacks, and what is not known, is left out" do
    assert MetricsReduction.reduce([{%{"a:sum" => 1, "b:sum" => 2, "c:odd" => 3}, 1}, {%{"b:sum" => 2}, 1}], @seeds) ==
             %{"b:sum" => 4}

    assert MetricsReduction.reduce([], @seeds) == %{}
  end

  test "a key without a reduction, and weights of nothing, are refused" do
    assert_raise UsageError, ~r/name:reduction/, fn -> MetricsReduction.reduce([{%{"loss" => 1.0}, 1}], @seeds) end

    assert_raise UsageError, ~r/no chunk has an output/, fn ->
      MetricsReduction.reduce([{%{"l:mean" => 1.0}, 0}], @seeds)
    end
  end

  test "the hash is CPython's" do
    reduced = MetricsReduction.reduce([{%{"h:hash_unordered" => 2.0}, 1}, {%{"h:hash_unordered" => 1.0}, 1}], @python)
    assert reduced == %{"h:hash_unordered" => -3_550_055_125_485_641_917 / 1}
  end
end
