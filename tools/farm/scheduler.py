"""BuildGrid's configuration: execution and the workers' service; what is stored lies with bazel-remote."""

from __future__ import annotations

import json
from collections.abc import Iterable

_CONFIG = """server:
  # For Bazel: the loopback. For workers: a socket, which reaches into their network namespaces where no port does.
  - !channel
    address: {address}
    insecure-mode: true
  - !channel
    address: {socket}
    insecure-mode: true

description: The farm of ./samewire farm

grpc-server-options:
  grpc.so_reuseport: 0

authorization:
  method: none

connections:
  - !sql-connection &sql
    connection-string: {database}
    pool-size: 10
    max-overflow: 20

storages:
  - !remote-storage &storage
    url: {store}
    instance-name: ""

caches:
  - !remote-action-cache &results
    url: {store}
    instance-name: ""

schedulers:
  - !sql-scheduler &scheduler
    sql: *sql
    storage: *storage
    action-cache: *results
    property-set:
      !dynamic-property-set
      match-property-keys: {match}
      wildcard-property-keys: {ignored}
    # A worker that has not been heard of for so long is lost, and what it had goes to another.
    bot-session-keepalive-timeout: {patience}
    session-expiry-timer-interval: 1.0
    max-job-attempts: 5
    poll-interval: 0.25
    assigners:
      - !priority-age-assigner
        count: 1
        interval: 0.1
        failure-backoff: 0.5

instances:
  - name: ""
    description: All of it
    services:
      - !action-cache
        cache: *results
      - !cas
        storage: *storage
      - !bytestream
        storage: *storage
      - !execution
        scheduler: *scheduler
        operation-stream-keepalive-timeout: 20

thread-pool-size: {threads}
"""

# What Bazel itself may ask for in exec_properties of our targets, and what no worker is chosen by.
_IGNORED = ["container-image", "Pool", "requires-network"]


def config(
    address: str, socket: str, database: str, store: str, match: Iterable[str], workers: int, patience: int
) -> str:
    """The text of the server's YAML file.

    Args:
        address: host and port for clients.
        socket: address for workers, unix:PATH.
        database: SQLAlchemy URL of a PostgreSQL database.
        store: URL of the cache.
        match: platform properties by which a worker is chosen.
        workers: how many there will be; each holds a connection, and each of Bazel's jobs another.
        patience: seconds without a word until a worker is given up.
    """
    return _CONFIG.format(
        address=json.dumps(address),
        socket=json.dumps(socket),
        database=json.dumps(database),
        store=json.dumps(store),
        match=json.dumps(sorted(match)),
        ignored=json.dumps(_IGNORED),
        patience=patience,
        threads=60 + 4 * workers,
    )
