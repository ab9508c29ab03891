"""The mathematics of the methods: pure functions of tensors, natural logarithms, any backend."""
