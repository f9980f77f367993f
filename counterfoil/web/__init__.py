"""What all pages share: texts, templates, style, scripts, and the headers that keep them safe."""
