defmodule Tinker.Corpus do
  @moduledoc "The golden corpus (proto/samewire/v1/fixture.proto)."

  @doc """
  The files that are wanted, each a map with "message", "dialect" and "fixtures"; raises where the corpus is damaged.
  """
  def read!(root, wanted?) do
    manifest = root |> Path.join("manifest.json") |> File.read!() |> JSON.decode!()
    if manifest["format"] != 1, do: raise("manifest.json: format #{manifest["format"]} is not known here, only 1")

    for %{"path" => path} = entry <- manifest["files"], wanted?.(entry["message"], entry["dialect"]) do
      data = root |> Path.join(path) |> File.read!()
      sum = :crypto.hash(:sha256, data) |> Base.encode16(case: :lower)
      if sum != entry["sha256"], do: raise("#{path}: SHA-256 is #{sum}, the manifest says #{entry["sha256"]}")
      file = JSON.decode!(data)
      count = length(file["fixtures"])
      if count != entry["count"], do: raise("#{path}: #{count} fixtures, the manifest says #{entry["count"]}")
      file
    end
  end

  @doc "The input of a fixture, byte for byte."
  def input(%{"json" => json}), do: json
  def input(%{"json_base64" => data}), do: Base.decode64!(data)
end
