"""Both flows on the sample files: the library's own use cases, shown and then checked."""
