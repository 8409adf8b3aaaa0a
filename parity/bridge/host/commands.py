"""The commands of a worker, as facts A2 has them: their results, their errors word for word, their counters.

Where the source is broken in pool-worker mode (get_program_info, get_stats, cleanup, reset_state raise an
AttributeError there), they work here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from bridge.v1 import gemini_wire as gemini
from bridge.v1 import lm_wire as lm
from bridge.v1 import program_wire as program
from bridge.v1 import service_wire
from bridge.v1 import session_wire as session
from bridge.v1 import worker_wire as worker
from bridge.v1.frame_wire import Request, Response
from samewire_wire import MISSING, JsonValue, Model, Timestamp

from parity.bridge.host import prediction
from parity.bridge.host.memory import memory
from parity.bridge.host.programs import Program, Programs, Refused

Result = Model | dict[str, JsonValue]

# Command → the dialects that have it, from the definition.
COMMANDS: Mapping[str, frozenset[str]] = {
    method["py_name"]: frozenset(method["dialects"])
    for method in json.loads(service_wire.FILE.part("routes").TABLE)["methods"]
}


class Commands:
    """One worker: what it keeps, and how it answers.

    `dspy`: whether it can make programs; instead of a language model it has `prediction`. `sleep` and `now` are time.
    """

    def __init__(
        self,
        mode: worker.Mode = "standalone",
        worker_id: str | None = None,
        dialect: str = "bridge-v1",
        *,
        dspy: bool = True,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.mode: worker.Mode = mode
        self.worker_id = worker_id
        self.dialect = dialect
        self.programs = Programs(now)
        self.configured: lm.LmConfigured | None = None
        self.command_count = 0
        self.error_count = 0
        self._dspy = dspy
        self._now = now
        self._sleep = sleep
        self._born = now()
        self._made = 0
        self._handlers: dict[str, Callable[[bytes], Result]] = {
            name: getattr(self, name) for name, dialects in COMMANDS.items() if dialect in dialects
        }

    def answer(self, request: Request) -> Response:
        """Never raises: what goes wrong is the answer."""
        self.command_count += 1
        stamp = Timestamp.from_seconds(self._now())
        handler = self._handlers.get(request.command)
        try:
            if handler is None:
                raise Refused(f"Unknown command: {request.command}")
            result = handler(orjson.dumps({} if request.args is MISSING else request.args or {}))
        except Exception as error:  # a worker that ended here would take other sessions' programs with it
            self.error_count += 1
            return Response(id=request.id, success=False, error=str(error), timestamp=stamp)
        told = result.WIRE.writers[self.dialect](result) if isinstance(result, Model) else result
        return Response(id=request.id, success=True, result=told, timestamp=stamp)

    # The worker itself.

    def ping(self, args: bytes) -> Result:
        return worker.PingResult(
            timestamp=Timestamp.from_seconds(self._now()),
            dspy_available=self._dspy,
            gemini_available=False,
            uptime=self._now() - self._born,
            mode=self.mode,
            worker_id=MISSING if self.worker_id is None else self.worker_id,
            current_session=MISSING if self.mode == "standalone" else None,
        )

    def get_stats(self, args: bytes) -> Result:
        return worker.GetStatsResult(
            programs_count=len(self.programs),
            command_count=self.command_count,
            error_count=self.error_count,
            uptime=self._now() - self._born,
            memory_usage=memory(),
            dspy_available=self._dspy,
            gemini_available=False,
        )

    def cleanup(self, args: bytes) -> Result:
        return worker.CleanupResult(programs_removed=self.programs.clear())

    def reset_state(self, args: bytes) -> Result:
        result = worker.ResetStateResult(
            programs_cleared=self.programs.clear(), commands_reset=self.command_count, errors_reset=self.error_count
        )
        self.command_count = self.error_count = 0
        return result

    def shutdown(self, args: bytes) -> Result:
        """Only a word: the process goes on until its stdin is closed."""
        read = worker.ShutdownArgs.from_wire(args, self.dialect)
        told = self.worker_id if read.worker_id is MISSING else read.worker_id
        sessions = self.programs.sessions if self.mode == "pool-worker" else 0
        self.programs.clear()
        return worker.ShutdownResult(worker_id=told, mode=self.mode, sessions_cleaned=sessions)

    def configure_lm(self, args: bytes) -> Result:
        """A failure is a success that holds an error, and counts as an error."""
        read = lm.ConfigureLmArgs.from_wire(args, self.dialect)
        if read.model is MISSING or not read.model:
            return self._fault("Model name is required")
        if read.api_key is MISSING or not read.api_key:
            return self._fault("API key is required")
        if read.provider != "google" or not read.model.startswith("gemini"):
            return self._fault(f"Unsupported provider/model combination: {read.provider}/{read.model}")
        self.configured = lm.LmConfigured(model=read.model, provider=read.provider, temperature=read.temperature)
        return self.configured

    # Programs.

    def create_program(self, args: bytes) -> Result:
        if not self._dspy:
            raise Refused("DSPy not available - cannot create programs")
        read = program.CreateProgramArgs.from_wire(args, self.dialect)
        name = "" if read.id is MISSING else read.id
        if not name and self.dialect == "bridge-seed":  # there the worker gives the name
            self._made += 1
            name = f"program_{self._made}"
        if not name:
            raise Refused("Program ID is required")
        session_id = self._session(read.session_id)
        signature = program.Signature(inputs=[], outputs=[]) if read.signature is MISSING else read.signature
        for kind, fields in (("Input", signature.inputs), ("Output", signature.outputs)):
            if not all(prediction.named(each)[0] for each in fields):
                raise Refused(f"Failed to create program: {kind} field must have a name")
        self.programs.create(session_id, name, signature)
        return program.CreateProgramResult(program_id=name, signature=signature, program_type=read.program_type)

    def execute_program(self, args: bytes) -> Result:
        read = program.ExecuteProgramArgs.from_wire(args, self.dialect)
        found = self._program(read.program_id, read.session_id)
        if self.configured is None and self.dialect == "bridge-v1":
            raise Refused("No LM is loaded.")
        found.executions += 1
        found.executed = self._now()
        outputs = prediction.outputs(found.signature, read.inputs)
        if self.dialect == "bridge-seed":
            return outputs
        return program.ExecuteProgramResult(
            program_id=found.name, outputs=outputs, execution_time=Timestamp.from_seconds(found.executed)
        )

    def list_programs(self, args: bytes) -> Result:
        read = program.ListProgramsArgs.from_wire(args, self.dialect)
        mine = None if self.mode == "standalone" or read.session_id is MISSING else read.session_id
        found = [each.summary() for each in self.programs.list(mine)]
        return program.ListProgramsResult(programs=found, total_count=len(found))

    def delete_program(self, args: bytes) -> Result:
        read = program.DeleteProgramArgs.from_wire(args, self.dialect)
        found = self._program(read.program_id, read.session_id)
        self.programs.delete(found.session, found.name)
        return program.DeleteProgramResult(program_id=found.name)

    def get_program_info(self, args: bytes) -> Result:
        # The source never got so far as to read a session here; every command that has one calls it the same.
        session_id = program.ListProgramsArgs.from_wire(args, self.dialect).session_id
        read = program.GetProgramInfoArgs.from_wire(args, self.dialect)
        told = self._program(read.program_id, session_id).summary()
        return program.GetProgramInfoResult(
            program_id=told.id,
            signature=told.signature,
            created_at=told.created_at,
            execution_count=told.execution_count,
            last_executed=told.last_executed,
        )

    def create_gemini_program(self, args: bytes) -> Result:
        raise Refused("Gemini not available - cannot create Gemini programs")

    def execute_gemini_program(self, args: bytes) -> Result:
        read = gemini.ExecuteGeminiProgramArgs.from_wire(args, self.dialect)
        raise Refused(f"Program {'' if read.program_id is MISSING else read.program_id} is not a Gemini program")

    # Sessions.

    def cleanup_session(self, args: bytes) -> Result:
        read = session.CleanupSessionArgs.from_wire(args, self.dialect)
        if read.session_id is MISSING or not read.session_id:
            raise Refused("Session ID required for cleanup")
        if self.mode == "standalone":
            return session.SessionsNotKept(mode=self.mode)
        removed = self.programs.drop(read.session_id)
        if removed is None:
            return session.SessionNotFound(session_id=read.session_id)
        return session.SessionCleaned(session_id=read.session_id, programs_removed=removed)

    def get_session_data(self, args: bytes) -> Result:
        return self._not_here(session.GetSessionDataArgs.from_wire(args, self.dialect).session_id, "not_stored_locally")

    def update_session_data(self, args: bytes) -> Result:
        return self._not_here(session.UpdateSessionDataArgs.from_wire(args, self.dialect).session_id, "acknowledged")

    # For tests.

    def echo(self, args: bytes) -> Result:
        said: dict[str, Any] = orjson.loads(args)
        if self.dialect == "bridge-seed":
            return said
        return worker.EchoResult(status="ok", echoed=said, timestamp=Timestamp.from_seconds(self._now()))

    def sleep(self, args: bytes) -> Result:
        read = worker.SleepArgs.from_wire(args, self.dialect)
        self._sleep(read.duration / 1000)
        return worker.SleepResult(slept=read.duration)

    slow_op = sleep

    # Inside.

    def _session(self, given: Any) -> str | None:
        if self.mode == "standalone":
            return None
        if given is MISSING or not given:
            raise Refused("Session ID required in pool-worker mode")
        return str(given)

    def _program(self, name: Any, session_id: Any) -> Program:
        if name is MISSING or not name:
            raise Refused("Program ID is required")
        return self.programs.find(self._session(session_id), name)

    def _fault(self, text: str) -> lm.CommandFault:
        self.error_count += 1
        return lm.CommandFault(error=text)

    def _not_here(self, session_id: Any, status: str) -> Result:
        if session_id is MISSING or not session_id:
            return lm.CommandFault(error="session_id is required")
        return session.SessionDataReport(
            session_id=session_id, status=status, message="Session data is kept by the client"
        )
