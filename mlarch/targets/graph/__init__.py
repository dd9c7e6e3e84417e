"""The architecture as a picture: one graph of its blocks, drawn as SVG, Mermaid or DOT."""
