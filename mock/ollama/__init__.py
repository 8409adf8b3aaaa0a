"""The mock of Ollama: native API and the OpenAI-compatible one, over one set of models."""
