"""The tests of the reference that the seeds name, and the phases of seed 002: each must have an entry."""

WANTED: tuple[str, ...] = (
    # seed 000 §2.1, seed 001 §2
    "test_chunked_fwdbwd_helpers.py",
    "test_client.py",
    "test_models.py",
    "test_transform.py",
    "test_response.py",
    "test_qs.py",
    "test_required_args.py",
    "test_streaming.py",
    "test_files.py",
    "test_extract_files.py",
    "test_deepcopy.py",
    # seed 000 §2.2
    "test_utils/test_proxy.py",
    "test_utils/test_typing.py",
    # seed 000 §2.3, §2.4
    "lib/telemetry_test.py",
    "mock_api_server.py",
    # seed 002
    *(f"seed 002 phase {number}" for number in range(1, 6)),
    "seed 002 integration",
    "seed 002 wire protocol",
    "seed 002 error handling",
    "seed 002 performance",
)
