package tinker;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.IgnoreUnknown;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Literal;
import tinker.wire.Rules.Only;
import tinker.wire.Rules.Rest;

/** What a server says of itself. */
public interface Server {
  @IgnoreUnknown
  record HealthRequest() {}

  @IgnoreUnknown
  @Literal(key = "status", value = "ok", required = true)
  record HealthResponse() {}

  @IgnoreUnknown
  record GetServerCapabilitiesRequest() {}

  @IgnoreUnknown
  record GetServerCapabilitiesResponse(List<SupportedModel> supportedModels) {}

  @IgnoreUnknown
  record SupportedModel(
      @In(Presence.OMIT_OR_NULL) Opt<String> modelName,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Long> maxContextLength,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Boolean> trainable,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<Boolean> sampleable) {}

  /** The body of an error, as servers commonly write it. */
  record ErrorResponse(JsonElement detail, @Rest JsonObject rest) {}
}
