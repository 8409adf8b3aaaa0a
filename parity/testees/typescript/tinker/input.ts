// What a model reads: text and images, in order.
import { bytes, enumeration, int32, int64, list, string, type Infer } from "../wire/codec.ts";
import { always, field, literal, message, union } from "../wire/message.ts";

const pixels = { only: ["tinker-0.4.1", "tinkex"] };
const newer = { only: ["tinker-0.38"] };

export const ImageFormat = enumeration(["png", "jpeg"]);
export type ImageFormat = Infer<typeof ImageFormat>;

export const EncodedTextChunk = message("forbid", { tokens: always(list(int64)), type: literal("encoded_text") });
export type EncodedTextChunk = Infer<typeof EncodedTextChunk>;

/** An image that is sent along. Height and width in pixels; tokens, in 0.38 expected_tokens, is its length. */
export const ImageChunk = message("forbid", {
  data: always(bytes),
  format: always(ImageFormat),
  height: field(int32, "always", pixels),
  tokens: field(int32, "always", pixels),
  width: field(int32, "always", pixels),
  expected_tokens: field(int32, "omit_or_null", newer),
  type: literal("image"),
});
export type ImageChunk = Infer<typeof ImageChunk>;

/** An image that the server already has. */
export const ImageAssetPointerChunk = message("forbid", {
  format: always(ImageFormat),
  height: field(int32, "always", pixels),
  location: always(string),
  tokens: field(int32, "always", pixels),
  width: field(int32, "always", pixels),
  expected_tokens: field(int32, "omit_or_null", newer),
  type: literal("image_asset_pointer"),
});
export type ImageAssetPointerChunk = Infer<typeof ImageAssetPointerChunk>;

/** Audio. */
export const DmelChunk = message("forbid", { dmel: always(bytes), type: literal("dmel") });
export type DmelChunk = Infer<typeof DmelChunk>;

export const Chunk = union(
  [
    { tag: "encoded_text", codec: EncodedTextChunk },
    { tag: "image", codec: ImageChunk },
    { tag: "image_asset_pointer", codec: ImageAssetPointerChunk },
    { tag: "dmel", codec: DmelChunk, ...newer },
  ],
  { tag: "type", untagged: true },
);
export type Chunk = Infer<typeof Chunk>;

export const ModelInput = message("forbid", { chunks: always(list(Chunk)) });
export type ModelInput = Infer<typeof ModelInput>;
