"""What each engine of a cluster gets."""

from __future__ import annotations

import pytest

from medic_console.core.errors import UsageError
from medic_console.engine.cluster.request import ClusterRequest, Shares, shared_out


@pytest.mark.parametrize(
    ("asked", "machines", "total", "shares"),
    [
        (ClusterRequest("local"), 1, {"CPU": 8}, Shares(1, 8, 0, 1.0)),
        (ClusterRequest("local", workers=2), 1, {"CPU": 8}, Shares(2, 4, 0, 0.5)),
        (ClusterRequest("head:6379"), 3, {"CPU": 48}, Shares(3, 16, 0, 1.0)),
        (ClusterRequest("head:6379"), 2, {"CPU": 64, "GPU": 8}, Shares(8, 8, 1, 0.25)),
        (ClusterRequest("head:6379", workers=2), 2, {"CPU": 64, "GPU": 8}, Shares(2, 32, 4, 1.0)),
        (ClusterRequest("head:6379", gpus=0), 2, {"CPU": 64, "GPU": 8}, Shares(8, 8, 0, 0.25)),
        (ClusterRequest("head:6379", workers=4), 1, {"CPU": 8, "GPU": 2}, Shares(4, 2, 0.5, 0.25)),
    ],
)
def test_shares(asked: ClusterRequest, machines: int, total: dict[str, float], shares: Shares) -> None:
    assert shared_out(asked, machines, total) == shares


@pytest.mark.parametrize(
    "asked", [ClusterRequest("local", workers=99, cpus=1), ClusterRequest("local", workers=1, cpus=9)]
)
def test_more_than_the_cluster_has_is_refused(asked: ClusterRequest) -> None:
    with pytest.raises(UsageError, match=r"more than the cluster has \(8 and 0\)"):
        shared_out(asked, 1, {"CPU": 8})
