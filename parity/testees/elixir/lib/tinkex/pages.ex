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
  def all(fetch, limit, batch), do: pages(fetch, limit, batch, [], 0)

  defp pages(fetch, limit, batch, pages, count) do
    size = if limit == 0, do: batch, else: min(batch, limit - count)

    with {:ok, items, total} <- fetch.(size, count) do
      count = count + length(items)
      wanted = if limit == 0, do: total, else: min(limit, total)

      if count >= wanted or length(items) < size,
        do: {:ok, [items | pages] |> Enum.reverse() |> Enum.concat(), total},
        else: pages(fetch, limit, batch, [items | pages], count)
    end
  end
end
