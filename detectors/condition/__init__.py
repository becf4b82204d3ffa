"""Whether a camera sees what it is there to see (相机状态): covered, blurred, dark, frozen, moved."""
