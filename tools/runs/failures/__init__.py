"""What went wrong, told apart: messages without what changes from run to run, and groups of them."""

from tools.runs.failures.clusters import Cluster, cluster
from tools.runs.failures.message import normalise, plain, signature

__all__ = ["Cluster", "cluster", "normalise", "plain", "signature"]
