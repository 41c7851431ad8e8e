"""What fits into memory and processor: limits, features, layers to offload."""
