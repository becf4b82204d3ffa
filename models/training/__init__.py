"""Training, evaluation and export of the project's own weights. The only place that may import torch."""
