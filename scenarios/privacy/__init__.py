"""How well evidence pictures hide faces and number plates (隐私遮蔽的度量), by labels and by a face detector."""
