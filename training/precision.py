"""The type of fast matrix products: bfloat16 where the processor has it."""

from __future__ import annotations

import torch

FAST = torch.float32 if torch.backends.cpu.get_cpu_capability() in ("DEFAULT", "AVX2") else torch.bfloat16
"""Without AVX-512 bfloat16 is imitated, at a sixteenth of the speed of float32."""
