"""The base of the engine: the JSON codec, settings as forms, files, sentences. Imports only the standard library."""
