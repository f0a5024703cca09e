//! Response to mask: Otsu, hysteresis, robust levels. Does not know where the response came from.
