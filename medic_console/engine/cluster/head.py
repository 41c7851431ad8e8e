"""The head of a cluster: whether it still answers, and what is said when it does not, or is another one."""

from __future__ import annotations

import socket
import time

from medic_console.core.errors import EngineError

HEAD_SECONDS = 60.0
"""How long a head may be away before a run is stopped; Ray itself would end this process then, without a word."""
STEP = 1.0
"""Between two looks, in seconds."""
_CONNECT_SECONDS = 5.0
_ANOTHER = "WrongClusterID"
"""What Ray says where a head was started again: it knows nothing of the machines and engines that it had."""


class Head:
    """Watches the head of a cluster.

    Args:
        address: `HOST:PORT` of its GCS.
        patience: Seconds that it may be away.
    """

    def __init__(self, address: str, patience: float = HEAD_SECONDS) -> None:
        self.address = address
        self._patience = patience
        host, _, port = address.rpartition(":")
        self._place = (host.strip("[]"), int(port))
        self._gone = False

    def wait(self) -> None:
        """Return when it answers.

        Raises:
            EngineError: It has been away for too long, now or before.
        """
        until = time.monotonic() + self._patience
        while not self.answers():
            if self._gone or time.monotonic() > until:
                self._gone = True
                raise EngineError(
                    f"The cluster's head {self.address} was away for {self._patience:g} seconds.",
                    "What is finished is kept. Start the cluster again, or leave --ray out, and resume.",
                )
            time.sleep(STEP)

    def answers(self) -> bool:
        """Tell whether anyone listens there now."""
        try:
            socket.create_connection(self._place, _CONNECT_SECONDS).close()
        except OSError:
            return False
        return True

    def fault(self, name: str, error: Exception) -> EngineError:
        """Return what an error of Ray's stands for, as that of an engine."""
        if _ANOTHER in str(error):
            return EngineError(
                f"The cluster's head {self.address} was started again: it is another cluster, without {name}.",
                "What is finished is kept. Start Ray on the other machines again too, and resume.",
            )
        said = str(error).strip().splitlines()
        text = said[0].rstrip(".") if said else "it says no more"
        return EngineError(f"{name} was lost: {type(error).__name__}: {text}.")
