"""The proving ground: scenes with known truth."""
