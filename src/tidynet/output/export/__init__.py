"""A model for other programs: an ONNX graph, one Python file that needs NumPy alone, or plain arrays."""
