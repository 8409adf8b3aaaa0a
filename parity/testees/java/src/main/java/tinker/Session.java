package tinker;

import com.google.gson.JsonObject;
import java.util.List;
import tinker.wire.Opt;
import tinker.wire.Presence;
import tinker.wire.Rules.IgnoreUnknown;
import tinker.wire.Rules.In;
import tinker.wire.Rules.Literal;
import tinker.wire.Rules.Only;

/** Sessions: every training and sampling client lives in one, kept alive by heartbeats. */
public interface Session {
  /** Opens a session. 0.38 has no null for userMetadata. */
  @Literal("create_session")
  record CreateSessionRequest(
      List<String> tags,
      @In(Presence.NULL) @In(dialect = Dialects.V038, value = Presence.ALWAYS) Opt<JsonObject> userMetadata,
      String sdkVersion,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<String> projectId,
      @In(Presence.OMIT_OR_NULL) @Only(Dialects.V038) Opt<String> displayName) {}

  /** The three messages are for the log, at their level. */
  @Literal("create_session")
  @IgnoreUnknown
  record CreateSessionResponse(
      @In(Presence.OMIT_OR_NULL) Opt<String> infoMessage,
      @In(Presence.OMIT_OR_NULL) Opt<String> warningMessage,
      @In(Presence.OMIT_OR_NULL) Opt<String> errorMessage,
      String sessionId) {}

  @Literal("session_heartbeat")
  record SessionHeartbeatRequest(String sessionId) {}

  @Literal("session_heartbeat")
  @IgnoreUnknown
  record SessionHeartbeatResponse() {}
}
