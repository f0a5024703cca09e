//! What else is in the picture: exposed field, body outline, skeleton, metal, side markers and text, limb axis.
