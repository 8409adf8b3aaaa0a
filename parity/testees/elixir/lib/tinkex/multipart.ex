defmodule Tinkex.Multipart do
  @moduledoc "Bodies of multipart/form-data."

  @doc "`fields` are `{name, text}`, `files` are `{name, filename, content type, data}`."
  @spec encode(String.t(), [{String.t(), String.t()}], [{String.t(), String.t(), String.t(), binary()}]) :: iodata()
  def encode(boundary, fields, files) do
    [
      for({name, text} <- fields, do: part(boundary, "name=\"#{quoted(name)}\"", [], text)),
      for {name, filename, type, data} <- files do
        where = "name=\"#{quoted(name)}\"; filename=\"#{quoted(filename)}\""
        part(boundary, where, ["Content-Type: ", type, "\r\n"], data)
      end,
      ["--", boundary, "--\r\n"]
    ]
  end

  defp part(boundary, where, headers, data) do
    ["--", boundary, "\r\nContent-Disposition: form-data; ", where, "\r\n", headers, "\r\n", data, "\r\n"]
  end

  defp quoted(text) do
    text
    |> String.replace("\\", "\\\\")
    |> String.replace(["\"", "\n", "\r"], &%{"\"" => "%22", "\n" => "%0A", "\r" => "%0D"}[&1])
  end
end
