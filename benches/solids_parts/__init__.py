"""Parts of `benches/solids.py`: solids and their projection, anatomy, deposits, exposure."""
