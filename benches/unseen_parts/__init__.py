"""Parts of `benches/unseen.py`: solids and their projection, anatomy, deposits, exposure."""
