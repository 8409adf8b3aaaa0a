package tinker;

import com.google.gson.annotations.SerializedName;
import java.util.List;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Literal;
import tinker.wire.Rules.Only;
import tinker.wire.Rules.Union;

/** What a model reads: text and images, in order. */
public interface Input {
  record ModelInput(List<ModelInputChunk> chunks) {}

  @Union(tag = "type", untagged = true)
  sealed interface ModelInputChunk permits EncodedTextChunk, ImageChunk, ImageAssetPointerChunk, DmelChunk {}

  @Literal("encoded_text")
  record EncodedTextChunk(List<Long> tokens) implements ModelInputChunk {}

  /** An image that is sent along. Height and width in pixels; tokens, in 0.38 expectedTokens, is its length. */
  @Literal("image")
  record ImageChunk(
      byte[] data,
      ImageFormat format,
      @Only({Dialects.V041, Dialects.TINKEX}) Opt<Integer> height,
      @Only({Dialects.V041, Dialects.TINKEX}) Opt<Integer> tokens,
      @Only({Dialects.V041, Dialects.TINKEX}) Opt<Integer> width,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Integer> expectedTokens)
      implements ModelInputChunk {}

  /** An image that the server already has. */
  @Literal("image_asset_pointer")
  record ImageAssetPointerChunk(
      ImageFormat format,
      @Only({Dialects.V041, Dialects.TINKEX}) Opt<Integer> height,
      String location,
      @Only({Dialects.V041, Dialects.TINKEX}) Opt<Integer> tokens,
      @Only({Dialects.V041, Dialects.TINKEX}) Opt<Integer> width,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Integer> expectedTokens)
      implements ModelInputChunk {}

  /** Audio. */
  @Literal("dmel")
  @Only(Dialects.V038)
  record DmelChunk(byte[] dmel) implements ModelInputChunk {}

  enum ImageFormat {
    @SerializedName("png") PNG,
    @SerializedName("jpeg") JPEG
  }
}
