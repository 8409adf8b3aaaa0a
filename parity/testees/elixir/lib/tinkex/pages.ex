defmodule Tinkex.Pages do
  @moduledoc "Listings that come in pages of `limit` and `offset`."

  @doc """
  All items of a listing, or the first `limit`; 0 means all. `fetch` gets limit and offset of a page, and gives its items and
  how many there are in all. No page asks for more than `batch`.
  """
  @spec all(
          (pos_integer(), non_neg_integer() -> {:ok, [item], non_neg_integer()} | {:error, error}),
          non_neg_integer(),
          pos_integer()
        ) ::
          {:ok, [item], total :: non_neg_integer()} | {:error, error}
        when item: term(), error: term()
  def all(fetch, limit, batch), do: pages(fetch, if(limit == 0, do: :infinity, else: limit), batch, [], 0)

  # `wanted` counts all pages; atoms are more than numbers.
  defp pages(fetch, wanted, batch, pages, count) do
    size = if wanted == :infinity, do: batch, else: min(batch, wanted - count)

    with {:ok, items, total} <- fetch.(size, count) do
      count = count + length(items)
      wanted = min(wanted, total)

      if count >= wanted or length(items) < size,
        do: {:ok, [items | pages] |> Enum.reverse() |> Enum.concat(), total},
        else: pages(fetch, wanted, batch, [items | pages], count)
    end
  end
end
