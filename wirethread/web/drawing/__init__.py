"""How answers look: words, numbers, and drawings in SVG without a style of their own."""
