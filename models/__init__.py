"""What the detectors load: catalogue, cards, weights, training, evaluation, export."""
